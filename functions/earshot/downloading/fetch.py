"""A link's bytes onto the shelf, under their labels: fetched, sniffed, hashed, compared with what was promised."""

import logging
import time
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from earshot.audio import AudioFound, AudioObject, ObjectMetadata, clean, now
from earshot.consent import Respect, decide, evidence, from_evidence
from earshot.downloading.checksums import Integrity
from earshot.downloading.protocols import AudioStore, Web
from earshot.downloading.revalidate import confirmed, if_changed
from earshot.errors import ComeAgain, Empty, GiveUp
from earshot.sound.sniff_container import HEAD_BYTES, sniff

log = logging.getLogger("earshot.downloading")

NOT_MODIFIED = 304


def fetch(
    found: AudioFound,
    *,
    web: Web,
    store: AudioStore,
    max_bytes: int,
    timeout_s: float,
    respect: Respect,
    kept: AudioObject | None = None,
) -> AudioObject:
    """Stream a link's bytes to the shelf; at most one chunk of them is in memory.

    Args:
        kept: the recording as it is on the shelf. The source is then asked whether it has changed (ETag,
            Last-Modified), and what it has changed to becomes a new generation of the same object.

    Raises:
        GiveUp: the bytes cannot be had, or are not audio.
        ComeAgain: not this time; or another delivery shelved other bytes and withdrew them meanwhile.
    """
    started = time.monotonic()
    signals = from_evidence(found.consent)
    decide(signals, respect)
    with (
        web.fetch(found.source_url, max_bytes=max_bytes, timeout_s=timeout_s, headers=if_changed(kept)) as answer,
        store.incoming(found.audio_id) as incoming,
    ):
        signals += answer.signals
        decide(signals, respect)
        if kept and answer.status == NOT_MODIFIED:
            return confirmed(kept, store)
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
        digest, promise = sha256(), Integrity(found.declared_md5, found.declared_sri)
        with incoming.writer(container.content_type) as file:
            for block in chain([head], blocks):
                digest.update(block)
                promise.update(block)
                file.write(block)
        if kept and kept.metadata.content_sha256 == digest.hexdigest():
            return confirmed(kept, store)
        metadata = ObjectMetadata(
            **found.model_dump(exclude={"schema_version", "consent", "alternatives"}),
            consent=evidence(signals),
            file_name=file_name(answer.url) or f"{found.audio_id}{container.extension}",
            final_url=answer.url,
            http_status=answer.status,
            content_sha256=digest.hexdigest(),
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            integrity=promise.verdict(),
            fetched_at=now(),
            fetch_ms=round(1000 * (time.monotonic() - started)),
        )
        name = kept.name if kept else f"audio/{found.audio_id}{container.extension}"
        replaces = kept.generation if kept else 0
        put = incoming.put(name, metadata, container.content_type, replaces=replaces)
        return put or _theirs(found, metadata, store)


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


def _theirs(found: AudioFound, metadata: ObjectMetadata, store: AudioStore) -> AudioObject:
    """What was on the shelf first: our own earlier attempt, or another delivery's; either is the recording."""
    kept = store.find(found.audio_id)
    if kept is None:
        raise ComeAgain(f"audio/{found.audio_id} was taken, and is gone")
    same = kept.metadata.content_sha256 == metadata.content_sha256
    fields = {"audio_id": found.audio_id, "gcp_url": kept.gcp_url, "same_bytes": same}
    log.log(logging.INFO if same else logging.WARNING, "was there first", extra={"fields": fields})
    return kept
