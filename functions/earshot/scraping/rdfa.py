"""RDFa Lite of a page as a tree of nodes, in the shape of JSON-LD (RDFa Lite 1.1: vocab, typeof, property, resource).

Written here because the libraries for all of RDFa build a graph, and take seconds for a page.
"""

from typing import Any

from lxml.etree import XPath
from lxml.etree import _Element as Element

from earshot.scraping.enclosing_microdata_or_rdfa_item import Known, Node, enclosing_node
from earshot.scraping.words_in_element import text_of

DESCRIBING = XPath("//*[@typeof or @property]")
VALUES = (
    "content",
    "resource",
    "href",
    "src",
    "data",
    "datetime",
)  # where a property keeps its value, if not in its text
MOST_ELEMENTS = 100_000


def in_rdfa(page: Element) -> list[Node]:
    """Nodes of a type that are no property of another, each with its properties as lists."""
    roots: list[Node] = []
    known: Known = {}
    for element in DESCRIBING(page)[:MOST_ELEMENTS]:
        types = element.get("typeof")
        names = [_local(name) for name in (element.get("property") or "").split()]
        value: Any = {"@type": [_local(name) for name in types.split()]} if types is not None else None
        around = enclosing_node(element, page, known) if names else None
        if around is not None:
            value = value or _value(element)
            for name in names:
                around.setdefault(name, []).append(value)
        elif types is not None:
            roots.append(value)
        if types is not None:
            known[element] = value
    return roots


def _local(name: str) -> str:
    return name.rpartition("/")[2].rpartition(":")[2]


def _value(element: Element) -> str:
    value = next((element.get(name) for name in VALUES if element.get(name)), None)
    return value or " ".join(text_of(element).split())
