"""Which described thing an element of a page belongs to: that of its nearest ancestor with one (microdata, RDFa)."""

from typing import Any

from lxml.etree import _Element as Element

Node = dict[str, Any]
Known = dict[Element, Node | None]


def enclosing_node(element: Element, top: Element, known: Known, outermost: Node | None = None) -> Node | None:
    """The node around an element. Each ancestor is passed once in all calls together, however deep the page is.

    Args:
        element: in `top`, or that itself.
        top: no ancestor of it is looked at.
        known: elements of which the node around or at them is known, to it; those passed are added.
        outermost: node around `top`.
    """
    passed: list[Element] = []
    around = outermost
    while element is not top and (element := element.getparent()) is not None:
        if element in known:
            around = known[element]
            break
        passed.append(element)
    known.update(dict.fromkeys(passed, around))
    return around
