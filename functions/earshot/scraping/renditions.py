"""Groups the mentions of one recording in a document and orders its renditions by quality: one `AudioFound` each.

One recording may be mentioned as `x.mp3`, as `x.mp3?_=1` by its player, behind a measurement service in the feed, and
as `x.ogg` beside it. Mentions are one recording if they share their identity URL, a group that the document itself
makes (sources of one player, alternate enclosures), or the name of the file but for its ending in the same folder.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from earshot.audio import MAX_ALTERNATIVES, Alternative, AudioFound
from earshot.scraping.candidates import Candidate
from earshot.scraping.media_types import LOSSLESS, file_name
from earshot.scraping.recording_name_in_url import MOVING, RATE, RATE_ENDS, NamedFile, named_file
from earshot.scraping.rendition_groups import grouped

OF_THE_FILE = frozenset(("declared_type", "declared_bytes", "declared_md5", "declared_sri", "declared_bit_rate_bps"))
LICENCE = frozenset(("license", "license_url", "license_from"))
REDUCED = re.compile(
    r"(?:^|[/_.-])(?:transcoded|previews?|samples?|lq|lo|low|mobile|small|snippets?)(?:$|[/_.-])", re.IGNORECASE
)
RANK = {  # how sure each kind of mention is that it means audio, and how much it knows; highest first
    kind: rank
    for rank, kind in enumerate(
        (
            "freesound", "archive", "feed", "alternateEnclosure", "json-ld", "microdata", "rdfa", "audio",
            "source", "enclosure", "video", "og:audio", "twitter:player", "playlist", "alternate", "iframe",
            "object", "entry", "a", "data", "meta", "json", "attribute", "script", "sitemap", "page", "list",
        )
    )
}  # fmt: skip


def recordings(
    candidates: Iterable[Candidate],
    about: Mapping[str, Any] | None = None,
    *,
    first_position: int = 1,
    entitle: Callable[[list[Candidate], list[list[int]]], None] | None = None,
) -> list[AudioFound]:
    """One `AudioFound` a recording, in order of first mention, numbered from `first_position`.

    Args:
        candidates: mentions in the order of the document.
        about: columns of the document, for all of them.
        entitle: gives the mentions titles, once it is known which of them are of one recording (second argument).
    """
    kept = list(candidates)
    files = [named_file(candidate.url) for candidate in kept]
    groups = grouped(kept, files)
    if entitle:
        entitle(kept, groups)
    return [
        _recording([(kept[number], files[number]) for number in members], position, about or {})
        for position, members in enumerate(groups, first_position)
    ]


def _recording(members: list[tuple[Candidate, NamedFile]], position: int, about: Mapping[str, Any]) -> AudioFound:
    if len(members) == 1:  # as most are
        return _made(members, members[0][0].columns, *members[0], about=about, position=position)
    members.sort(key=lambda one: RANK.get(one[0].found_by, len(RANK)))
    by_address: dict[str, list[tuple[Candidate, NamedFile]]] = {}
    for candidate, file in members:
        by_address.setdefault(file.address, []).append((candidate, file))
    renditions = [(_merged([one for one, _ in same]), *_plainest(same)) for same in by_address.values()]
    if len(renditions) > 1:
        renditions.sort(key=_quality)
    columns, first, file = renditions[0]
    for candidate, _ in members:
        columns = _completed(columns, {k: v for k, v in candidate.columns.items() if k not in OF_THE_FILE})
    alternatives = tuple(
        Alternative(url=other.url, **{k: v for k, v in of_other.items() if k in OF_THE_FILE or k == "rendition"})
        for of_other, other, _ in renditions[1 : MAX_ALTERNATIVES + 1]
    )
    return _made(members, columns, first, file, about=about, position=position, alternatives=alternatives)


def _made(
    members: list[tuple[Candidate, NamedFile]],
    columns: dict[str, Any],
    first: Candidate,
    file: NamedFile,
    *,
    about: Mapping[str, Any],
    position: int,
    alternatives: tuple[Alternative, ...] = (),
) -> AudioFound:
    """The recording of some mentions, the surest first, of which `first` is fetched first."""
    own: dict[str, Any] = {"source_url": first.url, "found_by": members[0][0].found_by, "position": position}
    if file.identity != first.url:
        own["identity_url"] = file.identity
    if alternatives:
        own["alternatives"] = alternatives
    return AudioFound.model_validate(_completed(columns, about) | own)


def _plainest(same: list[tuple[Candidate, NamedFile]]) -> tuple[Candidate, NamedFile]:
    """Of mentions of one file, the surest; or one that differs from it by fewer parameters only."""
    surest = same[0][0].url.partition("?")[0]
    return min((one for one in same if one[0].url.partition("?")[0] == surest), key=lambda one: len(one[0].url))


def _merged(same: list[Candidate]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for candidate in same:
        columns = _completed(columns, candidate.columns)
    return columns


def _completed(columns: dict[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """Columns with their gaps filled; a licence is taken from one of the two, whole."""
    if LICENCE & columns.keys():
        others = {k: v for k, v in others.items() if k not in LICENCE}
    return {**others, **columns} if others else columns


def _quality(rendition: tuple[dict[str, Any], Candidate, NamedFile]) -> tuple[bool, bool, bool, float, int]:
    """Sorts the best first: lossless, no video, not reduced, higher bit rate (128 kbit/s if unknown), surer mention."""
    columns, candidate, file = rendition
    rate = columns.get("declared_bit_rate_bps") or 0
    if not rate and columns.get("declared_bytes") and columns.get("declared_duration_ms"):
        rate = columns["declared_bytes"] * 8000 // columns["declared_duration_ms"]
    stem = "" if rate else file_name(candidate.url).rpartition(".")[0][-12:]
    hint = RATE.search(stem) if stem[-1:].lower() in RATE_ENDS else None
    rate = rate or (int(hint[1]) * 1000 if hint and 16 <= int(hint[1]) <= 320 else 128_000)
    is_reduced = REDUCED.search(candidate.url[-200:]) is not None or columns.get("rendition") == "preview"
    return (
        file.ending not in LOSSLESS,
        file.ending in MOVING,
        is_reduced,
        -rate,
        RANK.get(candidate.found_by, len(RANK)),
    )
