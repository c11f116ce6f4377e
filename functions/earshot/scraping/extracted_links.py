"""Links extracted from a document (page, feed, sitemap, playlist, …), and how several mentions of one become one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from earshot.audio import AudioFound, clean
from earshot.consent import Signal
from earshot.errors import BadUrl
from earshot.scraping.durations_and_sizes import size_bytes
from earshot.scraping.media_types import has_audio_extension, is_audio_type
from earshot.urls import canonical

LICENCE = frozenset(("license", "license_url", "license_from"))
LONG = frozenset(("source_url", "page_url", "license_url", "consent"))
TEXT_BYTES = 500  # of a title, a name, a caption: context for a person, not a document
LONG_BYTES = 2048
MOST_LINKS = 10_000  # of one document; more is a trap, or better asked for as a list

RANK = {  # how sure each kind of mention is that it means audio, and how much it knows; highest first
    kind: rank
    for rank, kind in enumerate(
        (
            "freesound",
            "archive",
            "feed",
            "alternateEnclosure",
            "json-ld",
            "microdata",
            "audio",
            "source",
            "enclosure",
            "og:audio",
            "twitter:player",
            "playlist",
            "alternate",
            "object",
            "entry",
            "a",
            "data",
            "sitemap",
            "page",
            "list",
        )
    )
}


@dataclass
class Extract:
    """Links and signals extracted from one document."""

    found: list[AudioFound] = field(default_factory=list)
    """Each recording once, in order of first mention; `position` counts from 1."""
    pages: list[str] = field(default_factory=list)
    """Canonical URLs that it links to: one step further away."""
    parts: list[str] = field(default_factory=list)
    """Canonical URLs that belong to it: further pages of a feed, children of a sitemap, entries of a playlist."""
    signals: list[Signal] = field(default_factory=list)
    """The owner's preferences for the use of what the document links to."""


def address(text: str | None, base: str) -> str | None:
    """The canonical URL behind a link; None when there is none."""
    try:
        return canonical(text, base) if text else None
    except BadUrl:
        return None


def addresses(texts: Iterable[str | None], base: str) -> list[str]:
    """Canonical URLs, each once, in order; what is none is left out."""
    return list(dict.fromkeys(url for text in texts if (url := address(text, base))))


def non_empty(**columns: Any) -> dict[str, Any]:
    """The columns that have a value, their texts cleaned and cut."""
    texts = {
        name: clean(value, LONG_BYTES if name in LONG else TEXT_BYTES) if isinstance(value, str) else value
        for name, value in columns.items()
    }
    return {name: value for name, value in texts.items() if value}


def inherited(around: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """An element's own columns, completed by those of its context; licence columns are never mixed from both."""
    kept = LICENCE & own.keys() and LICENCE
    return {name: value for name, value in around.items() if name not in kept} | dict(own)


def enclosed(link: Mapping[str, Any], about: Mapping[str, Any], base: str) -> Iterator[AudioFound]:
    """The recording behind an enclosure (`href`, `type`, `length`, `sri`), if it is one by type or extension."""
    href, kind = link.get("href"), link.get("type")
    target = address(href if isinstance(href, str) else None, base)
    kind = kind if isinstance(kind, str) else None
    if target and (is_audio_type(kind) if kind else has_audio_extension(target)):
        columns = non_empty(
            source_url=target,
            found_by=link.get("found_by", "feed"),
            declared_type=kind,
            declared_bytes=size_bytes(link.get("length") or ""),
            declared_sri=link.get("sri"),
        )
        yield AudioFound.model_validate({**about, **columns})


def merged(mentions: Iterable[AudioFound]) -> list[AudioFound]:
    """One `AudioFound` a URL: the surest mention, its gaps filled from the others, numbered from 1."""
    by_url: dict[str, list[AudioFound]] = {}
    for mention in mentions:
        if mention.source_url in by_url or len(by_url) < MOST_LINKS:
            by_url.setdefault(mention.source_url, []).append(mention)
    return [_one(several, position) for position, several in enumerate(by_url.values(), 1)]


def _one(several: list[AudioFound], position: int) -> AudioFound:
    surest, *others = sorted(several, key=lambda mention: RANK.get(mention.found_by or "", len(RANK)))
    known: Mapping[str, Any] = surest.model_dump(exclude_none=True)
    for other in others:
        known = inherited(other.model_dump(exclude_none=True), known)
    return surest.model_copy(update={**known, "position": position})
