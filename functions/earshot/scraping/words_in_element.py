"""The words inside an element of a page, such as those of a link or a caption, at bounded cost."""

from collections.abc import Iterator
from itertools import islice

from lxml.etree import _Element as Element

TEXT_BYTES = 500  # of a link's words: context for a reader, not the whole text
MOST_INNER = 30  # elements that are searched for the words of one


def text_of(element: Element | None, limit: int = 4 * TEXT_BYTES) -> str:
    """Text inside an element, cut at `limit` characters and behind `MOST_INNER` elements, which may all be empty."""
    if element is None or not len(element):
        return str(element.text or "")[:limit] if element is not None else ""
    words, length = [], 0
    for text in islice(_texts(element), 2 * MOST_INNER):
        if text:
            words.append(text)
            length += len(text)
            if length > limit:
                break
    return " ".join(words)[:limit]


def _texts(element: Element) -> Iterator[str | None]:
    """The text before, in and behind each inner element, in order."""
    yield element.text
    opened = [(element, iter(element))]  # no recursion, which costs as many steps a text as elements are open
    while opened:
        parent, children = opened[-1]
        child = next(children, None)
        if child is not None:
            yield child.text
            opened.append((child, iter(child)))
        else:
            opened.pop()
            if opened:
                yield parent.tail
