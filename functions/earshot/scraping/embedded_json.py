"""Audio in JSON that a page carries for its scripts: URLs with titles and durations, whatever the schema.

A text is taken for audio by its ending, by the media type beside it, or by a key that only audio has (`mp3-128`,
`audioUrl`). Bounded in values, depth and time: one pass over the tree.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import duration_ms
from earshot.scraping.extracted_links import Columns, Resolver, inherited, non_empty
from earshot.scraping.media_types import has_audio_extension, is_audio_type
from earshot.scraping.text_links import UNITS_OF_URL_IN_CODE, urls_in

DEEPEST = 60
LONGEST_KEY = 61  # characters; one that is longer is none that we know
LONGEST_TITLE = 300
LONGEST_URL = 2048
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
TITLE_KEYS = ("title", "name", "headline", "episodeTitle", "episode_title", "trackTitle", "label", "caption")
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
    waiting: list[tuple[Any, str, Columns, int]] = [(root, "", {}, 0) for root in reversed(roots)]
    while waiting:
        value, key, about, depth = waiting.pop()
        if not links.work.spend(1):
            continue
        if isinstance(value, str):
            yield from _text(value, key, about, links, found_by, rooted)
        elif isinstance(value, list) and depth < DEEPEST:
            waiting += [(one, key, about, depth + 1) for one in reversed(value)]
        elif isinstance(value, Mapping) and depth < DEEPEST:
            here = inherited(about if key.lower() not in ABOUT_PICTURES else {}, _columns(value))
            kind = _declared_type(value)
            for name, one in reversed(list(value.items())):
                if isinstance(one, str) and kind and str(name).lower() in URL_KEYS:
                    waiting.append((one, "audioUrl", here | {"declared_type": kind}, depth + 1))
                elif isinstance(one, str | list | Mapping):
                    within = f"audio{name}" if key.lower() == "audio" and str(name).lower() in URL_KEYS else str(name)
                    waiting.append((one, within[:LONGEST_KEY], here, depth + 1))


def _text(text: str, key: str, about: Columns, links: Resolver, found_by: str, rooted: bool) -> Iterator[Candidate]:
    if len(text) < 5 or (text.startswith("aHR0c") and not (text := _from_base64(text))):
        return
    if len(text) > LONGEST_URL or "<" in text:
        for url in urls_in(text):
            links.work.charge(UNITS_OF_URL_IN_CODE)
            yield from _candidate(url, about, links, "entry" if "<" in text else found_by, player=False)
        return
    is_key = AUDIO_KEY.fullmatch(key[:60]) is not None
    is_rooted = text.startswith(("http://", "https://", "/"))
    is_placed = is_rooted or ("/" in text and " " not in text and (is_key or key.lower() in URL_KEYS or not rooted))
    if is_placed and has_audio_extension(text):
        yield from _candidate(text, about, links, found_by, player=False)
    elif is_key and is_rooted and len(text) > 8:
        yield from _candidate(text, about, links, found_by, player=True)
    elif text[0] in "{[" and ("http" in text or "\\/" in text):  # JSON within JSON
        for url in urls_in(text):
            yield from _candidate(url, about, links, found_by, player=False)


def _candidate(text: str, about: Columns, links: Resolver, found_by: str, *, player: bool) -> Iterator[Candidate]:
    if url := links.recording(text, about.get("declared_type"), player=player):
        yield Candidate(url, found_by, about)


def _columns(node: Mapping[Any, Any]) -> Columns:
    title = next((node[key] for key in TITLE_KEYS if isinstance(node.get(key), str) and node[key]), None)
    length = next((node[key] for key in DURATION_KEYS if isinstance(node.get(key), str | int | float)), "")
    is_title = isinstance(title, str) and len(title) <= LONGEST_TITLE
    return non_empty(link_text=title if is_title else None, declared_duration_ms=_duration(length))


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
