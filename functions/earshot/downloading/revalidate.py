"""Is it still there, and still the same? A recording on the shelf, and what its source says of it since.

304, or the same bytes   the labels say that it was confirmed; no news for anybody
other bytes              a new generation of the object, measured like any other
404 or 410               the bytes stay, marked `removed_at_source`: news, so that the row says so too
"""

from datetime import timedelta

from earshot.audio import AudioObject, now
from earshot.downloading.protocols import AudioStore


def is_fresh(kept: AudioObject, for_so_long: timedelta) -> bool:
    """The source has confirmed it lately, or is known to be gone."""
    seen = kept.metadata.checked_at or kept.metadata.fetched_at or kept.created_at
    return seen is None or now() - seen < for_so_long


def if_changed(kept: AudioObject | None) -> dict[str, str]:
    """Headers that ask for the bytes only if they are others (RFC 9110, 13.1)."""
    if kept is None:
        return {}
    known = {"If-None-Match": kept.metadata.etag, "If-Modified-Since": kept.metadata.last_modified}
    return {name: value for name, value in known.items() if value}


def confirmed(kept: AudioObject, store: AudioStore) -> AudioObject:
    """Its source has the same bytes; if it was thought gone, it is back."""
    was_gone = kept.metadata.removed_at_source is not None
    metadata = kept.metadata.model_copy(update={"checked_at": now(), "removed_at_source": None})
    store.update_metadata(kept, metadata, notify=was_gone)
    return kept


def gone(kept: AudioObject, store: AudioStore) -> None:
    """Its source has it no longer; when that was first seen is kept."""
    first = kept.metadata.removed_at_source
    metadata = kept.metadata.model_copy(update={"checked_at": now(), "removed_at_source": first or now()})
    store.update_metadata(kept, metadata, notify=first is None)
