"""Is it still there, and still the same? A recording on the shelf, and what its source says of it since.

304, or the same bytes   the labels say that it was confirmed; no news for anybody
other bytes              a new generation of the object, measured like any other
404 or 410               the bytes stay, marked `removed_at_source`: news, so that the row says so too
"""

from datetime import timedelta

from earshot.audio import AudioObject, now
from earshot.downloading.ports import Shelf


def is_fresh(kept: AudioObject, for_so_long: timedelta) -> bool:
    """The source has confirmed it lately, or is known to be gone."""
    seen = kept.labels.checked_at or kept.labels.fetched_at or kept.created_at
    return seen is None or now() - seen < for_so_long


def if_changed(kept: AudioObject | None) -> dict[str, str]:
    """Headers that ask for the bytes only if they are others (RFC 9110, 13.1)."""
    if kept is None:
        return {}
    known = {"If-None-Match": kept.labels.etag, "If-Modified-Since": kept.labels.last_modified}
    return {name: value for name, value in known.items() if value}


def confirmed(kept: AudioObject, shelf: Shelf) -> AudioObject:
    """Its source has the same bytes; if it was thought gone, it is back."""
    was_gone = kept.labels.removed_at_source is not None
    labels = kept.labels.model_copy(update={"checked_at": now(), "removed_at_source": None})
    shelf.relabel(kept, labels, as_news=was_gone)
    return kept


def gone(kept: AudioObject, shelf: Shelf) -> None:
    """Its source has it no longer; when that was first seen is kept."""
    first = kept.labels.removed_at_source
    labels = kept.labels.model_copy(update={"checked_at": now(), "removed_at_source": first or now()})
    shelf.relabel(kept, labels, as_news=first is None)
