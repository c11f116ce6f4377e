"""Links extracted from a document (page, feed, sitemap, playlist, …): recordings, documents, what was left out."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from earshot.audio import AudioFound, clean
from earshot.consent import Signal
from earshot.errors import BadUrl
from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import size_bytes
from earshot.scraping.media_types import has_audio_extension, is_audio, manifest
from earshot.scraping.passed_over import PassedOver
from earshot.scraping.work_budget import WorkBudget
from earshot.urls import canonical, without_credentials

LICENCE = frozenset(("license", "license_url", "license_from"))
LONG = frozenset(("source_url", "page_url", "license_url", "consent"))
TEXT_BYTES = 500  # of a title, a name, a caption: context for a reader, not the whole text
LONG_BYTES = 2048
SHOWN = 500  # characters of a URL that was left out
MOST_PASSED_OVER = 1000  # of one document
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:")
PLACEHOLDER = re.compile(r"\{\{|\$\{|<%|<\?|\{%|\[\[|#\{|\{[a-z_.]{1,40}\}|%7[Bb]%7[Bb]|%24%7[Bb]|\$%7[Bb]")
NO_VALUES = frozenset(("undefined", "null", "none", "nan", "true", "false", "[object object]"))  # of scripts, as texts
UNITS_OF_ODD_HOST, UNITS_OF_BAD_URL, UNITS_OF_ODD_URL, UNITS_OF_RECORDING = 14, 6, 8, 3  # of work
SHORT_URL, PART_OF_BASE, PART_OF_URL = 200, 25, 25  # characters: one more unit for each part beyond a short one
MOST_OF_A_STATEMENT = 300  # characters of a declared type or checksum, which many links may share
Columns = dict[str, Any]


@dataclass
class Extract:
    """Links and signals extracted from one document."""

    found: list[AudioFound] = field(default_factory=list)
    """Each recording once, in order of first mention; `position` counts from 1."""
    linked: Sequence[str] | Callable[[], Sequence[str]] = ()
    """The same as `pages`, or a function that resolves them."""
    parts: list[str] = field(default_factory=list)
    """Canonical URLs that belong to it: further pages of a feed, children of a sitemap, entries of a playlist."""
    moved: list[str] = field(default_factory=list)
    """Canonical URLs that it has moved to, on whatever host."""
    signals: list[Signal] = field(default_factory=list)
    """The owner's preferences for the use of what the document links to."""
    passed_over: list[PassedOver] = field(default_factory=list)
    work: WorkBudget = field(default_factory=WorkBudget)
    """What was left of the work that its size allows."""

    def left_out(self, url: str) -> list[PassedOver]:
        """What is not published of the document at `url`: links, and what its work did not suffice for."""
        return [*self.passed_over, *self.work.refusals(url)]

    @cached_property
    def pages(self) -> list[str]:
        """Canonical URLs that it links to: one step further away. Resolved when first read, which most never are."""
        return list(self.linked() if callable(self.linked) else self.linked)


class Resolver:
    """Resolves the links of one document to canonical URLs, each spelling once, and notes those that are no URL."""

    def __init__(self, base: str, work: WorkBudget | None = None) -> None:
        """Create one for links relative to `base`, an absolute URL.

        Args:
            work: how much of the document is read; links beyond it count as none.
        """
        self.work = work or WorkBudget()
        self.move(base)
        self.passed_over: dict[str, PassedOver] = {}
        self._known: dict[str, str | None] = {}
        self._recordings: dict[tuple[str | None, str | None, bool, bool], str] = {}
        self._audio_links: set[str] = set()

    def move(self, base: str) -> None:
        """Take another URL that links are relative to."""
        self.base = base
        length = len(base.partition("?")[0])
        self._units_of_base = max(0, length - SHORT_URL) // PART_OF_BASE  # of a link, whose base may be long

    def url(self, text: str | None) -> str | None:
        """The canonical URL behind a link; None when there is none, or only the document itself."""
        text = text.strip() if text else ""
        if not text:
            return None
        if text in self._known:
            return self._known[text]
        if not self.work.spend(_units_of(text) + self._units_of_base):
            return None
        url = self._known[text] = self._resolved(text)
        return url

    def urls(self, texts: Iterable[str | None]) -> list[str]:
        """Canonical URLs, each once, in order; what is none is left out."""
        return list(dict.fromkeys(url for text in texts if (url := self.url(text))))

    def pass_over(self, url: str, reason: str, detail: str) -> None:
        """Note that a link is not published."""
        if len(self.passed_over) < MOST_PASSED_OVER:
            shown = clean(without_credentials(url)[:SHOWN], SHOWN)
            self.passed_over.setdefault(shown, PassedOver(shown, reason, detail))

    def recording(self, text: str | None, declared: str | None, *, player: bool = False, is_link: bool = False) -> str:
        """The canonical URL behind a link that means audio; empty if it means none.

        Args:
            declared: its media type, if one was given.
            player: only audio belongs where it was found.
            is_link: it is an ordinary link.
        """
        key = (text, declared, player, is_link)
        known = self._recordings.get(key)
        if known is None:
            if not self.work.spend(2 if text and ("//" in text or "%" in text or "?" in text) else 1):
                return ""
            known = self._recording(text, declared, player=player, is_link=is_link)
            if known and not self.take(UNITS_OF_RECORDING, known):
                return ""
            self._recordings[key] = known
            if text and is_link and known:
                self._audio_links.add(text)
        elif not self.work.spend(1):
            return ""
        return known

    def take(self, units: int, url: str) -> bool:
        """Whether one more URL of audio is taken, which takes so many units of work, and more if it is long."""
        return self.work.spend(units + max(0, len(url) - SHORT_URL) // PART_OF_URL) and self.work.take_recording()

    def means_audio(self, text: str) -> bool:
        """Whether an ordinary link with this text has been resolved to audio."""
        return text.strip() in self._audio_links

    def _recording(self, text: str | None, declared: str | None, *, player: bool, is_link: bool) -> str:
        target = self.url(text)
        if target is None:
            return ""
        if is_audio(target, declared, player=player, is_link=is_link):
            return target
        if not is_link and (kind := manifest(target, declared)):
            self.pass_over(target, "stream", f"{kind} manifest: segments of a stream, no file")
        return ""

    def _resolved(self, text: str) -> str | None:
        if not text or text[0] == "#" or (len(text) < 20 and text.lower() in NO_VALUES):
            return None
        if ("{" in text or "[" in text or "<" in text or "%" in text) and PLACEHOLDER.search(text[:LONG_BYTES]):
            if has_audio_extension(text[:LONG_BYTES]):
                self.pass_over(text, "placeholder", "a template's variable, no URL")
            return None
        scheme = None if text.startswith(("http", "/")) else SCHEME.match(text)
        if scheme and scheme[0].lower() not in ("http:", "https:", "ftp:"):
            return None
        try:
            url = canonical(text, self.base)
        except BadUrl as error:
            self.work.spend(UNITS_OF_BAD_URL)
            if has_audio_extension(text):
                self.pass_over(text, "bad_url", clean(str(error), SHOWN))
            return None
        return url if url != self.base or "#" not in text else None


def _units_of(text: str) -> int:
    """Work to resolve a link: more if its host may be international, an IPv6 address, or have a port, and the like."""
    if text.isascii():
        is_plain = text[0] != "?" and "\\" not in text and text.count(":") <= text.startswith(("http:", "https:"))
        is_plain = is_plain and text.isprintable()  # without line breaks and the like within
        return 1 if is_plain else UNITS_OF_ODD_URL if "[" not in text else UNITS_OF_ODD_HOST
    if "//" not in text and "\\" not in text:
        return 3
    host = text[:2000].replace("\\", "/").partition("//")[2].partition("/")[0]
    return UNITS_OF_ODD_HOST + max(0, len(host) - 24)


def address(text: str | None, base: str) -> str | None:
    """The canonical URL behind a link; None when there is none."""
    try:
        return canonical(text, base) if text else None
    except BadUrl:
        return None


def addresses(texts: Iterable[str | None], base: str) -> list[str]:
    """Canonical URLs, each once, in order; what is none is left out."""
    return list(dict.fromkeys(url for text in texts if (url := address(text, base))))


def non_empty(**columns: Any) -> Columns:
    """The columns that have a value, their texts cleaned and cut."""
    kept: Columns = {}
    for name, value in columns.items():
        if isinstance(value, str):
            value = clean(value, LONG_BYTES if name in LONG else TEXT_BYTES)
        if value:
            kept[name] = value
    return kept


def inherited(around: Mapping[str, Any], own: Mapping[str, Any]) -> Columns:
    """An element's own columns, completed by those of its context; licence columns are never mixed from both."""
    kept = LICENCE & own.keys() and LICENCE
    return {name: value for name, value in around.items() if name not in kept} | dict(own)


def enclosed(link: Mapping[str, Any], about: Mapping[str, Any], links: Resolver) -> Iterator[Candidate]:
    """The recording behind an enclosure, if it is one by type or name.

    Args:
        link: `href`, and if known `type`, `length`, `sri`, `bit_rate_bps`, `found_by`, `group`, `player`, `medium`.
        about: columns of its entry.
        links: resolves its URL.
    """
    if not links.work.spend(1):
        return
    href, kind = link.get("href"), link.get("type")
    kind = kind[:MOST_OF_A_STATEMENT] if isinstance(kind, str) else None
    player = bool(link.get("player")) or link.get("medium") == "audio"
    target = links.recording(href if isinstance(href, str) else None, kind, player=player)
    if target:
        columns = non_empty(
            declared_type=kind,
            declared_bytes=size_bytes(link.get("length") or ""),
            declared_sri=(link.get("sri") or "")[:MOST_OF_A_STATEMENT],
            declared_bit_rate_bps=link.get("bit_rate_bps"),
            declared_duration_ms=link.get("duration_ms"),
        )
        yield Candidate(target, link.get("found_by", "feed"), {**about, **columns}, link.get("group"))
