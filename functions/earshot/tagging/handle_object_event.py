"""What the notification of an object leads to: a row a task, or the mark that its recording is gone.

Not what the event says counts, but what is in the bucket now, so that notifications may come late, twice and in any
order. What cannot be decoded is a row with its reason; the refusal itself is the analyser's to record.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from earshot.audio import Arrival, AudioObject, Refusal, Scalar, audio_id
from earshot.errors import GiveUp, TooLarge, Withdrawn
from earshot.tagging.choose_model import Choice
from earshot.tagging.prediction_rows import prediction_row, reason_row, removal_rows
from earshot.tagging.scores_file import CONTENT_TYPE
from earshot.tagging.vocabulary import TASKS, VISUALS, visuals_name

log = logging.getLogger("earshot.tagging")


class AudioStore(Protocol):
    """Where recordings and what is computed of them lie."""

    def describe(self, name: str) -> AudioObject | None: ...
    def download(self, kept: AudioObject, path: Path) -> bool: ...
    def refusal(self, audio_id: str) -> Refusal | None: ...
    def put_derived(self, name: str, path: Path, content_type: str, metadata: Mapping[str, str]) -> None: ...
    def delete(self, name: str) -> None: ...


class Table(Protocol):
    """Keeps one row a key, the newest; of removals, the first."""

    def upsert(self, row: Mapping[str, Scalar]) -> None: ...


class Tagger(Protocol):
    """The models of the present, and what hears with them."""

    def choices(self) -> Sequence[Choice]: ...
    def tag(self, path: Path, out: Path, choices: Sequence[Choice]) -> Mapping[str, Any]: ...


def tag_object(
    data: Any, *, store: AudioStore, predictions: Table, removals: Table, tagger: Tagger, max_bytes: int
) -> None:
    """Process one delivery: the notification that an object is complete, or gone.

    Args:
        data: data of the CloudEvent, in either shape that `Arrival` reads.
        removals: takes the marks of recordings that are gone.

    Raises:
        BadEvent: not such a notification; the analyser, which gets the same one, records it.
        ComeAgain: the bucket or the table did not answer as it may later.
    """
    started = time.monotonic()
    arrival = Arrival.from_event(data)
    if not arrival.name.startswith("audio/") or arrival.only not in ("", "tagger"):
        return
    kept = store.describe(arrival.name)
    if kept is None:
        _remove(arrival, store, removals)
        return
    fields: dict[str, Any] = {"gcp_url": kept.gcp_url, "audio_id": kept.audio_id}
    fields["traceparent"] = kept.metadata.traceparent
    if kept.generation > arrival.generation:
        log.info("superseded", extra={"fields": fields})
        return
    choices = tagger.choices()
    try:
        rows = _rows(kept, choices, store, tagger, max_bytes)
    except GiveUp as error:
        _upsert(predictions, [reason_row(kept, choice, error) for choice in choices])
        log.info("not tagged", extra={"fields": fields | {"reason": error.reason, "detail": str(error)}})
        return
    if rows is None:
        log.info("superseded", extra={"fields": fields})
        return
    _upsert(predictions, rows)
    cpu_ms = sum(int(str(row.get("cpu_ms") or 0)) for row in rows)
    fields |= {"tasks": len(rows), "cpu_ms": cpu_ms, "processed_ms": round(1000 * (time.monotonic() - started))}
    log.info("tagged", extra={"fields": fields})
    if store.describe(arrival.name) is None:  # deleted meanwhile: that notification may have come before these rows
        _remove(arrival, store, removals)


def _rows(
    kept: AudioObject, choices: Sequence[Choice], store: AudioStore, tagger: Tagger, max_bytes: int
) -> list[dict[str, Scalar]] | None:
    if kept.bytes > max_bytes:
        raise TooLarge(f"{kept.name} is {kept.bytes} bytes, limit is {max_bytes}", bytes=kept.bytes)
    with TemporaryDirectory(prefix="earshot-") as folder:
        path = Path(folder, "audio" + PurePosixPath(kept.name).suffix[:8])
        if not store.download(kept, path):
            return None
        answers = tagger.tag(path, Path(folder), choices)
        tasks: Mapping[str, Mapping[str, Any]] = answers["tasks"]
        rows = []
        for choice in choices:
            scores = Path(folder, f"{choice.task}.json.gz")
            name = f"tags/{choice.task}/{kept.audio_id}.json.gz" if scores.exists() else None
            if name:
                version = str(tasks[choice.task].get("version"))
                metadata = {"generation": str(kept.generation), "version": version}
                store.put_derived(name, scores, CONTENT_TYPE, metadata)
            scores_url = f"gs://{kept.bucket}/{name}" if name else None
            rows.append(
                prediction_row(
                    kept,
                    choice,
                    tasks[choice.task],
                    duration_ms=int(answers["duration_ms"]),
                    scores_url=scores_url,
                )
            )
        visuals = Path(folder, VISUALS)
        if visuals.exists():
            metadata = {"generation": str(kept.generation)}
            store.put_derived(visuals_name(kept.audio_id), visuals, "application/octet-stream", metadata)
        return rows


def _remove(arrival: Arrival, store: AudioStore, removals: Table) -> None:
    """Mark the rows of an object that is gone, and delete its scores."""
    gcp_url = f"gs://{arrival.bucket}/{arrival.name}"
    names = (PurePosixPath(arrival.name).stem, audio_id(gcp_url))
    withdrawn = any(memory.reason == Withdrawn.reason for memory in map(store.refusal, names) if memory)
    for name in names:
        for task in TASKS:
            store.delete(f"tags/{task}/{name}.json.gz")
        store.delete(visuals_name(name))
    because = Withdrawn.reason if withdrawn else "deleted"
    _upsert(removals, removal_rows(gcp_url, arrival.generation, because))
    log.info("gone", extra={"fields": {"gcp_url": gcp_url, "removed_because": because}})


def _upsert(table: Table, rows: Iterable[Mapping[str, Scalar]]) -> None:
    """All rows together: those that wait at the same time share a statement."""
    with ThreadPoolExecutor(len(TASKS)) as pool:
        list(pool.map(table.upsert, rows))
