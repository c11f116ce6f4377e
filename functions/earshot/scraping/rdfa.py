"""RDFa Lite of a page as a tree of nodes, in the shape of JSON-LD (RDFa Lite 1.1: vocab, typeof, property, resource).

Written here because the libraries for all of RDFa build a graph, and take seconds for a page.
"""

from itertools import islice
from typing import Any

import lxml.etree
from lxml.html import HtmlElement

from earshot.scraping.audio_elements import text_of

Node = dict[str, Any]
VALUES = (
    "content",
    "resource",
    "href",
    "src",
    "data",
    "datetime",
)  # where a property keeps its value, if not in its text
MOST_EVENTS = 200_000


def in_rdfa(page: HtmlElement) -> list[Node]:
    """Nodes of a type that are no property of another, each with its properties as lists."""
    roots: list[Node] = []
    open_nodes: list[Node] = []
    for event, element in islice(lxml.etree.iterwalk(page, events=("start", "end")), MOST_EVENTS):
        typed = element.get("typeof") is not None
        if event == "end":
            if typed:
                open_nodes.pop()
            continue
        names = [_local(name) for name in (element.get("property") or "").split()]
        value: Any = {"@type": [_local(name) for name in element.get("typeof").split()]} if typed else None
        if typed and not names:
            roots.append(value)
        elif names and open_nodes:
            value = value or _value(element)
            for name in names:
                open_nodes[-1].setdefault(name, []).append(value)
        elif typed:
            roots.append(value)
        if typed:
            open_nodes.append(value)
    return roots


def _local(name: str) -> str:
    return name.rpartition("/")[2].rpartition(":")[2]


def _value(element: HtmlElement) -> str:
    value = next((element.get(name) for name in VALUES if element.get(name)), None)
    return value or " ".join(text_of(element).split())
