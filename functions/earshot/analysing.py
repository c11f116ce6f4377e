"""News of an object in; one row of `audio_metadata` out, or one of `refusals` that says why not."""

import json
import logging
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from pydantic import ValidationError

from earshot.audio import (
    Arrival,
    AudioAnalysis,
    AudioObject,
    Refusal,
    Scalar,
    audio_id,
    clean,
    now,
    shard,
)
from earshot.errors import BadEvent, ComeAgain, GiveUp, TooLarge

log = logging.getLogger("earshot.analysing")

Facts = Mapping[str, Scalar]

OURS = ("audio/", "refused/")  # a trigger that cannot be told a prefix brings news of the rest of the shelf too


class Shelf(Protocol):
    """Where recordings and refusals lie."""

    def describe(self, name: str) -> AudioObject | None: ...
    def download(self, kept: AudioObject, path: Path) -> bool: ...
    def refusal(self, audio_id: str) -> Refusal | None: ...


class Table(Protocol):
    """Keeps one row a `gcp_url`, the newest."""

    def upsert(self, row: Facts) -> None: ...


class Measures(Protocol):
    """What is measured of a file; keys of the answers are column names."""

    @property
    def version(self) -> int: ...
    def measure(self, path: Path) -> Facts: ...
    def compare(self, path: Path, reference: Path | None) -> Facts: ...
    def classify(self, loudness_dbfs: float) -> Facts: ...


def analyse(data: Any, *, shelf: Shelf, audio: Table, refusals: Table, measures: Measures, max_bytes: int) -> None:
    """Settle one delivery: the news that an object is complete.

    Args:
        data: data of the CloudEvent, in either shape that `Arrival` reads.

    Raises:
        ComeAgain: the shelf or the table did not answer as it may later.
    """
    started = time.monotonic()
    try:
        arrival = Arrival.from_event(data)
    except BadEvent as error:
        refusals.upsert(_unreadable(data, error, measures.version))
        raise
    if not arrival.name.startswith(OURS):
        log.info("passed over", extra={"fields": {"name": arrival.name}})
        return
    kept = shelf.describe(arrival.name)
    if kept is None or kept.generation > arrival.generation:
        log.info("superseded", extra={"fields": {"name": arrival.name, "generation": arrival.generation}})
        return
    fields: dict[str, Any] = {
        "gcp_url": kept.gcp_url,
        "audio_id": identity(kept),
        "traceparent": kept.labels.traceparent,
    }
    if kept.name.startswith("refused/"):
        refusals.upsert(refusal_row(kept, shelf, measures.version))
        log.info("refusal recorded", extra={"fields": fields})
        return
    try:
        analysis = look(kept, shelf=shelf, measures=measures, max_bytes=max_bytes)
    except GiveUp as error:
        refusals.upsert(undecodable_row(kept, error, measures.version))
        log.info("refused", extra={"fields": fields | {"reason": error.reason, "detail": str(error)}})
        return
    if analysis is None:
        log.info("superseded", extra={"fields": fields})
        return
    audio.upsert(analysis.as_row())
    fields |= {"settled_ms": round(1000 * (time.monotonic() - started)), "duration_ms": analysis.duration_ms}
    fields |= {name: analysis.facts[name] for name in ("bytes", "analysis_ms", "cpu_ms")}
    log.info("analysed", extra={"fields": fields})


def look(kept: AudioObject, *, shelf: Shelf, measures: Measures, max_bytes: int) -> AudioAnalysis | None:
    """Take an object down, measure it, and make its row; None if it has been replaced meanwhile.

    Raises:
        GiveUp: the bytes are too many, not audio, or cannot be decoded.
    """
    if kept.bytes > max_bytes:
        raise TooLarge(f"{kept.name} is {kept.bytes} bytes, limit is {max_bytes}", bytes=kept.bytes)
    started = time.monotonic()
    with TemporaryDirectory(prefix="earshot-") as folder:
        path = Path(folder, "audio" + PurePosixPath(kept.name).suffix[:8])
        if not shelf.download(kept, path):
            return None
        facts = dict(measures.measure(path))
        compared = measures.compare(path, _reference(kept, shelf, Path(folder), max_bytes))
        cpu_ms = sum(int(str(measured.get("cpu_ms") or 0)) for measured in (facts, compared))
        facts |= compared
        digest = sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    loudness = float(str(facts.pop("loudness")))
    facts |= measures.classify(loudness)
    return AudioAnalysis(
        gcp_url=kept.gcp_url,
        file_name=kept.labels.file_name or PurePosixPath(kept.name).name,
        duration_ms=int(str(facts.pop("duration_ms"))),
        loudness=loudness,
        classification=str(facts.pop("classification")),
        generation=kept.generation,
        analyser_version=measures.version,
        facts={
            **kept.labels.model_dump(exclude={"file_name"}),
            **facts,
            "audio_id": identity(kept),
            "source_url": kept.labels.source_url or None,
            "content_sha256": digest.hexdigest(),
            "bytes": kept.bytes,
            "content_type": kept.content_type,
            "analysed_at": now(),
            "analysis_ms": round(1000 * (time.monotonic() - started)),
            "cpu_ms": cpu_ms,
            "removed_at": None,
            "removed_because": None,
        },
    )


def identity(kept: AudioObject) -> str:
    """The recording's `audio_id`; a file dropped by hand has no source, so its place stands in."""
    return kept.labels.audio_id if kept.labels.source_url else audio_id(kept.gcp_url)


def refusal_row(kept: AudioObject, shelf: Shelf, version: int) -> dict[str, Scalar]:
    """The row of a `refused/{audio_id}.json`; one that cannot be read is itself a refusal."""
    try:
        refusal = shelf.refusal(PurePosixPath(kept.name).stem)
    except ValidationError as error:
        return undecodable_row(kept, BadEvent(f"{kept.name}: {clean(str(error), 300)}"), version)
    if refusal is None:
        raise ComeAgain(f"{kept.name} was there and is not")
    return {**refusal.model_dump(), **_keys(kept.gcp_url, kept.generation, version)}


def undecodable_row(kept: AudioObject, error: GiveUp, version: int) -> dict[str, Scalar]:
    """The row of a file that gives no row of measures."""
    refusal = Refusal(
        audio_id=identity(kept),
        source_url=kept.labels.source_url or None,
        page_url=kept.labels.page_url,
        stage="analyser",
        reason=error.reason,
        detail=clean(str(error)),
        evidence=json.dumps(error.evidence) if error.evidence else None,
        first_seen=kept.created_at or now(),
        last_seen=now(),
        traceparent=kept.labels.traceparent,
    )
    return {**refusal.model_dump(), **_keys(kept.gcp_url, kept.generation, version)}


def _unreadable(data: Any, error: BadEvent, version: int) -> dict[str, Scalar]:
    text = json.dumps(data, default=str, sort_keys=True)
    name = sha256(text.encode()).hexdigest()[:32]
    refusal = Refusal(
        audio_id=name,
        stage="analyser",
        reason=error.reason,
        detail=clean(str(error)),
        evidence=json.dumps({"event": clean(text, 2000)}),
        first_seen=now(),
        last_seen=now(),
    )
    return {**refusal.model_dump(), **_keys(f"event:{name}", 0, version)}


def _keys(gcp_url: str, generation: int, version: int) -> dict[str, Scalar]:
    return {
        "gcp_url": gcp_url,
        "shard": shard(gcp_url),
        "generation": generation,
        "analyser_version": version,
    }


def _reference(kept: AudioObject, shelf: Shelf, folder: Path, max_bytes: int) -> Path | None:
    """The clean recording that the labels name, taken down; None if there is none in this bucket."""
    wanted = kept.labels.reference or ""
    if not wanted.startswith(f"gs://{kept.bucket}/"):
        return None
    reference = shelf.describe(wanted.removeprefix(f"gs://{kept.bucket}/"))
    if reference is None or reference.bytes > max_bytes:
        return None
    path = folder / ("reference" + PurePosixPath(reference.name).suffix[:8])
    return path if shelf.download(reference, path) else None
