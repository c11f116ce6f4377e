"""Revalidation of a stored recording: what its source answers, written into the metadata of the object.

304, or the same bytes   the metadata say that it was confirmed; no notification
other bytes              a new generation of the object, measured like any other
404 or 410               the bytes stay, marked `removed_at_source`; a notification, so that the row says so too
"""

from datetime import timedelta

from earshot.audio import AudioObject, now
from earshot.downloading.protocols import AudioStore


def is_recently_checked(kept: AudioObject, window: timedelta) -> bool:
    """Whether the source has confirmed the recording within the window, or was found to be gone within it."""
    seen = kept.metadata.checked_at or kept.metadata.fetched_at or kept.created_at
    return seen is None or now() - seen < window


def conditional_headers(kept: AudioObject, url: str) -> dict[str, str]:
    """Headers that ask for the bytes only if they have changed (RFC 9110, 13.1); none for another rendition's URL."""
    if url != (kept.metadata.fetched_url or kept.metadata.source_url):
        return {}
    known = {"If-None-Match": kept.metadata.etag, "If-Modified-Since": kept.metadata.last_modified}
    return {name: value for name, value in known.items() if value and value.isascii() and value.isprintable()}


def mark_confirmed(kept: AudioObject, store: AudioStore) -> AudioObject:
    """Record that the source has the same bytes; a mark that it was gone is taken off."""
    was_gone = kept.metadata.removed_at_source is not None
    metadata = kept.metadata.model_copy(update={"checked_at": now(), "removed_at_source": None})
    store.update_metadata(kept, metadata, notify=was_gone)
    return kept


def mark_removed_at_source(kept: AudioObject, store: AudioStore) -> None:
    """Record that the source no longer has the recording, and when that was first seen."""
    first = kept.metadata.removed_at_source
    metadata = kept.metadata.model_copy(update={"checked_at": now(), "removed_at_source": first or now()})
    store.update_metadata(kept, metadata, notify=first is None)
