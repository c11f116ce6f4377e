"""Data from SQL: rows of recordings in, a manifest of judged stretches out.

SQL names the recordings (and stretches, labels, groups); their audio is brought here once, as mono of 16 bits at the
task's rate; frames are joined with the annotations that hold, and frames that nobody judged are dropped and counted.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import numpy as np

from earshot.audio import WEAK, Annotation, AudioObject
from earshot.errors import BadRequest, GiveUp
from earshot.sound.limits_per_file import Limits
from earshot.sound.transcode import transcode
from earshot.training.annotation_join import join
from earshot.training.synthesis.wav_and_spectrum_tools import read_mono
from earshot.training.training_data_manifest import Row
from earshot.training.weak_loudness import EARLIEST, momentary_lufs, weak_annotations

Progress = Callable[[int, int], None]

FACTS = """
SELECT gcp_url, license FROM audio_metadata WHERE removed_at IS NULL AND gcp_url IN UNNEST(@urls)
"""
HOLDING = """
SELECT gcp_url, task, label, start_ms, end_ms, annotator, source, created_at
FROM annotations_current
WHERE task = @task AND gcp_url IN UNNEST(@urls)
ORDER BY gcp_url, start_ms, label
"""
_AT_ONCE = 1000  # recordings a statement
_MOST_S = 3600.0  # of one recording


class Queries(Protocol):
    """The warehouse, read only."""

    def rows(self, sql: str, **parameters: str | Sequence[str]) -> list[Mapping[str, Any]]: ...


class AudioStore(Protocol):
    """The bucket of recordings."""

    def describe(self, name: str) -> AudioObject | None: ...
    def download(self, kept: AudioObject, path: Path) -> bool: ...


@dataclass
class QueryData:
    """The judged stretches, and what was left out.

    Attributes:
        rows: paths are relative to the audio folder; the split is not yet decided.
        dropped: frames without a judgement of at least half of them.
        weak: frames whose label is a program's.
        gone: recordings that are deleted or removed.
        failed: recording and reason of those that could not be decoded.
    """

    rows: list[Row] = field(default_factory=list)
    frames: int = 0
    dropped: int = 0
    weak: int = 0
    gone: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def rows_of_query(
    sql: str,
    task: str,
    labels: Sequence[str],
    hop_ms: int,
    rate_hz: int,
    *,
    queries: Queries,
    store: AudioStore,
    audio: Path,
    weak: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> QueryData:
    """Run the query, bring the audio, and join.

    Args:
        sql: yields gcp_url, and where wanted start_ms and end_ms (only this stretch), label (holds where nobody has
            judged), group_id or `group` (what is never split; the recording where it is missing).
        audio: folder that keeps the transcoded audio; what is there already is not brought again.
        weak: for loudness_class, label what nobody judged by momentary loudness (ITU-R BS.1770).

    Raises:
        BadRequest: the query is no single SELECT, has no column gcp_url, or selects nothing; weak labels of a task
            that has none.
    """
    if weak and task != "loudness_class":
        raise BadRequest(f"there are weak labels for loudness_class alone, not for {task}")
    selected = queries.rows(sql)
    if not selected:
        raise BadRequest("the query selects no row")
    if "gcp_url" not in selected[0]:
        raise BadRequest(f"the query must yield gcp_url; its columns are {', '.join(selected[0])}")
    wanted: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in selected:
        wanted[str(row["gcp_url"])].append(row)
    licences, judgements = _facts(queries, task, sorted(wanted))
    found = QueryData()
    audio.mkdir(parents=True, exist_ok=True)
    for done, (url, parts) in enumerate(sorted(wanted.items()), 1):
        progress(done, len(wanted))
        if url not in licences:
            found.gone += 1
            continue
        try:
            path = _brought(url, store, audio, rate_hz)
        except GiveUp as error:
            found.failed.append((url, str(error)))
            continue
        if path is None:
            found.gone += 1
            continue
        known = [*judgements[url], *_of_query(url, task, parts)]
        _join(found, path, url, licences[url], parts, known, labels, hop_ms, rate_hz, weak)
    return found


def _facts(
    queries: Queries, task: str, urls: Sequence[str]
) -> tuple[dict[str, str], defaultdict[str, list[Annotation]]]:
    licences: dict[str, str] = {}
    judgements: defaultdict[str, list[Annotation]] = defaultdict(list)
    for at in range(0, len(urls), _AT_ONCE):
        some = list(urls[at : at + _AT_ONCE])
        licences |= {row["gcp_url"]: str(row["license"] or "unknown") for row in queries.rows(FACTS, urls=some)}
        for row in queries.rows(HOLDING, urls=some, task=task):
            judgements[row["gcp_url"]].append(Annotation(**row))
    return licences, judgements


def _brought(url: str, store: AudioStore, audio: Path, rate_hz: int) -> Path | None:
    """The recording's audio in the folder; None where the object is gone."""
    kept = store.describe(url.removeprefix("gs://").partition("/")[2])
    if kept is None or kept.gcp_url != url:
        return None
    name = hashlib.sha256(f"{url}#{kept.generation}@{rate_hz}".encode()).hexdigest()[:32]
    path = audio / f"{name}.wav"
    if not path.exists():
        original = audio / f"{name}.original{PurePosixPath(kept.name).suffix[:8]}"
        partial = audio / f"{name}.part"
        try:
            if not store.download(kept, original):
                return None
            transcode(original, partial, "wav", rate_hz=rate_hz, limits=Limits(max_duration_s=_MOST_S))
            partial.rename(path)
        finally:
            original.unlink(missing_ok=True)
            partial.unlink(missing_ok=True)
    return path


def bring(rows: Sequence[Row], store: AudioStore, audio: Path, rate_hz: int) -> tuple[list[Row], int]:
    """Rows whose audio is in the folder now, with its paths, and how many recordings are gone from the bucket."""
    places: dict[str, Path | None] = {}
    audio.mkdir(parents=True, exist_ok=True)
    for uri in sorted({row.uri for row in rows}):
        try:
            places[uri] = _brought(uri, store, audio, rate_hz)
        except GiveUp:
            places[uri] = None
    brought = [replace(row, path=str(place.resolve())) for row in rows if (place := places[row.uri])]
    return brought, sum(place is None for place in places.values())


def _of_query(url: str, task: str, parts: Iterable[Mapping[str, Any]]) -> list[Annotation]:
    """Labels that the query itself gives; they give way to any judgement."""
    return [
        Annotation(
            gcp_url=url,
            task=task,
            label=str(part["label"]),
            start_ms=int(part.get("start_ms") or 0),
            end_ms=int(part["end_ms"]) if part.get("end_ms") is not None else int(_MOST_S * 1000),
            annotator=f"{WEAK}query",
            source="query",
            created_at=EARLIEST,
        )
        for part in parts
        if part.get("label") is not None
    ]


def _join(
    found: QueryData,
    path: Path,
    url: str,
    licence: str,
    parts: Sequence[Mapping[str, Any]],
    known: list[Annotation],
    labels: Sequence[str],
    hop_ms: int,
    rate_hz: int,
    weak: bool,
) -> None:
    wave = read_mono(path, rate_hz)
    if weak:
        known = [*known, *weak_annotations(url, momentary_lufs(wave, rate_hz))]
    count = len(wave) * 1000 // rate_hz // hop_ms
    joined = join(count, hop_ms, known, labels)
    starts = joined.frames * hop_ms
    inside = np.zeros(len(starts), dtype=bool)
    for part in parts:
        end = part.get("end_ms")
        inside |= (starts >= int(part.get("start_ms") or 0)) & (end is None or starts + hop_ms <= int(end))
    group = next((str(part[name]) for part in parts for name in ("group_id", "group") if part.get(name)), url)
    digest = hashlib.sha256(np.round(wave * 32768).astype("<i2").tobytes()).hexdigest()
    found.frames += count
    found.dropped += count - int(inside.sum())
    people = [one for one in known if not one.annotator.startswith(WEAK)]
    judged = join(count, hop_ms, people, labels).frames
    found.weak += int(inside.sum()) - int(np.isin(joined.frames[inside], judged).sum())
    for first, last, truth in _runs(joined.frames[inside], joined.truth[inside]):
        holding = tuple(label for label, holds in zip(labels, truth, strict=True) if holds)
        start, end = first * hop_ms, (last + 1) * hop_ms
        found.rows.append(Row(path.name, holding, start, end, group, "train", licence, digest, (), url))


def _runs(frames: Any, truth: Any) -> Iterable[tuple[int, int, Any]]:
    """First and last frame of each run of successive frames with the same truth."""
    start = 0
    for at in range(1, len(frames) + 1):
        ends = at == len(frames) or frames[at] != frames[at - 1] + 1 or (truth[at] != truth[start]).any()
        if ends and at > start:
            yield int(frames[start]), int(frames[at - 1]), truth[start]
            start = at
