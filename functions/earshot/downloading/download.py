"""One delivery of an AudioFound: the message in; the bytes with their metadata in the bucket, or a refusal, out."""

import json
import logging
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from typing import Any

from earshot.audio import MOST_ATTEMPTS, AudioFound, Refusal, clean, now, published_at
from earshot.consent import Respect
from earshot.downloading.protocols import AudioStore, Web
from earshot.downloading.renditions import Patience, fetch_first_available, is_withdrawn
from earshot.downloading.revalidate import is_recently_checked, mark_removed_at_source
from earshot.errors import BadEvent, GiveUp, SourceBusy, SourceGone, SourceUnavailable, Withdrawn
from earshot.urls import without_credentials

log = logging.getLogger("earshot.downloading")


def download(
    data: Any,
    *,
    web: Web,
    store: AudioStore,
    max_bytes: int,
    timeout_s: float,
    recheck_after: timedelta,
    respect: Respect = Respect.ALL,
    attempt: int = 1,
    patience: Patience | None = None,
) -> None:
    """Process one delivery of an AudioFound message.

    Args:
        data: data of the CloudEvent.
        timeout_s: for all requests to the source together.
        recheck_after: how long after a refusal, or after the last confirmation of stored bytes, the source is not
            asked again.
        respect: which signals of owners are obeyed; those of the page came with the link.
        attempt: which delivery of the message this is, counted from 1.
        patience: how long a source that fails or is busy is waited for.

    Raises:
        BadEvent: the message cannot be read; a refusal records it.
        ComeAgain: the source or the bucket may answer later.
    """
    try:
        found = AudioFound.from_event(data)
    except BadEvent as error:
        store.refuse(_unreadable_message(data, error))
        raise
    fields = {
        "audio_id": found.audio_id,
        "url": without_credentials(found.source_url),
        "traceparent": found.traceparent,
    }
    before, kept = _last_refusal(found, store), None
    try:
        withdrawn = store.withdrawn_hosts()
        raise_if_withdrawn(found, before, withdrawn)
        kept = store.find(found.audio_id)
        if kept and is_recently_checked(kept, recheck_after):
            log.info("already stored", extra={"fields": fields | {"gcp_url": kept.gcp_url}})
            return
        if not kept and before and is_still_refused(before, found, recheck_after):
            log.info("already refused", extra={"fields": fields | {"reason": before.reason}})
            return
        stored = fetch_first_available(
            found,
            web=web,
            store=store,
            max_bytes=max_bytes,
            timeout_s=timeout_s,
            respect=respect,
            kept=kept,
            withdrawn=withdrawn,
            patience=patience or Patience(),
            attempt=attempt,
            published_at=published_at(data),
        )
        raise_if_withdrawn(found, _last_refusal(found, store), store.withdrawn_hosts())  # it may have been, meanwhile
    except Withdrawn as error:
        store.remove(found.audio_id)
        if error.is_new:
            store.refuse(make_refusal(found, error, None))
        log.info("withdrawn", extra={"fields": fields | {"detail": str(error)}})
    except GiveUp as error:
        if kept and isinstance(error, SourceGone):
            mark_removed_at_source(kept, store)
            log.info("removed at source", extra={"fields": fields | {"gcp_url": kept.gcp_url}})
            return
        if kept and isinstance(
            error, SourceUnavailable | SourceBusy
        ):  # what is stored stays; the next crawl asks again
            log.warning("not confirmed", extra={"fields": fields | {"gcp_url": kept.gcp_url, "detail": str(error)}})
            return
        store.refuse(make_refusal(found, error, before))
        log.info("refused", extra={"fields": fields | {"reason": error.reason, "detail": str(error)}})
    else:
        log.info("stored", extra={"fields": fields | {"gcp_url": stored.gcp_url, "bytes": stored.bytes}})


def raise_if_withdrawn(found: AudioFound, before: Refusal | None, withdrawn: Collection[str]) -> None:
    """Return if neither the recording nor its host was withdrawn.

    Raises:
        Withdrawn: it was, and must not be stored.
    """
    if before and before.reason == Withdrawn.reason:
        raise Withdrawn(f"{found.audio_id} was withdrawn on {before.last_seen:%Y-%m-%d}", is_new=False)
    if name := is_withdrawn(found.source_url, withdrawn):
        raise Withdrawn(f"all of {name} was withdrawn", is_new=True)


def is_still_refused(before: Refusal, found: AudioFound, recheck_after: timedelta) -> bool:
    """Whether the source is not asked again yet: the refusal is recent, and nobody wants to try in spite of it."""
    in_spite = found.despite is not None and before.last_seen <= found.despite
    return not in_spite and now() - before.last_seen < recheck_after


def make_refusal(found: AudioFound, error: GiveUp, before: Refusal | None) -> Refusal:
    """The record of a link given up; one refused before keeps its first date and counts on."""
    moment = now()
    return Refusal(
        audio_id=found.audio_id,
        source_url=without_credentials(found.source_url),
        page_url=found.page_url,
        stage="downloader",
        reason=error.reason,
        retryable=error.retryable,
        detail=str(error),
        evidence=json.dumps(error.evidence) if error.evidence else None,
        attempts=min(before.attempts + 1, MOST_ATTEMPTS) if before else 1,
        first_seen=before.first_seen if before else moment,
        last_seen=moment,
        traceparent=found.traceparent,
        found=found,
    )


def _last_refusal(found: AudioFound, store: AudioStore) -> Refusal | None:
    """What was refused before under that identity; one that cannot be read is logged and counts as none."""
    try:
        return store.refusal(found.audio_id)
    except ValueError as error:
        fields = {"audio_id": found.audio_id, "detail": clean(str(error), 300), "traceparent": found.traceparent}
        log.warning("refusal unreadable", extra={"fields": fields})
        return None


def _unreadable_message(data: Any, error: BadEvent) -> Refusal:
    text = json.dumps(data, default=str, sort_keys=True)
    moment = now()
    return Refusal(
        audio_id=sha256(text.encode()).hexdigest()[:32],
        stage="downloader",
        reason=error.reason,
        detail=str(error),
        evidence=json.dumps({"event": clean(text, 2000)}),
        first_seen=moment,
        last_seen=moment,
    )
