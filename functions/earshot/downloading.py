"""AudioFound in; the bytes, under their labels, on the shelf out, or a refusal that says why not."""

import json
import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from hashlib import sha256
from itertools import chain
from pathlib import PurePosixPath
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

from earshot.audio import AudioFound, AudioObject, Labels, Refusal, clean, now
from earshot.consent import Respect, Signal, decide, evidence, from_evidence
from earshot.errors import BadEvent, ComeAgain, Empty, GiveUp, Withdrawn
from earshot.sound.sniff import HEAD_BYTES, sniff
from earshot.urls import host

log = logging.getLogger("earshot.downloading")


class Answer(Protocol):
    """What a source said: `blocks` streams the body and raises if it is too large, too slow or cut short."""

    @property
    def url(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def signals(self) -> Sequence[Signal]: ...
    def blocks(self) -> Iterator[bytes]: ...


class Web(Protocol):
    """Asks politely and safely; a 404 is a SourceGone, a 503 a ComeAgain."""

    def fetch(self, url: str, *, max_bytes: int, timeout_s: float) -> AbstractContextManager[Answer]: ...


class Incoming(Protocol):
    """A place for bytes on their way."""

    def writer(self, content_type: str) -> AbstractContextManager[IO[bytes]]: ...
    def put(self, name: str, labels: Labels, content_type: str) -> AudioObject | None: ...


class Shelf(Protocol):
    """Where recordings and refusals are kept."""

    def find(self, audio_id: str) -> AudioObject | None: ...
    def refusal(self, audio_id: str) -> Refusal | None: ...
    def refuse(self, refusal: Refusal) -> None: ...
    def remove(self, audio_id: str) -> None: ...
    def withdrawn_hosts(self) -> Collection[str]: ...
    def incoming(self, audio_id: str) -> AbstractContextManager[Incoming]: ...


def download(
    data: Any,
    *,
    web: Web,
    shelf: Shelf,
    max_bytes: int,
    timeout_s: float,
    remember: timedelta,
    respect: Respect = Respect.ALL,
) -> None:
    """Settle one delivery of an AudioFound message.

    Args:
        data: data of the CloudEvent.
        remember: how long a refusal stands before the source is asked again.
        respect: which wishes of owners are obeyed; those of the page came with the link.

    Raises:
        ComeAgain: the source or the shelf did not answer as it may later.
    """
    try:
        found = AudioFound.from_event(data)
    except BadEvent as error:
        shelf.refuse(_unreadable(data, error))
        raise
    fields = {"audio_id": found.audio_id, "url": found.source_url, "traceparent": found.traceparent}
    before = shelf.refusal(found.audio_id)
    try:
        unless_withdrawn(found, shelf, before)
        if kept := shelf.find(found.audio_id):
            log.info("already stored", extra={"fields": fields | {"gcp_url": kept.gcp_url}})
            return
        if before and stands(before, found, remember):
            log.info("already refused", extra={"fields": fields | {"reason": before.reason}})
            return
        stored = fetch(found, web=web, shelf=shelf, max_bytes=max_bytes, timeout_s=timeout_s, respect=respect)
        unless_withdrawn(found, shelf, shelf.refusal(found.audio_id))  # it may have been, meanwhile
    except Withdrawn as error:
        shelf.remove(found.audio_id)
        if error.is_new:
            shelf.refuse(refusal(found, error, None))
        log.info("withdrawn", extra={"fields": fields | {"detail": str(error)}})
    except GiveUp as error:
        shelf.refuse(refusal(found, error, before))
        log.info("refused", extra={"fields": fields | {"reason": error.reason, "detail": str(error)}})
    else:
        log.info("stored", extra={"fields": fields | {"gcp_url": stored.gcp_url, "bytes": stored.bytes}})


def unless_withdrawn(found: AudioFound, shelf: Shelf, memory: Refusal | None) -> None:
    """Go on if neither the recording nor its host was withdrawn.

    Raises:
        Withdrawn: it was, and must not be here.
    """
    if memory and memory.reason == Withdrawn.reason:
        raise Withdrawn(f"{found.audio_id} was withdrawn on {memory.last_seen:%Y-%m-%d}", is_new=False)
    name = host(found.source_url)
    for withdrawn in shelf.withdrawn_hosts():
        if name == withdrawn or name.endswith(f".{withdrawn}"):
            raise Withdrawn(f"all of {withdrawn} was withdrawn", is_new=True)


def stands(before: Refusal, found: AudioFound, remember: timedelta) -> bool:
    """The source need not be asked again yet: the refusal is young, and nobody asked to try in spite of it."""
    in_spite = found.despite is not None and before.last_seen <= found.despite
    return not in_spite and now() - before.last_seen < remember


def fetch(
    found: AudioFound, *, web: Web, shelf: Shelf, max_bytes: int, timeout_s: float, respect: Respect
) -> AudioObject:
    """Stream a link's bytes to the shelf; at most one chunk of them is in memory.

    Raises:
        GiveUp: the bytes cannot be had, or are not audio.
        ComeAgain: not this time; or another delivery shelved other bytes and withdrew them meanwhile.
    """
    started = time.monotonic()
    signals = from_evidence(found.consent)
    decide(signals, respect)
    with (
        web.fetch(found.source_url, max_bytes=max_bytes, timeout_s=timeout_s) as answer,
        shelf.incoming(found.audio_id) as incoming,
    ):
        signals += answer.signals
        decide(signals, respect)
        blocks = answer.blocks()
        head = _head(blocks)
        try:
            container = sniff(head)
        except GiveUp as error:
            error.evidence |= {
                "final_url": answer.url,
                "http_status": answer.status,
                "content_type": answer.headers.get("content-type"),
                "head": head[:64].hex(),
            }
            raise
        digest = sha256()
        with incoming.writer(container.content_type) as file:
            for block in chain([head], blocks):
                digest.update(block)
                file.write(block)
        labels = Labels(
            **found.model_dump(exclude={"schema_version", "consent"}),
            consent=evidence(signals),
            file_name=file_name(answer.url) or f"{found.audio_id}{container.extension}",
            final_url=answer.url,
            http_status=answer.status,
            content_sha256=digest.hexdigest(),
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            fetched_at=now(),
            fetch_ms=round(1000 * (time.monotonic() - started)),
        )
        name = f"audio/{found.audio_id}{container.extension}"
        return incoming.put(name, labels, container.content_type) or _theirs(found, labels, shelf)


def refusal(found: AudioFound, error: GiveUp, before: Refusal | None) -> Refusal:
    """The record of a link given up; one refused before keeps its first date and counts on."""
    moment = now()
    return Refusal(
        audio_id=found.audio_id,
        source_url=found.source_url,
        page_url=found.page_url,
        stage="downloader",
        reason=error.reason,
        detail=clean(str(error)),
        evidence=json.dumps(error.evidence) if error.evidence else None,
        attempts=before.attempts + 1 if before else 1,
        first_seen=before.first_seen if before else moment,
        last_seen=moment,
        traceparent=found.traceparent,
        found=found,
    )


def file_name(url: str) -> str:
    """The last part of a URL's path as a name to show: unquoted and cleaned; may be empty."""
    return clean(PurePosixPath(unquote(urlsplit(url).path)).name, 255)


def _head(blocks: Iterator[bytes]) -> bytes:
    head = b""
    for block in blocks:
        head += block
        if len(head) >= HEAD_BYTES:
            break
    if not head:
        raise Empty("the source answered without a single byte")
    return head


def _theirs(found: AudioFound, labels: Labels, shelf: Shelf) -> AudioObject:
    """What was on the shelf first: our own earlier attempt, or another delivery's; either is the recording."""
    kept = shelf.find(found.audio_id)
    if kept is None:
        raise ComeAgain(f"audio/{found.audio_id} was taken, and is gone")
    same = kept.labels.content_sha256 == labels.content_sha256
    fields = {"audio_id": found.audio_id, "gcp_url": kept.gcp_url, "same_bytes": same}
    log.log(logging.INFO if same else logging.WARNING, "was there first", extra={"fields": fields})
    return kept


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
