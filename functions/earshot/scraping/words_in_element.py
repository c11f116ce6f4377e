"""The words inside an element of a page, such as those of a link or a caption, at bounded cost."""

from collections.abc import Collection, Iterator
from itertools import islice

from lxml.etree import _Element as Element

from earshot.audio import clean

TEXT_BYTES = 500  # of a link's words: context for a reader, not the whole text
MOST_INNER = 20  # elements that are searched for the words of one


def text_of(element: Element | None, limit: int = 4 * TEXT_BYTES) -> str:
    """Text inside an element, cut at `limit` characters and behind `MOST_INNER` elements, which may all be empty."""
    if element is None or not len(element):
        return str(element.text or "")[:limit] if element is not None else ""
    words, length = [], 0
    for text in islice(texts_in(element), 2 * MOST_INNER):
        if text:
            words.append(text)
            length += len(text)
            if length > limit:
                break
    return " ".join(words)[:limit]


def words_of(element: Element) -> str | None:
    """Text of a link, as written, or its label."""
    text = text_of(element)[: 2 * TEXT_BYTES]
    return text if text and not text.isspace() else label_of(element)


def label_of(element: Element) -> str | None:
    """Its title, its label for screen readers or what stands for its image, the first that there is."""
    label = element.get("title") or element.get("aria-label") or element.get("alt")
    return (clean(label, TEXT_BYTES) or None) if label else None


def caption_of(element: Element, owner: Element, known: dict[Element, str | None]) -> str | None:
    """Caption of the figure around a player; each figure and player is searched once, however many it contains."""
    label = label_of(element)
    if label is None:
        if owner not in known:
            known[owner] = label_of(owner) or clean(owner.get("data-title") or "", TEXT_BYTES) or None
        label = known[owner]
    figure = next(element.iterancestors("figure"), None)
    if label is not None or figure is None:
        return label
    if figure not in known:
        known[figure] = clean(text_of(figure.find(".//figcaption")), TEXT_BYTES) or None
    return known[figure]


def texts_in(
    element: Element, left_out: Element | None = None, unread: Collection[object] = ()
) -> Iterator[str | None]:
    """The text before, in and behind each inner element, in order.

    Args:
        element: around them.
        left_out: one of them, of which only the text behind it counts.
        unread: tags of more such.
    """
    yield element.text
    opened = [(element, iter(element))]  # no recursion, which costs as many steps a text as elements are open
    while opened:
        parent, children = opened[-1]
        child = next(children, None)
        if child is None:
            opened.pop()
            if opened:
                yield parent.tail
        elif child is left_out or child.tag in unread:
            yield child.tail
        else:
            yield child.text
            opened.append((child, iter(child)))
