"""The notification of an object in; a row of measures, a refusal, or a removal mark out.

Only the object's present state counts, not the event's type, so notifications may come late, twice and in any order.
"""

import logging
import re
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from typing import Any, Protocol

from earshot.analysing import refusal_rows
from earshot.analysing.measure_object import AudioStore as Recordings
from earshot.analysing.measure_object import Measures, identity, measure_object
from earshot.analysing.refusal_rows import readable_refusal, refusal_row, undecodable_row, unreadable_row
from earshot.audio import Arrival, Scalar, audio_id, now, shard
from earshot.errors import BadEvent, GiveUp, Withdrawn

log = logging.getLogger("earshot.analysing")

WATCHED = ("audio/", "refused/")
"""What the bucket notifies of."""
REFUSAL = re.compile(r"refused/[^/]+\.json")
OURS = (*WATCHED, "smoke/")
"""What is handled; of smoke/ nothing is notified: a new revision is called with it before it serves. A trigger without
a prefix filter delivers notifications of all other objects too."""


class AudioStore(Recordings, refusal_rows.AudioStore, Protocol):
    """Stores recordings and refusals."""


class Table(Protocol):
    """Keeps the newest row of each key; of removal marks, the first."""

    def upsert(self, row: Mapping[str, Scalar]) -> None: ...


def analyse(
    data: Any,
    *,
    store: AudioStore,
    audio: Table,
    refusals: Table,
    history: Table,
    removals: Table,
    measures: Measures,
    max_bytes: int,
) -> None:
    """Handle one delivery: the notification that an object is complete, or deleted.

    Args:
        data: data of the CloudEvent, in either shape that `Arrival` reads.
        history: keeps every analysis; `audio` keeps the newest.
        removals: takes the marks of recordings that were deleted or withdrawn.

    Raises:
        ComeAgain: the bucket or a table is unavailable for now.
    """
    started = time.monotonic()
    try:
        arrival = Arrival.from_event(data)
    except BadEvent as error:
        refusals.upsert(unreadable_row(data, error, measures.version))
        raise
    if not _is_ours(arrival.name) or arrival.only not in ("", "analyser"):
        log.info("passed over", extra={"fields": {"name": arrival.name}})
        return
    kept = store.describe(arrival.name)
    if kept is None:
        _remove(arrival, store, removals)
        return
    if kept.generation > arrival.generation:
        log.info("superseded", extra={"fields": {"name": arrival.name, "generation": arrival.generation}})
        return
    fields: dict[str, Any] = {
        "gcp_url": kept.gcp_url,
        "audio_id": identity(kept),
        "traceparent": kept.metadata.traceparent,
    }
    if kept.name.startswith("refused/"):
        refusals.upsert(refusal_row(kept, store, measures.version))
        log.info("refusal recorded", extra={"fields": fields})
        return
    try:
        analysis = measure_object(kept, store=store, measures=measures, max_bytes=max_bytes)
    except GiveUp as error:
        refusals.upsert(undecodable_row(kept, error, measures.version))
        log.info("refused", extra={"fields": fields | {"reason": error.reason, "detail": str(error)}})
        return
    if analysis is None:
        log.info("superseded", extra={"fields": fields})
        return
    with ThreadPoolExecutor(1) as background:  # two statements of a second or more: waited for together
        kept_in_history = background.submit(history.upsert, analysis.as_history())
        audio.upsert(analysis.as_row())
        kept_in_history.result()
    fields |= {"handled_ms": round(1000 * (time.monotonic() - started)), "duration_ms": analysis.duration_ms}
    fields |= {name: analysis.facts[name] for name in ("bytes", "analysis_ms", "cpu_ms")}
    log.info("analysed", extra={"fields": fields})
    is_gone = store.describe(arrival.name) is None  # deleted meanwhile: that notification may have come before the row
    if is_gone and _remove(arrival, store, removals) == Withdrawn.reason:
        history.upsert(analysis.as_history() | {"measures": None})  # the earlier ones were erased before this one came


def _is_ours(name: str) -> bool:
    """Whether an object is a recording or a refusal, and no folder placeholder or other file."""
    return (name.startswith(("audio/", "smoke/")) and not name.endswith("/")) or REFUSAL.fullmatch(name) is not None


def _remove(arrival: Arrival, store: AudioStore, removals: Table) -> str | None:
    """Mark the row of a deleted object, if it has one, and return the reason.

    The row of a deleted `refused/` object stays as it is.
    """
    gcp_url = f"gs://{arrival.bucket}/{arrival.name}"
    because = None
    if arrival.name.startswith("audio/"):
        refusals = (readable_refusal(store, name) for name in (PurePosixPath(arrival.name).stem, audio_id(gcp_url)))
        withdrawn = any(refusal.reason == Withdrawn.reason for refusal in refusals if refusal)
        because = Withdrawn.reason if withdrawn else "deleted"
        removals.upsert(
            {
                "gcp_url": gcp_url,
                "shard": shard(gcp_url),
                "generation": arrival.generation,
                "removed_at": now(),
                "removed_because": because,
            }
        )
    log.info("gone", extra={"fields": {"gcp_url": gcp_url, "removed_because": because}})
    return because
