"""Audio in JSON that a page carries for its scripts: URLs with titles and durations, whatever the schema.

A text is taken for audio by its ending, by the media type beside it, or by a key that only audio has (`mp3-128`,
`audioUrl`). Bounded in values, depth and time: one pass over the tree.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import duration_ms
from earshot.scraping.extracted_links import Columns, Resolver, inherited, non_empty
from earshot.scraping.generic_titles import json_title
from earshot.scraping.media_types import has_audio_extension, is_audio_type
from earshot.scraping.text_links import ENDS, UNITS_OF_URL_IN_CODE, urls_in

DEEPEST = 60
LONGEST_KEY = 61  # characters; one that is longer is none that we know
LONGEST_TITLE = 300
SHORTEST_URL, LONGEST_URL = 5, 2048
ROOTED = ("http://", "https://", "/")
AUDIO_KEY = re.compile(  # a key under which only the URL of audio is found
    r"(?:mp3|ogg|m4a|aac|opus|wav|flac)(?:[_-]?(?:url|src|file|link|href|source|hq|lq|high|low|\d{2,3}|v\d))?|"
    r"(?:episode|podcast|track|media|stream|download)?[_-]?audio[_-]?(?:file|track)?[_-]?(?:url|src|href|file|link|source|uri)|"
    r"enclosure[_-]?url|(?:sound|song)[_-]?(?:url|file|src)|audio[_-]?(?:download|stream)[_-]?url",
    re.IGNORECASE,
)
URL_KEYS = frozenset(("url", "src", "href", "file", "uri", "link", "source", "path", "contenturl", "downloadurl"))
TYPE_KEYS = (
    "type",
    "mimeType",
    "mime_type",
    "mimetype",
    "contentType",
    "content_type",
    "encodingFormat",
    "mediaType",
    "mime",
)
NAME_KEYS = ("filename", "file_name")  # of what the scripts put a folder before
TITLE_KEYS = (
    "title",
    "name",
    "headline",
    "headlines",
    "episodeTitle",
    "episode_title",
    "trackTitle",
    "label",
    "caption",
)
TEXT_KEYS = ("basic", "rendered")  # of a title that is an object, as in Arc and WordPress
DURATION_KEYS = (
    "duration",
    "durationSeconds",
    "duration_seconds",
    "length_seconds",
    "durationInSeconds",
    "duration_in_seconds",
)
ABOUT_PICTURES = frozenset(
    ("image", "images", "thumbnail", "artwork", "poster", "icon", "logo", "cover", "video", "videos")
)


def in_json(roots: list[Any], links: Resolver, found_by: str = "json", *, rooted: bool = False) -> Iterator[Candidate]:
    """Candidates in parsed JSON, in document order.

    Args:
        roots: the values.
        links: resolves their URLs.
        found_by: kind of mention.
        rooted: a URL must be absolute or begin with a slash, unless its key is one for URLs; else a relative one with a
            folder will do as well.
    """
    waiting: list[tuple[Any, str, _Around, int]] = [(root, "", _Around(None, {}), 0) for root in reversed(roots)]
    while waiting:
        value, key, around, depth = waiting.pop()
        if not links.work.spend(1):
            continue
        if isinstance(value, str):
            yield from _text(value, key, around, links, found_by, rooted)
        elif isinstance(value, list) and depth < DEEPEST:
            waiting += [(one, key, around, depth + 1) for one in reversed(value) if _may_hold_audio(one, key)]
        elif isinstance(value, dict) and depth < DEEPEST:
            waiting += _members(value, key, around, depth + 1)


@dataclass(slots=True)
class _Around:
    """An object around a value, and those around that."""

    outer: "_Around | None"
    node: Mapping[str, Any]
    declared_type: str | None = None
    """Of the audio that the object's URL leads to."""
    _columns: Columns | None = None

    @property
    def columns(self) -> Columns:
        """What they say about a recording; looked at only where there is one, and once each."""
        if self._columns is None:
            own = _columns(self.node) | ({"declared_type": self.declared_type} if self.declared_type else {})
            self._columns = inherited(self.outer.columns if self.outer else {}, own)
        return self._columns


def _members(node: dict[str, Any], key: str, around: _Around, depth: int) -> Iterator[tuple[Any, str, _Around, int]]:
    """Values of an object that may hold audio, the last first, each under its key."""
    here = _Around(None if key.lower() in ABOUT_PICTURES else around, node)
    typed: _Around | None = None
    is_of_audio = key.lower() == "audio"
    for name, one in reversed(node.items()):
        is_for_urls = name.lower() in URL_KEYS
        if is_for_urls and isinstance(one, str):
            typed = typed or _Around(here, {}, _declared_type(node))
            if typed.declared_type:
                yield one, "audioUrl", typed, depth
                continue
        within = f"audio{name}" if is_of_audio and is_for_urls else name
        if _may_hold_audio(one, within):
            yield one, within[:LONGEST_KEY], here, depth


def _may_hold_audio(value: Any, key: str) -> bool:
    """Whether a value may hold audio; of most texts, a quick look shows that they do not."""
    if not isinstance(value, str):
        return isinstance(value, list | dict)
    if len(value) < SHORTEST_URL:
        return False
    if ("." in value and ENDS.search(value)) or "%" in value or value.startswith("aHR0c"):
        return True
    return value.startswith(ROOTED) and _is_audio_key(key)


@lru_cache(maxsize=4096)
def _is_audio_key(key: str) -> bool:
    return AUDIO_KEY.fullmatch(key[: LONGEST_KEY - 1]) is not None


def _text(text: str, key: str, around: _Around, links: Resolver, found_by: str, rooted: bool) -> Iterator[Candidate]:
    if len(text) < SHORTEST_URL or (text.startswith("aHR0c") and not (text := _from_base64(text))):
        return
    if len(text) > LONGEST_URL or "<" in text:
        for url in urls_in(text):
            links.work.charge(UNITS_OF_URL_IN_CODE)
            yield from _candidate(url, around, links, "entry" if "<" in text else found_by, player=False)
        return
    is_key = _is_audio_key(key)
    is_rooted = text.startswith(ROOTED)
    is_for_urls = is_key or key.lower() in URL_KEYS
    is_placed = is_rooted or (
        "/" in text
        and (begins_with_folder(text) if is_for_urls else not rooted and " " not in text)
        and not key.lower().endswith(NAME_KEYS)
    )
    if is_placed and has_audio_extension(text):
        yield from _candidate(text, around, links, found_by, player=False)
    elif is_key and is_rooted and len(text) > 8:
        yield from _candidate(text, around, links, found_by, player=True)
    elif text[0] in "{[" and ("http" in text or "\\/" in text):  # JSON within JSON
        for url in urls_in(text):
            yield from _candidate(url, around, links, found_by, player=False)


def begins_with_folder(text: str) -> bool:
    """Whether a relative URL begins with the name of a folder, without spaces and colons, and a slash."""
    folder, slash, _ = text.partition("/")
    return slash == "/" and folder.split() == [folder] and ":" not in folder


def _candidate(text: str, around: _Around, links: Resolver, found_by: str, *, player: bool) -> Iterator[Candidate]:
    if url := links.recording(text, around.declared_type, player=player):
        yield Candidate(url, found_by, around.columns)


def _columns(node: Mapping[Any, Any]) -> Columns:
    title = next((text for key in TITLE_KEYS if (value := node.get(key)) and (text := _title(value))), None)
    length = next((node[key] for key in DURATION_KEYS if isinstance(node.get(key), str | int | float)), "")
    return non_empty(link_text=title, declared_duration_ms=_duration(length))


def _title(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next((value[key] for key in TEXT_KEYS if value.get(key)), None)
    return json_title(value) if isinstance(value, str) and len(value) <= LONGEST_TITLE else None


def _duration(length: str | float) -> int | None:
    """A duration as a clock or in ISO 8601; a bare number may mean seconds or milliseconds, so it says nothing."""
    return duration_ms(length) if isinstance(length, str) and (":" in length or "PT" in length) else None


def _declared_type(node: Mapping[Any, Any]) -> str | None:
    kind = next((node[key] for key in TYPE_KEYS if isinstance(node.get(key), str)), None)
    return kind if kind and len(kind) < 100 and is_audio_type(kind) else None


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text[: 2 * LONGEST_URL] + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return ""
