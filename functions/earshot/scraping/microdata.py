"""Microdata of a page as a tree of schema.org nodes, in the shape of JSON-LD (HTML Standard, 5.2).

Written here because extruct's extractor recurses: a page that nests deep enough raises RecursionError while a lock
of lxml's XPath is held, and the next page waits for that lock forever (seen 2026-11-21 with extruct 0.18, lxml 6.1).
"""

from itertools import islice
from typing import Any

import lxml.etree
from lxml.html import HtmlElement

from earshot.scraping.audio_elements import text_of

Node = dict[str, Any]
VALUE_IN = {  # where an element keeps its value, if not in its text (5.2.4)
    "meta": "content",
    "data": "value",
    "meter": "value",
    "time": "datetime",
    "object": "data",
    **dict.fromkeys(("a", "area", "link"), "href"),
    **dict.fromkeys(("audio", "embed", "iframe", "img", "source", "track", "video"), "src"),
}
MOST_REFERENCES, MOST_EVENTS = 100, 20_000  # of a page, and of what one of them leads through


def in_microdata(page: HtmlElement) -> list[Node]:
    """The items that are no property of another, each with its properties as lists.

    What an item names in `itemref` is read as if it stood inside; what that names in turn is not followed.
    """
    referring: list[tuple[Node, str]] = []
    roots = _items(page, [], referring)
    elements = reversed(list(page.iter())) if referring else ()  # of those with one id, the first counts
    identified = {element.get("id"): element for element in elements}
    for item, identity in referring[:MOST_REFERENCES]:
        if identity in identified:
            _items(identified[identity], [item], [], MOST_EVENTS)
    return roots


def _items(
    top: HtmlElement, open_items: list[Node], referring: list[tuple[Node, str]], most: int | None = None
) -> list[Node]:
    """Items of an element and below it that are no property of another; the last open one gets its properties."""
    roots: list[Node] = []
    for event, element in islice(lxml.etree.iterwalk(top, events=("start", "end")), most):
        is_item = element.get("itemscope") is not None
        if event == "end":
            if is_item:
                open_items.pop()
            continue
        names = (element.get("itemprop") or "").split()
        value: Any = {"@type": (element.get("itemtype") or "").split()} if is_item else None
        if names and open_items:
            value = value or _value(element)
            for name in names:
                open_items[-1].setdefault(name, []).append(value)
        elif is_item:
            roots.append(value)
        if is_item:
            open_items.append(value)
            referring += [(value, identity) for identity in (element.get("itemref") or "").split()]
    return roots


def _value(element: HtmlElement) -> str:
    attribute = VALUE_IN.get(element.tag, "content")
    return element.get(attribute) or " ".join(text_of(element).split())
