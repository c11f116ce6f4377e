"""One rendition of a recording: fetched, identified by its first bytes, hashed, checked, stored."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain, pairwise

from earshot.audio import Alternative, AudioFound, AudioObject, ObjectMetadata, alternatives_json, clean, now
from earshot.consent import Respect, decide, evidence, from_evidence
from earshot.downloading.checksums import Integrity
from earshot.downloading.displayed_file_name import disposition_name, path_name
from earshot.downloading.protocols import AudioStore, Response, Web
from earshot.downloading.revalidate import conditional_headers, mark_confirmed
from earshot.errors import ComeAgain, Empty, GiveUp
from earshot.sound.sniff_container import HEAD_BYTES, JUNK_BYTES, is_undecided, sniff

log = logging.getLogger("earshot.downloading")

NOT_MODIFIED = 304
HEADER_BYTES = 1000  # of an ETag or a Last-Modified; a longer one is not kept, since half of it proves nothing
SHOWN_BYTES = 200  # of a header in the evidence of a refusal


def fetch(
    found: AudioFound,
    rendition: Alternative,
    *,
    web: Web,
    store: AudioStore,
    max_bytes: int,
    timeout_s: float,
    respect: Respect,
    kept: AudioObject | None = None,
    failed: Mapping[str, str] | None = None,
    check_hop: Callable[[str], None] | None = None,
) -> AudioObject:
    """Stream a rendition's bytes to the bucket; at most one chunk of them is in memory.

    Args:
        kept: the recording as it is stored. The source is then asked whether it has changed (ETag, Last-Modified),
            and what it has changed to becomes a new generation of the same object.
        failed: URL to reason code of the renditions that were tried before and given up.
        check_hop: called with each URL that was asked, before any byte is read; what it raises ends the fetch.

    Raises:
        GiveUp: the bytes cannot be had, or are not audio.
        ComeAgain: not this time; or another delivery stored other bytes and they were withdrawn meanwhile.
    """
    started = time.monotonic()
    signals = from_evidence(found.consent)
    decide(signals, respect)
    conditions = conditional_headers(kept, rendition.url) if kept else {}
    with (
        web.fetch(rendition.url, max_bytes=max_bytes, timeout_s=timeout_s, headers=conditions) as response,
        store.incoming(found.audio_id) as incoming,
    ):
        if check_hop:
            for hop in response.hops:
                check_hop(hop)
        signals += response.signals
        decide(signals, respect)
        if kept and response.status == NOT_MODIFIED:
            return mark_confirmed(kept, store)
        blocks = response.blocks()
        head = _head(blocks)
        try:
            container = sniff(head)
        except GiveUp as error:
            error.evidence |= {
                "final_url": response.url,
                "http_status": response.status,
                "content_type": clean(response.headers.get("content-type") or "", SHOWN_BYTES),
                "head": head[:64].hex(),
            }
            raise
        digest, integrity = sha256(), Integrity(rendition.declared_md5, rendition.declared_sri)
        with incoming.writer(container.content_type) as file:
            for block in chain([head], blocks):
                digest.update(block)
                integrity.update(block)
                file.write(block)
        if kept and kept.metadata.content_sha256 == digest.hexdigest():
            return mark_confirmed(kept, store)
        others = [other for other in found.renditions() if other.url != rendition.url]
        metadata = ObjectMetadata(
            **found.model_dump(exclude={"schema_version", "consent", "alternatives"})
            | rendition.model_dump(exclude={"url"}),
            consent=evidence(signals),
            file_name=_file_name(response) or f"{found.audio_id}{container.extension}",
            fetched_url=rendition.url,
            final_url=response.url,
            redirected_to_http=redirected_to_http(response.hops),
            http_status=response.status,
            content_sha256=digest.hexdigest(),
            etag=_header(response, "etag"),
            last_modified=_header(response, "last-modified"),
            integrity=integrity.verdict(),
            alternatives=alternatives_json(others, failed),
            fetched_at=now(),
            fetch_ms=round(1000 * (time.monotonic() - started)),
        )
        name = kept.name if kept else f"audio/{found.audio_id}{container.extension}"
        replaces = kept.generation if kept else 0
        put = incoming.put(name, metadata, container.content_type, replaces=replaces)
        return put or _stored_by_another_delivery(found, metadata, store)


def redirected_to_http(hops: Sequence[str]) -> bool:
    """Whether an https URL was followed by an http one, so that others on the way could change the bytes."""
    return any(before.startswith("https:") and after.startswith("http:") for before, after in pairwise(hops))


def _file_name(response: Response) -> str:
    return disposition_name(response.headers.get("content-disposition")) or path_name(response.url)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value if value and len(value.encode()) <= HEADER_BYTES else None


def _head(blocks: Iterator[bytes]) -> bytes:
    head = b""
    for block in blocks:
        head += block
        if len(head) >= JUNK_BYTES or (len(head) >= HEAD_BYTES and not is_undecided(head)):
            break
    if not head:
        raise Empty("the source answered without a single byte")
    return head


def _stored_by_another_delivery(found: AudioFound, metadata: ObjectMetadata, store: AudioStore) -> AudioObject:
    """What was stored first: by an earlier attempt of ours or by another delivery; either is the recording."""
    kept = store.find(found.audio_id)
    if kept is None:
        raise ComeAgain(f"audio/{found.audio_id} was stored by another delivery, and is deleted")
    same = kept.metadata.content_sha256 == metadata.content_sha256
    fields = {"audio_id": found.audio_id, "gcp_url": kept.gcp_url, "same_bytes": same}
    log.log(logging.INFO if same else logging.WARNING, "stored by another delivery", extra={"fields": fields})
    return kept
