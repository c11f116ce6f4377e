"""Microdata of a page as a tree of schema.org nodes, in the shape of JSON-LD (HTML Standard, 5.2; without itemref).

Written here because extruct's extractor recurses: a page that nests deep enough raises RecursionError while a lock
of lxml's XPath is held, and the next page waits for that lock forever (seen 2026-11-21 with extruct 0.18, lxml 6.1).
"""

from typing import Any

import lxml.etree
from lxml.html import HtmlElement

from earshot.scraping.elements import text_of

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


def in_microdata(page: HtmlElement) -> list[Node]:
    """The items that are no property of another, each with its properties as lists."""
    roots: list[Node] = []
    open_items: list[Node] = []
    for event, element in lxml.etree.iterwalk(page, events=("start", "end")):
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
    return roots


def _value(element: HtmlElement) -> str:
    attribute = VALUE_IN.get(element.tag, "content")
    return element.get(attribute) or " ".join(text_of(element).split())
