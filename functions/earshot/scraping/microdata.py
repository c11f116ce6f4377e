"""Microdata of a page as a tree of schema.org nodes, in the shape of JSON-LD (HTML Standard, 5.2).

Written here because extruct's extractor recurses: a page that nests deep enough raises RecursionError while a lock
of lxml's XPath is held, and the next page waits for that lock forever (seen 2026-11-21 with extruct 0.18, lxml 6.1).
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml.etree import XPath
from lxml.etree import _Element as Element

from earshot.scraping.enclosing_microdata_or_rdfa_item import Known, Node, enclosing_node
from earshot.scraping.words_in_element import text_of

DESCRIBING = XPath("descendant-or-self::*[@itemprop or @itemscope]")
IDENTIFIED = XPath("//*[@id]")
VALUE_IN = {  # where an element keeps its value, if not in its text (5.2.4)
    "meta": "content",
    "data": "value",
    "meter": "value",
    "time": "datetime",
    "object": "data",
    **dict.fromkeys(("a", "area", "link"), "href"),
    **dict.fromkeys(("audio", "embed", "iframe", "img", "source", "track", "video"), "src"),
}
MOST_REFERENCES, MOST_ELEMENTS = 50, 100  # of a page, and of what one of them leads through


def in_microdata(page: Element) -> list[Node]:
    """The items that are no property of another, each with its properties as lists.

    What an item names in `itemref` is read as if it stood inside; what that names in turn is not followed.
    """
    referring: list[tuple[Node, str]] = []
    roots = _items(page, None, referring)
    identified: dict[str, Element] = {}
    for element in reversed(IDENTIFIED(page) if referring else ()):  # of those with one id, the first counts
        identified[element.get("id")] = element
    for item, identity in referring[:MOST_REFERENCES]:
        if identity in identified:
            _items(identified[identity], item, [], MOST_ELEMENTS)
    return roots


def _items(
    top: Element, around_top: Node | None, referring: list[tuple[Node, str]], most: int | None = None
) -> list[Node]:
    """Items of an element and below it that are no property of another; `around_top` gets its properties."""
    roots: list[Node] = []
    known: Known = {}
    for element in DESCRIBING(top) if most is None else _first_of(top, most):
        names = (element.get("itemprop") or "").split()
        is_item = element.get("itemscope") is not None
        value: Any = {"@type": (element.get("itemtype") or "").split()} if is_item else None
        around = enclosing_node(element, top, known, around_top)
        if names and around is not None:
            value = value or _value(element)
            for name in names:
                around.setdefault(name, []).append(value)
        elif is_item:
            roots.append(value)
        if is_item:
            known[element] = value
            referring += [(value, identity) for identity in (element.get("itemref") or "").split()]
    return roots


def _first_of(top: Element, most: int) -> Iterator[Element]:
    """The first few that describe something; that it holds much else does not matter."""
    near = islice(top.iter(), 10 * most)
    return islice((one for one in near if one.get("itemprop") is not None or one.get("itemscope") is not None), most)


def _value(element: Element) -> str:
    attribute = VALUE_IN.get(element.tag, "content")
    return element.get(attribute) or " ".join(text_of(element).split())
