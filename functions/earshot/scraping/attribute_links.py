"""Audio in attributes of any name: `data-…` of players, lists of URLs, JSON, event handlers, custom elements.

A relative URL needs a folder. A bare file name counts only in an attribute that is made for URLs, or where the page
itself proves its folder: another value of the same attribute is the name of a file whose URL is on the page.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from lxml.etree import _Element as Element

from earshot.audio import clean
from earshot.scraping.audio_elements import LINKS, TAGS, units_of
from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import duration_ms
from earshot.scraping.embedded_json import in_json
from earshot.scraping.extracted_links import Columns, Resolver, non_empty
from earshot.scraping.lenient_json import parse
from earshot.scraping.media_types import file_name, has_audio_extension
from earshot.scraping.text_links import ENDINGS, OF_MODEL, UNITS_OF_URL_IN_CODE, urls_in
from earshot.scraping.words_in_element import TEXT_BYTES, text_of

ENDING = re.compile(rb"\.(" + ENDINGS.encode() + rb")(?![a-z0-9_])")  # in a source in lower case
KEYS = (b"mp3-", b"audiourl", b"audio_url", b"ahr0c")  # that tell audio where no ending does, the last being base64
KEYS_WITHOUT_AUDIO = [key for key in KEYS if b"audio" not in key]
OF_NAMES = b"abcdefghijklmnopqrstuvwxyz0123456789_@:.-"
NEVER_FIRST = b"0123456789_.-"  # in a name
PLAIN_NAME = re.compile(r"[a-z][a-z0-9_-]*+")
TAG = re.compile(rb"<([a-z][a-z0-9-]{0,60})[\s/]")
ANY = "*"  # stands for all names
LONGEST_NAME = 61  # bytes of an attribute's name
MOST_AROUND = 20  # bytes between it and its value: an equals sign, white space, a quote
LONGEST_BEFORE = 65_536  # bytes before a hint in which its value begins
MOST_HINTS, MOST_NAMES = 2000, 6
READ_ELSEWHERE = frozenset(
    ("href", "src", "content", "data", "flashvars", "value")
)  # of the elements in audio_elements
READ_TAGS = frozenset((*LINKS, *TAGS))
NO_URLS = frozenset(
    ("title", "alt", "class", "id", "style", "aria-label", "download", "placeholder", "name", "itemtype")
)
FOR_URLS = ("src", "url")  # endings of attributes that hold URLs which are relative to the page
ARE_URLS = ("data-href", "data-link", "href", "link")  # whole names of others
SEPARATORS = re.compile(r"[,|;\s]++")
LONGEST = 2_000_000  # characters of a value
MOST = 10_000  # of one value, and of attributes with bare names
UNITS_OF_VALUE, UNITS_OF_JSON = 4, 7  # of work
CODE = ("on", "@", ":", "x-", "v-", "ng-")  # attributes that hold scripts


def hints_in(markup: bytes) -> list[bytes]:
    """Endings of audio files, and keys of players, that occur in the source of a page, given in lower case."""
    endings = set(map(b".".__add__, ENDING.findall(markup)))
    keys = KEYS if b"audio" in markup else KEYS_WITHOUT_AUDIO
    return [*endings, *(key for key in keys if key in markup)]


def names_in_attributes(markup: bytes, hints: Iterable[bytes]) -> set[str]:
    """Names of the attributes that may hold one of the hints and are not read elsewhere; ANY where it takes a search.

    Most pages have none, and the others few: so only these are looked up in the tree.

    Args:
        markup: source of the page, in lower case.
        hints: what `hints_in` found in it.
    """
    spans = _script_spans(markup)
    names: set[str] = set()
    seen = 0
    for hint in hints:
        at = markup.find(hint)
        while at >= 0:
            span = bisect_right(spans, (at, len(markup))) - 1
            script_end = spans[span][1] if span >= 0 else 0
            if at >= script_end:
                seen += 1
                name = _name_at(markup, at) if seen <= MOST_HINTS else ANY
                if name == ANY or len(names) > MOST_NAMES:
                    return {ANY}
                if name:
                    names.add(name)
            at = markup.find(hint, max(at + 1, script_end))
    return names


def _script_spans(markup: bytes) -> list[tuple[int, int]]:
    """Where the texts of scripts begin and end; their attributes are no script."""
    spans = []
    start = markup.find(b"<script")
    while start >= 0:
        begin = markup.find(b">", start)
        end = markup.find(b"</script", begin) if begin >= 0 else -1
        if end < 0:
            spans.append((begin if begin >= 0 else len(markup), len(markup)))
            break
        spans.append((begin, end))
        start = markup.find(b"<script", end)
    return spans


def _name_at(markup: bytes, at: int) -> str:
    """Name of the attribute whose value holds this position; empty if it is read elsewhere, or is none; ANY if unclear.

    A value may contain `>`: what counts is the last quote that opens one and is not closed.
    """
    low = max(0, at - LONGEST_BEFORE)
    text = markup.rfind(b">", low, at)
    values = sorted((markup.rfind(quote, low, at) + 1 for quote in (b'"', b"'")), reverse=True)
    unquoted = markup.rfind(b"=", low, at) + 1
    for value in [*values, unquoted]:
        if value > (text if value == unquoted else 0) and (attribute := _name_before(markup, value)):
            if attribute in NO_URLS:
                return ""
            if attribute not in READ_ELSEWHERE:
                return attribute
            tag = TAG.match(markup, markup.rfind(b"<", max(0, value - LONGEST_BEFORE), value))
            return "" if tag and tag[1].decode() in READ_TAGS else attribute
    return "" if text >= max(*values, 1) else ANY


def _name_before(markup: bytes, value: int) -> str:
    """Name of the attribute whose value begins at this position; empty if no `name=` or `name="` stands before it."""
    before = markup[max(0, value - LONGEST_NAME - MOST_AROUND) : value]
    before = (before[:-1] if before[-1:] in (b'"', b"'") else before).rstrip()
    if before[-1:] != b"=":
        return ""
    before = before[:-1].rstrip()
    return before[len(before.rstrip(OF_NAMES)) :][-LONGEST_NAME:].lstrip(NEVER_FIRST).decode()


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
    values = (
        value for value in page.xpath(_path(names)) if len(value) > 3 and any(map(value.lower().__contains__, wanted))
    )
    described: tuple[Element | None, Columns] = (None, {})  # once an element, however many of its attributes count
    for value in values:
        element, attribute = value.getparent(), str(value.attrname)
        if attribute in NO_URLS or len(value) > LONGEST or (attribute in READ_ELSEWHERE and element.tag in READ_TAGS):
            continue
        if not links.work.spend(UNITS_OF_VALUE + units_of(element)):
            continue
        if described[0] is not element:
            described = (element, _columns(element))
        for candidate in _in_value(str(value).strip(), attribute, *described, links, bare):
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


def _path(names: set[str]) -> str:
    """XPath of attributes by name; one path, since libxml2 takes n² steps to bring two into document order."""
    if ANY in names:
        return "//@*"
    first, *others = sorted(names)
    if not others and PLAIN_NAME.fullmatch(first):
        return f"//@{first}"
    tests = " or ".join(f"name() = '{name}'" for name in sorted(names))
    return f"//@*[{tests}]"


def _in_value(
    value: str,
    attribute: str,
    element: Element,
    columns: Columns,
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
                yield Candidate(candidate.url, found_by, columns | candidate.columns, candidate.group)
            if found:
                return
    is_code = attribute.startswith(CODE) or any(mark in value for mark in "({<") or "://" in value.partition("=")[2]
    texts = list(urls_in(value)) if is_code else _listed(value)
    stems = {file_name(one).partition(".")[0] for one in texts[:5]}
    group = element if 1 < len(texts) <= 4 and len(stems) == 1 and not is_code else None
    for text in texts:
        if not has_audio_extension(text) or (is_code and not links.work.spend(UNITS_OF_URL_IN_CODE)):
            continue
        is_placed = "/" in text or attribute.lower().endswith(FOR_URLS) or attribute.lower() in ARE_URLS
        if not is_placed or (" " in text and not text.startswith(("http", "/"))):
            if len(bare) < MOST and " " not in text:
                bare.setdefault(attribute, []).append((file_name(text), columns))
        elif url := links.recording(text, None):
            yield Candidate(url, found_by, columns, group)


def _listed(value: str) -> list[str]:
    """URLs of a list, or the one that the value is; a URL may itself contain commas."""
    texts, at = [], 0
    for separator in SEPARATORS.finditer(value):
        is_between = value.startswith(("http://", "https://", "/"), separator.end())
        if is_between or not separator[0].strip(" |\t\r\n"):
            texts.append(value[at : separator.start()])
            at = separator.end()
    texts = [OF_MODEL.sub("", text) for text in [*texts, value[at:]][:MOST]]
    parts = value.split(",")
    return parts if len(texts) == 1 and len(parts) > 1 and all(map(has_audio_extension, parts)) else texts


def _columns(element: Element) -> Columns:
    """Title and duration in neighbouring attributes, else the element's own short text."""
    attributes: dict[str, Any] = dict(element.items())
    title = next((one for name, one in attributes.items() if name.startswith("data-") and name.endswith("title")), None)
    title = title or attributes.get("data-name") or attributes.get("title") or attributes.get("aria-label")
    length = next((one for name, one in attributes.items() if name.startswith("data-") and "duration" in name), "")
    return non_empty(
        link_text=title or clean(text_of(element, TEXT_BYTES)[:TEXT_BYTES], TEXT_BYTES),
        declared_duration_ms=duration_ms(length) if ":" in length else None,
    )
