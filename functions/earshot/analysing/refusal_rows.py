"""The rows of `refusals`: a link given up, a file that cannot be measured, a notification that cannot be read."""

import json
import logging
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from earshot.analysing.measure_object import identity
from earshot.audio import AudioObject, Refusal, Scalar, clean, now, shard
from earshot.errors import BadEvent, ComeAgain, GiveUp

log = logging.getLogger("earshot.analysing")

MOST_BYTES = 1024 * 1024  # of a `refused/{audio_id}.json` that is read; the largest of our own have a few KiB


class AudioStore(Protocol):
    """Stores refusals."""

    def refusal(self, audio_id: str) -> Refusal | None: ...


def readable_refusal(store: AudioStore, audio_id: str) -> Refusal | None:
    """The refusal of that identity; None if there is none, or one that cannot be read, which is logged."""
    try:
        return store.refusal(audio_id)
    except ValidationError as error:
        fields = {"audio_id": audio_id, "detail": clean(str(error), 300)}
        log.warning("unreadable refusal", extra={"fields": fields})
        return None


def refusal_row(kept: AudioObject, store: AudioStore, version: int) -> dict[str, Scalar]:
    """The row of a `refused/{audio_id}.json`; one that cannot be read is itself a refusal.

    Raises:
        ComeAgain: it was deleted meanwhile.
    """
    if kept.bytes > MOST_BYTES:
        return undecodable_row(kept, BadEvent(f"{kept.name} is {kept.bytes} bytes, limit is {MOST_BYTES}"), version)
    try:
        refusal = store.refusal(PurePosixPath(kept.name).stem)
    except ValidationError as error:
        return undecodable_row(kept, BadEvent(f"{kept.name}: {clean(str(error), 300)}"), version)
    if refusal is None:
        raise ComeAgain(f"{kept.name} was there and is not")
    return _row(refusal, kept.gcp_url, kept.generation, version, file_name=_name_in(refusal.source_url))


def undecodable_row(kept: AudioObject, error: GiveUp, version: int) -> dict[str, Scalar]:
    """The row of a file that gives no row of measures."""
    refusal = Refusal(
        audio_id=identity(kept),
        source_url=kept.metadata.source_url or None,
        page_url=kept.metadata.page_url,
        stage="analyser",
        reason=error.reason,
        detail=clean(str(error)),
        evidence=json.dumps(error.evidence) if error.evidence else None,
        first_seen=kept.created_at or now(),
        last_seen=now(),
        traceparent=kept.metadata.traceparent,
    )
    file_name = kept.metadata.file_name or PurePosixPath(kept.name).name
    return _row(refusal, kept.gcp_url, kept.generation, version, file_name=file_name)


def unreadable_row(data: Any, error: BadEvent, version: int) -> dict[str, Scalar]:
    """The row of a delivery that is no notification of an object; a repeat gives the same row."""
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
    return _row(refusal, f"event:{name}", 0, version)


def _name_in(url: str | None) -> str | None:
    """The last part of a URL's path, decoded; None if it is empty, or the URL is none."""
    try:
        return clean(unquote(PurePosixPath(urlsplit(url or "").path).name)) or None
    except ValueError:
        return None


def _row(
    refusal: Refusal, gcp_url: str, generation: int, version: int, file_name: str | None = None
) -> dict[str, Scalar]:
    return {
        **refusal.model_dump(exclude={"found"}),
        "file_name": file_name,
        "gcp_url": gcp_url,
        "shard": shard(gcp_url),
        "generation": generation,
        "analyser_version": version,
    }
