"""Assigns recordings to splits: a function of the key alone, so that new data never moves an old recording."""

from collections.abc import Sequence
from hashlib import sha256

from earshot.audio.selected_recording import SelectedRecording
from earshot.errors import BadRequest


def position(key: str) -> float:
    """A number in [0, 1), uniform over keys: the first 64 bits of SHA-256 as a fraction."""
    return int.from_bytes(sha256(key.encode()).digest()[:8]) / 2**64


def split_of(key: str, splits: Sequence[tuple[str, float]]) -> str:
    """The split whose interval of [0, 1) contains the position of the key; shares add up to 1."""
    here, end = position(key), 0.0
    for name, share in splits:
        end += share
        if here < end:
            return name
    return max(splits, key=lambda split: split[1])[0]  # the sum of shares fell short of 1 by a rounding


def split_key(chosen: SelectedRecording, by: str) -> str:
    """The value that a recording shares with all others of its split.

    Without an author the host is used, without a host the group, so that unknown ones are not all in one split.

    Raises:
        BadRequest: `by` is neither group, author, host nor a column of the query.
    """
    if by in chosen.row:
        value = chosen.row[by]
        return f"{by}:{value}" if value is not None else f"group:{chosen.group}"
    if by not in ("group", "author", "host"):
        raise BadRequest(f"split-by: the query has no column {by}; it can be group, author, host or a column")
    if by == "author" and chosen.author:
        return f"author:{chosen.author.strip().casefold()}@{chosen.host or ''}"
    if by in ("author", "host") and chosen.host:
        return f"host:{chosen.host}"
    return f"group:{chosen.group}"
