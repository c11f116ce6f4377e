"""Audio in the scripts of a page: JSON (application/json, `__NEXT_DATA__`, assigned objects), else quoted URLs."""

import re
from collections.abc import Iterator
from itertools import chain

from lxml.etree import _Element as Element

from earshot.scraping.candidates import Candidate
from earshot.scraping.embedded_json import begins_with_folder, in_json
from earshot.scraping.extracted_links import Resolver
from earshot.scraping.lenient_json import DECODER, parse
from earshot.scraping.media_types import has_audio_extension
from earshot.scraping.text_links import ENDS, UNITS_OF_URL_IN_CODE, urls_in

KEYS = {  # that tell audio, by a part of theirs
    "mp3-": ("mp3-",),
    "audio": ("audiourl", "audio_url", "audio/"),
    "enclosure": ("enclosureurl", "enclosure_url"),
    "ahr0c": ("ahr0c",),
}
ASSIGNED = re.compile(r"[=(]\s{0,20}(?=[{\[]\s{0,20}[\"{\[])")  # a value with quoted keys behind = or (
KEYED = re.compile(
    r"(?:\b(?:mp3|m4a|oga|ogg|wav|src|url|file|audio|source)[\"']?\s{0,9}[:=]|\bAudio\()\s{0,9}\[?\s{0,9}"
    r"([\"'])([^\"'\t\r\n<>{}$+?*]{3,500}+)\1(?!\s{0,9}\+)",
    re.IGNORECASE,
)
QUOTED = re.compile(r"([\"'])([^\"'\t\r\n<>{}$+?*]{3,500}+)\1(?!\s{0,9}\+)")
LOADED = re.compile(  # a relative URL that the browser itself resolves: against the page
    r"(?:\bfetch\(|\bAudio\(|\.open\(\s{0,9}[\"']GET[\"']\s{0,9},|\.src\s{0,9}=)\s{0,9}([\"'])([\w.~%-]{1,200}+)\1(?!\s{0,9}\+)"
)
AROUND_ENDING = 1100  # characters: a key and a URL, and as much again, in which what is no URL may begin
MOST_OBJECTS = 40  # of a script that are tried as JSON
MOST_FAILURES = 8
UNITS_OF_SCRIPT, UNITS_OF_OBJECT = 5, 6  # of work
LONGEST = 4_000_000  # characters of all scripts of a page that are read


def in_scripts(page: Element, links: Resolver) -> Iterator[Candidate]:
    """Candidates in all scripts but JSON-LD, in document order."""
    left = LONGEST
    for script in page.iter("script"):
        text = script.text or ""
        kind = (script.get("type") or "").lower()
        if "ld+json" in kind or len(text) > left or not _names_audio(text):
            continue
        left -= len(text)
        if not links.work.spend(UNITS_OF_SCRIPT):
            continue
        if "json" in kind or text.lstrip()[:1] in ("{", "["):
            roots = parse(text)
            if not roots:
                links.work.charge(UNITS_OF_OBJECT)
            if roots:
                yield from in_json(roots, links, rooted=True)
                continue
        if "template" in kind or "text/html" in kind or "x-handlebars" in kind:
            continue
        yield from _in_code(text, links)


def _names_audio(text: str) -> bool:
    """Whether a script may name audio."""
    if ENDS.search(text):
        return True
    lower = text.lower()
    return any(key in lower for part, keys in KEYS.items() if part in lower for key in keys)


def _in_code(text: str, links: Resolver) -> Iterator[Candidate]:
    """JSON objects that the code assigns or passes; of what is left, quoted URLs."""
    rest, at, failures = [], 0, 0
    for _ in range(MOST_OBJECTS):
        start = ASSIGNED.search(text, at)
        if start is None or failures >= MOST_FAILURES:
            break
        try:
            value, end = DECODER.raw_decode(text, start.end())
        except (ValueError, RecursionError):
            failures += 1
            links.work.charge(1)
            rest.append(text[at : start.end() + 1])
            at = start.end() + 1
            continue
        rest.append(text[at : start.end()])
        at = end
        if not links.work.spend(UNITS_OF_OBJECT):
            continue
        yield from in_json([value], links, rooted=True)
    rest.append(text[at:])
    code = " ".join(rest)
    for url in [*urls_in(code), *relative_urls_in(code)]:
        if links.work.spend(UNITS_OF_URL_IN_CODE) and (found := links.recording(url, None)):
            yield Candidate(found, "script", {})


def relative_urls_in(code: str, *, is_handler: bool = False) -> Iterator[str]:
    """Relative URLs that are loaded as they are, and those with a folder under a key for URLs, not joined to a text.

    Args:
        code: a script.
        is_handler: it is that of an event, in which any quoted URL with a folder counts, such as that of a function.
    """
    around = list(_around_endings(code))
    for match in chain.from_iterable(LOADED.finditer(code, *span) for span in around):
        if has_audio_extension(match[2]):
            yield match[2]
    quoted = QUOTED if is_handler else KEYED
    for match in chain.from_iterable(quoted.finditer(code, *span) for span in around):
        url = match[2].replace("\\/", "/")
        if begins_with_folder(url) and "://" not in url and has_audio_extension(url):
            yield url


def _around_endings(code: str) -> Iterator[tuple[int, int]]:
    """The parts of a text in which the ending of an audio file occurs, as long before and behind it as URLs may be."""
    begin = end = -1
    for ending in ENDS.finditer(code):
        if ending.start() - AROUND_ENDING > end:
            if end >= 0:
                yield begin, end
            begin = max(0, ending.start() - AROUND_ENDING)
        end = ending.end() + AROUND_ENDING
    if end >= 0:
        yield begin, end
