"""WordPress shortcodes of audio that were left in a text as they are: `[audio src="…"]`, `[audio http://…|…]`."""

from collections.abc import Iterator

from lxml.etree import XPath
from lxml.etree import _Element as Element

from earshot.scraping.text_links import urls_in

START = "[audio"
TEXTS = XPath(f"//body//text()[contains(., '{START}')][not(parent::script or parent::style or parent::code)]")
LONGEST = 2048  # characters of a shortcode
MOST = 1000  # of a text


def in_texts(page: Element) -> Iterator[str]:
    """URLs of audio in the shortcodes of a page's texts."""
    for text in TEXTS(page):
        yield from in_text(str(text))


def in_text(text: str) -> Iterator[str]:
    """URLs of audio in the shortcodes of a text; of one that names several formats, each."""
    at = text.find(START)
    for _ in range(MOST):
        if at < 0:
            return
        end = text.find("]", at, at + LONGEST)
        if end >= 0 and text[at + len(START)].isspace():
            yield from dict.fromkeys(urls_in(text[at:end].replace("“", '"').replace("”", '"').replace("″", '"')))
            at = text.find(START, end)  # what a shortcode contains is read once
        else:
            at = text.find(START, at + len(START))
