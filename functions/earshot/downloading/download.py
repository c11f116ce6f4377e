"""AudioFound in; the bytes, under their labels, on the shelf out, or a refusal that says why not."""

import json
import logging
from datetime import timedelta
from hashlib import sha256
from typing import Any

from earshot.audio import AudioFound, Refusal, clean, now
from earshot.consent import Respect
from earshot.downloading.fetch import fetch
from earshot.downloading.protocols import AudioStore, Web
from earshot.downloading.revalidate import gone, is_fresh
from earshot.errors import BadEvent, GiveUp, SourceFails, SourceGone, SourceUnavailable, Withdrawn
from earshot.urls import host

log = logging.getLogger("earshot.downloading")


def download(
    data: Any,
    *,
    web: Web,
    store: AudioStore,
    max_bytes: int,
    timeout_s: float,
    remember: timedelta,
    respect: Respect = Respect.ALL,
    last_try: bool = False,
) -> None:
    """Settle one delivery of an AudioFound message.

    Args:
        data: data of the CloudEvent.
        remember: how long a refusal, or what is on the shelf, stands before the source is asked again.
        respect: which wishes of owners are obeyed; those of the page came with the link.
        last_try: a source that fails now has failed often enough, so the other links of its host wait no longer.

    Raises:
        ComeAgain: the source or the shelf did not answer as it may later.
    """
    try:
        found = AudioFound.from_event(data)
    except BadEvent as error:
        store.refuse(_unreadable(data, error))
        raise
    fields = {"audio_id": found.audio_id, "url": found.source_url, "traceparent": found.traceparent}
    before, kept = store.refusal(found.audio_id), None
    try:
        unless_withdrawn(found, store, before)
        kept = store.find(found.audio_id)
        if kept and is_fresh(kept, remember):
            log.info("already stored", extra={"fields": fields | {"gcp_url": kept.gcp_url}})
            return
        if not kept and before and stands(before, found, remember):
            log.info("already refused", extra={"fields": fields | {"reason": before.reason}})
            return
        try:
            stored = fetch(
                found, web=web, store=store, max_bytes=max_bytes, timeout_s=timeout_s, respect=respect, kept=kept
            )
        except SourceFails as error:
            if not last_try:
                raise
            raise SourceUnavailable(str(error)) from error
        unless_withdrawn(found, store, store.refusal(found.audio_id))  # it may have been, meanwhile
    except Withdrawn as error:
        store.remove(found.audio_id)
        if error.is_new:
            store.refuse(refusal(found, error, None))
        log.info("withdrawn", extra={"fields": fields | {"detail": str(error)}})
    except GiveUp as error:
        if kept and isinstance(error, SourceGone):
            gone(kept, store)
            log.info("removed at source", extra={"fields": fields | {"gcp_url": kept.gcp_url}})
            return
        if kept and isinstance(error, SourceUnavailable):  # what is on the shelf stands; the next crawl asks again
            log.warning("not confirmed", extra={"fields": fields | {"gcp_url": kept.gcp_url, "detail": str(error)}})
            return
        store.refuse(refusal(found, error, before))
        log.info("refused", extra={"fields": fields | {"reason": error.reason, "detail": str(error)}})
    else:
        log.info("stored", extra={"fields": fields | {"gcp_url": stored.gcp_url, "bytes": stored.bytes}})


def unless_withdrawn(found: AudioFound, store: AudioStore, memory: Refusal | None) -> None:
    """Go on if neither the recording nor its host was withdrawn.

    Raises:
        Withdrawn: it was, and must not be here.
    """
    if memory and memory.reason == Withdrawn.reason:
        raise Withdrawn(f"{found.audio_id} was withdrawn on {memory.last_seen:%Y-%m-%d}", is_new=False)
    name = host(found.source_url)
    for withdrawn in store.withdrawn_hosts():
        if name == withdrawn or name.endswith(f".{withdrawn}"):
            raise Withdrawn(f"all of {withdrawn} was withdrawn", is_new=True)


def stands(before: Refusal, found: AudioFound, remember: timedelta) -> bool:
    """The source need not be asked again yet: the refusal is young, and nobody asked to try in spite of it."""
    in_spite = found.despite is not None and before.last_seen <= found.despite
    return not in_spite and now() - before.last_seen < remember


def refusal(found: AudioFound, error: GiveUp, before: Refusal | None) -> Refusal:
    """The record of a link given up; one refused before keeps its first date and counts on."""
    moment = now()
    return Refusal(
        audio_id=found.audio_id,
        source_url=found.source_url,
        page_url=found.page_url,
        stage="downloader",
        reason=error.reason,
        retryable=error.retryable,
        detail=clean(str(error)),
        evidence=json.dumps(error.evidence) if error.evidence else None,
        attempts=before.attempts + 1 if before else 1,
        first_seen=before.first_seen if before else moment,
        last_seen=moment,
        traceparent=found.traceparent,
        found=found,
    )


def _unreadable(data: Any, error: BadEvent) -> Refusal:
    text = json.dumps(data, default=str, sort_keys=True)
    moment = now()
    return Refusal(
        audio_id=sha256(text.encode()).hexdigest()[:32],
        stage="downloader",
        reason=error.reason,
        detail=clean(str(error)),
        evidence=json.dumps({"event": clean(text, 2000)}),
        first_seen=moment,
        last_seen=moment,
    )
