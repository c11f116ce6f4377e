"""The renditions of a recording, tried in order: the first that can be had is stored, its row names the others."""

import json
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from earshot.audio import Alternative, AudioFound, AudioObject, now
from earshot.consent import Respect
from earshot.downloading.fetch import fetch
from earshot.downloading.protocols import AudioStore, Web
from earshot.errors import (
    BadUrl,
    GiveUp,
    OptedOut,
    SourceAsksToWait,
    SourceBusy,
    SourceFails,
    SourceUnavailable,
    Withdrawn,
)
from earshot.urls import canonical, host

log = logging.getLogger("earshot.downloading")

SHOWN = 3  # failed renditions in the evidence of a refusal
FINAL = (OptedOut, Withdrawn)  # the owner's word on the recording, whatever its rendition


@dataclass(frozen=True)
class Patience:
    """How long a source is waited for, over all deliveries of a link, before it is refused."""

    failing_attempts: int = 6
    """Deliveries at which it fails."""
    busy_attempts: int = 18
    """Deliveries at which it is busy."""
    busy_for: timedelta = timedelta(days=1)
    """Age of the message from which on a busy source is refused at once."""

    def translate(
        self, error: SourceFails | SourceAsksToWait, attempt: int, published_at: datetime | None
    ) -> SourceUnavailable | SourceBusy | None:
        """The refusal that the error has become by now; None while the source is waited for.

        Args:
            attempt: which delivery of the message this is, counted from 1.
            published_at: when the message was published.
        """
        if isinstance(error, SourceFails):
            return SourceUnavailable(str(error)) if attempt >= self.failing_attempts else None
        is_old = published_at is not None and now() - published_at >= self.busy_for
        return SourceBusy(str(error)) if is_old or attempt >= self.busy_attempts else None


def fetch_first_available(
    found: AudioFound,
    *,
    web: Web,
    store: AudioStore,
    max_bytes: int,
    timeout_s: float,
    respect: Respect,
    kept: AudioObject | None,
    withdrawn: Collection[str],
    patience: Patience,
    attempt: int,
    published_at: datetime | None,
) -> AudioObject:
    """Store the first rendition that can be had; of a stored recording, the stored one is asked for first.

    Args:
        withdrawn: hosts that nothing is fetched of, not even at the end of a redirect.
        timeout_s: for all renditions together; those that it leaves no time for are not tried.

    Raises:
        GiveUp: none can be had; the error is that of the first, and its evidence names those of the others.
        ComeAgain: one of them may be had later.
    """

    def check_hop(url: str) -> None:
        if name := is_withdrawn(url, withdrawn):
            raise Withdrawn(f"all of {name} was withdrawn, and {found.source_url} redirects there", is_new=True)

    started = time.monotonic()
    errors: list[GiveUp] = []
    failed: dict[str, str] = {}
    for rendition in _in_order(found, kept, withdrawn):
        left_s = timeout_s - (time.monotonic() - started)
        if errors and left_s <= 0:
            break
        try:
            try:
                return fetch(
                    found,
                    rendition,
                    web=web,
                    store=store,
                    max_bytes=max_bytes,
                    timeout_s=left_s,
                    respect=respect,
                    kept=kept,
                    failed=failed,
                    check_hop=check_hop,
                )
            except (SourceFails, SourceAsksToWait) as error:
                refused = patience.translate(error, attempt, published_at)
                if refused is None:
                    raise
                raise refused from error
        except FINAL:
            raise
        except GiveUp as error:
            errors.append(error)
            failed[rendition.url] = error.reason
            fields = {"audio_id": found.audio_id, "url": rendition.url, "reason": error.reason}
            log.info("rendition failed", extra={"fields": fields | {"traceparent": found.traceparent}})
    if len(failed) > 1:
        errors[0].evidence |= {"renditions": json.dumps([f"{reason}: {url}" for url, reason in failed.items()][:SHOWN])}
    raise errors[0]


def is_withdrawn(url: str, withdrawn: Collection[str]) -> str | None:
    """The withdrawn host that the URL's host is, or lies below; None if there is none, or the URL has no host.

    Args:
        withdrawn: host names in lower case.
    """
    try:
        name = host(canonical(url))
    except BadUrl:
        return None
    return next((one for one in withdrawn if name == one or name.endswith(f".{one}")), None)


def _in_order(found: AudioFound, kept: AudioObject | None, withdrawn: Collection[str]) -> list[Alternative]:
    stored = (kept.metadata.fetched_url or kept.metadata.source_url) if kept else None
    first, *others = found.renditions()
    allowed = [first, *(one for one in others if not is_withdrawn(one.url, withdrawn))]
    return sorted(allowed, key=lambda one: one.url != stored)
