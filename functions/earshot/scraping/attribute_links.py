"""Audio in attributes of any name: `data-…` of players, lists of URLs, JSON, event handlers, custom elements.

A relative URL needs a folder. A bare file name counts only in an attribute that is made for URLs, or where the page
itself proves its folder: another value of the same attribute is the name of a file whose URL is on the page.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml.html import HtmlElement

from earshot.audio import clean
from earshot.scraping.audio_elements import TAGS, TEXT_BYTES, text_of
from earshot.scraping.durations_and_sizes import duration_ms
from earshot.scraping.embedded_json import in_json
from earshot.scraping.extracted_links import Columns, Resolver, non_empty
from earshot.scraping.lenient_json import parse
from earshot.scraping.media_types import file_name, has_audio_extension
from earshot.scraping.renditions import Candidate
from earshot.scraping.text_links import urls_in

HINTS = (
    ".mp3", ".m4a", ".ogg", ".oga", ".wav", ".opus", ".aac", ".flac", ".wma", ".mp2", ".aif", ".MP3", ".WAV", ".M4A",
    "mp3-", "audioUrl", "audio_url", "aHR0c",
)  # fmt: skip
ATTRIBUTES = "//@*[" + " or ".join(f"contains(., '{hint}')" for hint in HINTS) + "]"
READ_ELSEWHERE = frozenset(("href", "src", "content", "data", "flashvars"))  # of the elements in audio_elements
NO_URLS = frozenset(
    ("title", "alt", "class", "id", "style", "aria-label", "download", "placeholder", "name", "itemtype")
)
FOR_URLS = re.compile(r".{0,40}(?:src|url|href|link)", re.IGNORECASE)
SEPARATORS = re.compile(r"[,|;\s]+(?=https?:|/|[\w%.-]+\.)")
LONGEST = 2_000_000  # characters of a value
MOST = 10_000


def in_attributes(page: HtmlElement, links: Resolver, known: Iterable[str]) -> Iterator[Candidate]:
    """Candidates in attributes, in document order.

    Args:
        page: its tree.
        links: resolves its URLs.
        known: URLs of audio that are on the page otherwise.
    """
    bare: dict[str, list[tuple[str, Columns]]] = {}
    folders = {file_name(url): url.rpartition("/")[0] for url in known}
    for value in page.xpath(ATTRIBUTES)[:MOST]:
        element, attribute = value.getparent(), str(value.attrname)
        if attribute in NO_URLS or len(value) > LONGEST or (attribute in READ_ELSEWHERE and element.tag in TAGS):
            continue
        for candidate in _in_value(str(value).strip(), attribute, element, links, bare):
            folders.setdefault(file_name(candidate.url), candidate.url.rpartition("/")[0])
            yield candidate
    for names in bare.values():
        proven = {folders[name] for name, _ in names if name in folders}
        if len(proven) == 1:
            folder = proven.pop()
            for name, columns in names:
                if url := links.recording(f"{folder}/{name}", None):
                    yield Candidate(url, "data", columns)


def _in_value(
    value: str, attribute: str, element: HtmlElement, links: Resolver, bare: dict[str, list[tuple[str, Columns]]]
) -> Iterator[Candidate]:
    found_by = "data" if attribute.startswith("data-") else "attribute"
    columns = _columns(element)
    if value[:1] in ("{", "["):
        roots = parse(value)
        if roots:
            found = False
            for candidate in in_json(roots, links, found_by):
                found = True
                yield Candidate(candidate.url, found_by, columns | candidate.columns, candidate.group)
            if found:
                return
    is_code = attribute.startswith(("on", "@", ":", "x-", "v-", "ng-")) or any(mark in value for mark in "({<")
    texts = list(urls_in(value)) if is_code else SEPARATORS.split(value)[:MOST]
    group = element if 1 < len(texts) <= 4 and not is_code else None
    for text in texts:
        if not has_audio_extension(text):
            continue
        is_placed = "/" in text or FOR_URLS.fullmatch(attribute[:60])
        if not is_placed or (" " in text and not text.startswith(("http", "/"))):
            if len(bare) < MOST and " " not in text:
                bare.setdefault(attribute, []).append((file_name(text), columns))
        elif url := links.recording(text, None):
            same_name = group if len({file_name(one).partition(".")[0] for one in texts}) == 1 else None
            yield Candidate(url, found_by, columns, same_name)


def _columns(element: HtmlElement) -> Columns:
    """Title and duration in neighbouring attributes, else the element's own short text."""
    attributes: dict[str, Any] = dict(element.items())
    title = next((one for name, one in attributes.items() if name.startswith("data-") and name.endswith("title")), None)
    title = title or attributes.get("data-name") or attributes.get("title") or attributes.get("aria-label")
    length = next((one for name, one in attributes.items() if name.startswith("data-") and "duration" in name), "")
    return non_empty(
        link_text=title or clean(text_of(element, TEXT_BYTES)[:TEXT_BYTES], TEXT_BYTES),
        declared_duration_ms=duration_ms(length) if ":" in length else None,
    )
