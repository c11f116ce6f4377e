"""The text that stands around a link or player and says what it is of: of its row, its list item, its line; bounded."""

from collections.abc import Sequence

from lxml.etree import _Element as Element

from earshot.audio import clean
from earshot.scraping.generic_titles import is_title
from earshot.scraping.media_types import has_audio_extension
from earshot.scraping.words_in_element import TEXT_BYTES, label_of, text_of, texts_in
from earshot.scraping.work_budget import WorkBudget

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = frozenset(("div", "p", "td", "span", "figure", "section", "article"))
INLINE = frozenset(("a", "b", "strong", "em", "i", "span", "cite", "label", "font", "u"))
NO_TEXT = frozenset(
    ("script", "style", "noscript", "template", "audio", "video", "object", "button", "select", "svg", "iframe", "time")
)
MOST_PARTS = 40  # elements of an item that are looked at
MOST_CELLS = 12  # of a row
MOST_LEVELS = 4  # of blocks around an element
LONGEST_BESIDE = 200  # characters of a block's text that is a title; a longer one is a text of its own
SEPARATORS = " |·\u2013-\u2014:,;/•►▶↓⬇"
PARTS_A_UNIT = 8  # of work


class Beside:
    """Texts of the items and blocks of a page, without the link that they are beside."""

    def __init__(self, work: WorkBudget) -> None:
        """Create one that takes what it reads from `work`."""
        self.work = work
        self._too_long: set[Element] = set()
        """Blocks that hold more than what stands beside one link: they are read once."""

    def of_item(self, item: Element, element: Element) -> str | None:
        """The title that a row or list item gives an element in it: of a row, the first cell that is one."""
        if item.tag == "dd":
            term = item.getprevious()
            if term is not None and term.tag == "dt" and (text := self._title(term, element)):
                return text
        if item.tag != "tr":
            return self._title(item, element)
        for number, cell in enumerate(item):
            if number == MOST_CELLS or self.work.left <= 0:
                break
            if (text := self._title(cell, element)) and _is_of_words(text):
                return text
        return None

    def of_block(self, block: Element, element: Element) -> str | None:
        """The text of a block without an element in it, if it is short."""
        if block in self._too_long:
            return None
        text, is_whole = self._text(block, element)
        if not is_whole or len(text) > LONGEST_BESIDE:
            self._too_long.add(block)
            return None
        return text if is_title(text) and _is_of_words(text) else None

    def _title(self, item: Element, element: Element) -> str | None:
        text, _ = self._text(item, element)
        return text if text and is_title(text) else None

    def _text(self, container: Element, element: Element) -> tuple[str, bool]:
        """The text in a container but for an element, and whether that is all of it."""
        texts, length, parts = [], 0, 0
        for part in texts_in(container, element, NO_TEXT):
            parts += 1
            if part and not part.isspace():
                text = clean(part[: 4 * TEXT_BYTES], TEXT_BYTES).strip(SEPARATORS)
                if text and text not in texts and is_title(text) and (" " in text or "_" not in text):  # no icon's name
                    texts.append(text)
                    length += len(text)
            if parts > 2 * MOST_PARTS or length > TEXT_BYTES:
                break
        self.work.charge_of_rest(1 + parts // PARTS_A_UNIT)
        text = texts[0] if len(texts) == 1 else clean(" ".join(texts), TEXT_BYTES)
        return text, parts <= 2 * MOST_PARTS and length <= TEXT_BYTES


def text_beside(element: Element, around: Sequence[Element], beside: Beside) -> str | None:
    """The text directly before an element, else that of the smallest block around it that has one."""
    previous = element.getprevious()
    parent = around[0] if around else None
    text = previous.tail if previous is not None else parent.text if parent is not None else None
    if previous is not None and previous.tag in INLINE and (not text or text.isspace()):
        text = text_of(previous) if not has_audio_extension(previous.get("href") or "") else None
    text = clean(text[-4 * TEXT_BYTES :], TEXT_BYTES).strip(SEPARATORS) if text else ""
    if text and is_title(text) and _is_of_words(text):
        return text
    for block in around[:MOST_LEVELS]:
        if beside.work.left <= 0:
            return None
        if block.tag in BLOCKS and (text := beside.of_block(block, element)):
            return text
    return None


def own_label(element: Element) -> str | None:
    """What an element's own attributes call it: its label, or a telling name to save it under."""
    label = label_of(element)
    if label and is_title(label):
        return label
    name = element.get("download")
    if not name:
        return None
    name = clean(name, TEXT_BYTES)
    stem = name.rpartition(".")[0] if has_audio_extension(name) else name
    return stem if " " in stem and is_title(stem) else None


def _is_of_words(text: str) -> bool:
    """Whether a text is more than a date, a number or a size."""
    return sum(map(str.isalpha, text)) > sum(map(str.isdigit, text))
