"""Audio in attributes of any name: `data-…` of players, lists of URLs, JSON, event handlers, custom elements.

A relative URL needs a folder. A bare file name counts only in an attribute that is made for URLs, or where the page
itself proves its folder: another value of the same attribute is the name of a file whose URL is on the page.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml.etree import XPath
from lxml.etree import _Element as Element

from earshot.audio import clean
from earshot.scraping.attribute_names import ANY, NO_URLS, READ_ELSEWHERE, READ_TAGS
from earshot.scraping.audio_elements import units_of
from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import duration_ms
from earshot.scraping.embedded_json import ROOTED, begins_with_folder, in_json
from earshot.scraping.extracted_links import Columns, Resolver, non_empty
from earshot.scraping.lenient_json import parse
from earshot.scraping.media_types import file_name, has_audio_extension
from earshot.scraping.script_links import relative_urls_in
from earshot.scraping.text_links import ENDS, OF_MODEL, SCHEMES, UNITS_OF_URL_IN_CODE, urls_in
from earshot.scraping.words_in_element import TEXT_BYTES, text_of

PLAIN_NAME = re.compile(r"[a-z][a-z0-9_-]*+")
FOR_URLS = ("src", "url")  # endings of attributes that hold URLs which are relative to the page
FOR_FILES = (*FOR_URLS, "file", "path", "audio", "mp3", "href", "link", "track", "source")  # that hold paths
ARE_URLS = ("data-href", "data-link", "href", "link")  # whole names of others
SEPARATORS = re.compile(r"[,|;\s]++")
LONGEST = 2_000_000  # characters of a value
MOST = 10_000  # of one value, and of attributes with bare names
UNITS_OF_VALUE, UNITS_OF_JSON, UNITS_OF_URL_IN_HANDLER = 4, 7, 5  # of work
CODE = ("on", "@", ":", "x-", "v-", "ng-")  # attributes that hold scripts


@dataclass
class _Described:
    """An element, and what it says about the audio that its attributes name."""

    element: Element

    @cached_property
    def columns(self) -> Columns:
        """Title and duration in neighbouring attributes, else the element's own short text."""
        attributes: dict[str, Any] = dict(self.element.items())
        of_data = [(name, value) for name, value in attributes.items() if name.startswith("data-")]
        title = next((value for name, value in of_data if name.endswith("title")), None)
        title = title or attributes.get("data-name") or attributes.get("title") or attributes.get("aria-label")
        length = next((value for name, value in of_data if "duration" in name), "")
        return non_empty(
            link_text=title or clean(text_of(self.element, TEXT_BYTES)[:TEXT_BYTES], TEXT_BYTES),
            declared_duration_ms=duration_ms(length) if ":" in length else None,
        )


def in_attributes(
    page: Element, links: Resolver, known: Iterable[str], hints: Iterable[bytes], names: set[str]
) -> Iterator[Candidate]:
    """Candidates in attributes, in document order.

    Args:
        page: its tree.
        links: resolves its URLs.
        known: URLs of audio that are on the page otherwise.
        hints: what `hints_in` found in its source.
        names: of the attributes, as `names_in_attributes` gives them.
    """
    bare: dict[str, list[tuple[str, Columns]]] = {}
    folders: dict[str, str] = {}  # of what is on the page, where a bare name needs one
    wanted = [hint.decode() for hint in hints]

    def is_wanted(value: str) -> bool:
        return len(value) > 3 and any(map(value.lower().__contains__, wanted))

    described: _Described | None = None  # once an element, however many of its attributes count
    for value in filter(is_wanted, page.xpath(path) if (path := _path(page, names, is_wanted)) else ()):
        element, attribute = value.getparent(), str(value.attrname)
        if attribute in NO_URLS or len(value) > LONGEST or (attribute in READ_ELSEWHERE and element.tag in READ_TAGS):
            continue
        if not links.work.spend(UNITS_OF_VALUE + units_of(element)):
            continue
        if described is None or described.element is not element:
            described = _Described(element)
        for candidate in _in_value(str(value).strip(), attribute, described, links, bare):
            candidate.element = element
            folders.setdefault(file_name(candidate.url), candidate.url.rpartition("/")[0])
            yield candidate
    if bare:
        folders |= {file_name(url): url.rpartition("/")[0] for url in known}
    for listed in bare.values():
        proven = {folders[name] for name, _ in listed if name in folders}
        if len(proven) == 1:
            folder = proven.pop()
            for name, columns in listed:
                if url := links.recording(f"{folder}/{name}", None):
                    yield Candidate(url, "data", columns)


def in_attributes_for_audio(page: Element, links: Resolver, names: Iterable[str]) -> Iterator[Candidate]:
    """Absolute URLs, whatever they end with, in attributes of which the names say that they are of audio.

    Args:
        page: its tree.
        links: resolves its URLs.
        names: of the attributes, as `names_for_audio` gives them.
    """
    for name in names:
        for value in page.xpath(f"//@{name}"):
            element, text = value.getparent(), str(value).strip()
            if not text.startswith(SCHEMES) or has_audio_extension(text):
                continue
            if links.work.spend(UNITS_OF_VALUE + units_of(element)) and (
                url := links.recording(text, None, player=True)
            ):
                yield Candidate(url, "data", _Described(element).columns, element=element)


def _path(page: Element, names: set[str], is_wanted: Callable[[str], bool]) -> str:
    """XPath of attributes by name; one path, since libxml2 takes n² steps to bring two into document order.

    Empty if none of them has a value that is wanted: to look at the values alone takes a tenth of the time.
    """
    if ANY in names:
        return "//@*"
    names = {name for name in names if not PLAIN_NAME.fullmatch(name) or any(map(is_wanted, _values(page, name)))}
    if len(names) == 1 and PLAIN_NAME.fullmatch(name := next(iter(names))):
        return f"//@{name}"
    tests = " or ".join(f"name() = '{name}'" for name in sorted(names))
    return f"//@*[{tests}]" if names else ""


def _values(page: Element, name: str) -> list[str]:
    return list(XPath(f"descendant-or-self::*/@{name}", smart_strings=False)(page))


def _in_value(
    value: str,
    attribute: str,
    described: _Described,
    links: Resolver,
    bare: dict[str, list[tuple[str, Columns]]],
) -> Iterator[Candidate]:
    found_by = "data" if attribute.startswith("data-") else "attribute"
    if value[:1] in ("{", "[") and links.work.spend(UNITS_OF_JSON):
        roots = parse(value)
        if roots:
            found = False
            for candidate in in_json(roots, links, found_by):
                found = True
                yield Candidate(candidate.url, found_by, described.columns | candidate.columns, candidate.group)
            if found:
                return
    is_code = attribute.startswith(CODE) or any(mark in value for mark in "({<") or "://" in value.partition("=")[2]
    is_handler = attribute.startswith("on")
    texts = [*urls_in(value), *relative_urls_in(value, is_handler=is_handler)] if is_code else _listed(value)
    stems = {file_name(one).partition(".")[0] for one in texts[:5]}
    group = described.element if 1 < len(texts) <= 4 and len(stems) == 1 and not is_code else None
    for text in texts:
        if not has_audio_extension(text) or (
            is_code and not links.work.spend(UNITS_OF_URL_IN_HANDLER if is_handler else UNITS_OF_URL_IN_CODE)
        ):
            continue
        if not (is_code or _is_placed(text, attribute.lower())):
            if len(bare) < MOST and " " not in text:
                bare.setdefault(attribute, []).append((file_name(text), described.columns))
        elif url := links.recording(text, None):
            yield Candidate(url, found_by, described.columns, group)


def _is_placed(text: str, attribute: str) -> bool:
    """Whether the name of a file, in an attribute given in lower case, is a URL, not a name that lacks its folder."""
    if " " in text and not text.startswith(("http", "/")):  # a path, or words
        return attribute.endswith(FOR_FILES) and (
            begins_with_folder(text) if "/" in text else attribute.endswith(FOR_URLS)
        )
    return "/" in text or attribute.endswith(FOR_URLS) or attribute in ARE_URLS


def _listed(value: str) -> list[str]:
    """URLs of a list, or the one that the value is; a URL may itself contain commas and spaces."""
    texts, at = [], 0
    endings = ENDS.finditer(value)
    ending = next(endings, None)
    for separator in SEPARATORS.finditer(value):
        while ending is not None and ending.start() < at:
            ending = next(endings, None)
        is_rooted = value.startswith("/", separator.end())
        if separator[0].isspace():
            is_behind_audio = ending is not None and ending.end() <= separator.start()
            is_end = is_behind_audio or (is_rooted and not value.startswith(ROOTED, at))
        else:
            is_end = is_rooted or not separator[0].strip(" |\t\r\n")
        if is_end or value.startswith(SCHEMES, separator.end()):
            texts.append(value[at : separator.start()])
            at = separator.end()
    texts = [OF_MODEL.sub("", text) for text in [*texts, value[at:]][:MOST]]
    parts = value.split(",")
    return parts if len(texts) == 1 and len(parts) > 1 and all(map(has_audio_extension, parts)) else texts
