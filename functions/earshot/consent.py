"""Signals of owners about the use of a recording: signals in, permission or refusal out, with the evidence kept.

    signal            read from                              denies
    robots.txt        Disallow for our name or *             crawling
    content-usage     robots.txt and header (IETF AIPREF)    train-ai=n and its older names
    content-signal    robots.txt and header                  ai-train=no
    x-robots-tag      header of a recording                  noai, noml, noindex, none
                      header of a page or a feed             noai, noml, nofollow, none: what it links to
    meta robots       element of a page                      noai, noml, nofollow, none: what the page links to
    tdm-reservation   header, meta element, tdmrep.json      1
    podcast:block     feed                                   yes, without an id or with ours
    itunes:block      feed                                   yes
    gen_ai_preference Freesound                              no-gen-ai

Whatever denies nothing is kept as evidence all the same.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from earshot.errors import OptedOut, RobotsForbid

OUR_NAME = "earshot"  # the product token of our User-Agent, by which a site may address us
EVIDENCE_BYTES = 1000  # of JSON: it travels as one entry of an object's metadata
SHOWN = 120  # characters of a value or an address in the evidence

ROBOTS_DENY = frozenset(("noai", "noml", "noindex", "none", "disallowaitraining"))
LINKS_DENY = frozenset(("noai", "noml", "nofollow", "none", "disallowaitraining"))
USAGE_DENY = frozenset(("train-ai", "train-genai", "genai", "ai", "tdm", "bots", "all"))  # AIPREF drafts 00 to 06
SIGNAL_DENY = frozenset(("ai-train",))
WITH_VALUE = frozenset(("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"))
MAX_HEADER_CHARACTERS = 64 * 1024  # of one line; http.client takes no more
MAX_SIGNALS = 100  # of one response or page


class Respect(StrEnum):
    """Which signals are obeyed; all of them are recorded."""

    ALL = "all"
    ROBOTS = "robots"
    NONE = "none-with-warning"


@dataclass(frozen=True)
class Signal:
    """One statement of an owner."""

    signal: str
    value: str
    where: str
    at: datetime
    denies: bool = False

    def as_json(self) -> dict[str, Any]:
        """Short enough to travel."""
        return {
            "signal": self.signal,
            "value": self.value[:SHOWN],
            "where": self.where[:SHOWN],
            "at": self.at.isoformat(timespec="seconds"),
            "denies": self.denies,
        }


def evidence(signals: Iterable[Signal]) -> str | None:
    """A JSON list of the signals, those that deny first, each once; whole ones only, at most 1000 bytes."""
    kept: list[dict[str, Any]] = []
    for signal in sorted(dict.fromkeys(signals), key=lambda one: not one.denies)[:MAX_SIGNALS]:
        longer = [*kept, signal.as_json()]
        if len(json.dumps(longer, ensure_ascii=False).encode()) <= EVIDENCE_BYTES:
            kept = longer
    return json.dumps(kept, ensure_ascii=False) if kept else None


def from_evidence(text: str | None) -> list[Signal]:
    """The signals behind `evidence`; what does not parse is no signal."""
    try:
        items = json.loads((text or "[]")[:MAX_HEADER_CHARACTERS])
    except (ValueError, RecursionError):
        return []
    return [found for one in (items if isinstance(items, list) else [])[:MAX_SIGNALS] if (found := _signal(one))]


def _signal(item: Any) -> Signal | None:
    try:
        signal = Signal(**item | {"at": datetime.fromisoformat(item["at"])})
    except (ValueError, TypeError, KeyError):
        return None
    texts = (signal.signal, signal.value, signal.where)
    return signal if all(isinstance(one, str) for one in texts) and isinstance(signal.denies, bool) else None


def decide(signals: Sequence[Signal], respect: Respect) -> None:
    """Return if nothing that is respected denies the use.

    Raises:
        RobotsForbid: robots.txt disallows, and is respected.
        OptedOut: another signal denies, and all are respected.
    """
    denials = [one for one in signals if one.denies]
    for denial in denials:
        if denial.signal == "robots.txt" and respect != Respect.NONE:
            raise RobotsForbid(f"{denial.where} says {denial.value}", signals=evidence(signals))
    for denial in denials:
        if respect == Respect.ALL:
            raise OptedOut(f"{denial.where} says {denial.signal}: {denial.value}", signals=evidence(signals))


def from_headers(lines: Mapping[str, Sequence[str]], *, where: str, at: datetime) -> list[Signal]:
    """Signals in the headers of an answer.

    Args:
        lines: header name in lower case to its lines, as sent: an X-Robots-Tag line may begin with the name it is for.
    """
    found = []
    for line in _lines(lines, "x-robots-tag"):
        if words := directives(line):
            found.append(Signal("x-robots-tag", ", ".join(sorted(words)), where, at, denies=bool(words & ROBOTS_DENY)))
    for line in _lines(lines, "tdm-reservation"):
        found.append(Signal("tdm-reservation", line.strip(), where, at, denies=line.strip() == "1"))
    for line in _lines(lines, "content-usage"):
        found.append(Signal("content-usage", line.strip(), where, at, denies=denies_usage(line)))
    for line in _lines(lines, "content-signal"):
        found.append(Signal("content-signal", line.strip(), where, at, denies=denies_signal(line)))
    return found


def for_links(signals: Iterable[Signal]) -> list[Signal]:
    """What the headers of a page or feed say about the files it links to.

    `noindex` keeps the page itself out of an index and says nothing about them, `nofollow` does: as with
    `<meta name=robots>`.
    """
    return [
        replace(one, denies=bool(set(one.value.split(", ")) & LINKS_DENY)) if one.signal == "x-robots-tag" else one
        for one in signals
    ]


def _lines(lines: Mapping[str, Sequence[str]], name: str) -> Sequence[str]:
    return [line[:MAX_HEADER_CHARACTERS] for line in lines.get(name, ())[:MAX_SIGNALS]]


def from_meta(names: Iterable[tuple[str, str]], *, where: str, at: datetime) -> list[Signal]:
    """Signals in the meta elements of a page, given as (name, content); they are about what the page links to."""
    found = []
    for name, content in names:
        if name.lower() in ("robots", OUR_NAME):
            words = {word.strip().lower() for word in content.split(",")} - {""}
            found.append(Signal("meta robots", ", ".join(sorted(words)), where, at, denies=bool(words & LINKS_DENY)))
        elif name.lower() == "tdm-reservation":
            found.append(Signal("tdm-reservation", content.strip(), where, at, denies=content.strip() == "1"))
    return found


def directives(line: str) -> set[str]:
    """Words of an X-Robots-Tag line that are meant for everybody or for us, in lower case."""
    words, ours = set(), True
    for part in line.lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() not in WITH_VALUE:
            ours = name.strip() in ("*", OUR_NAME)
            part = rest
        if ours and part.strip():
            words.add(part.strip())
    return words


def denies_usage(text: str) -> bool:
    """Whether a statement of preference (AIPREF, a structured dictionary) denies the use for training."""
    return any(key in USAGE_DENY and value.strip('"') in ("n", "?0") for key, value in members(text))


def denies_signal(text: str) -> bool:
    """Whether a content signal denies the use for training."""
    return any(key in SIGNAL_DENY and value == "no" for key, value in members(text))


def members(text: str) -> list[tuple[str, str]]:
    """Key and value of each member of a structured dictionary (RFC 9651, 3.2), lower case; parameters dropped.

    Read by splitting, in time linear in the text. Commas within quoted values split as well, which is wrong by the
    RFC and harmless here, since no preference is written in quotes with a comma.
    """
    found = []
    for member in text.split(","):
        key, _, value = member.partition(";")[0].partition("=")
        key = key.strip().lower()
        if key and (key[0].isalpha() or key[0] == "*"):
            found.append((key, value.strip().lower()))
    return found
