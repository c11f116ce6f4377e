"""Which split a recording belongs to: a function of its key alone, so that growing data never moves an old one."""

from collections.abc import Sequence
from hashlib import sha256

from earshot.audio.selected_recording import SelectedRecording
from earshot.errors import BadRequest


def place(key: str) -> float:
    """A number in [0, 1), uniform over keys: the first 64 bits of SHA-256 as a fraction."""
    return int.from_bytes(sha256(key.encode()).digest()[:8]) / 2**64


def split_of(key: str, splits: Sequence[tuple[str, float]]) -> str:
    """The split whose stretch of [0, 1) holds the key's place; shares add up to 1."""
    here, end = place(key), 0.0
    for name, share in splits:
        end += share
        if here < end:
            return name
    return max(splits, key=lambda split: split[1])[0]  # the sum of shares fell short of 1 by a rounding


def split_key(chosen: SelectedRecording, by: str) -> str:
    """What a recording shares with those it must stay with.

    A recording without an author goes by its host, one without a host by its group: never all of them in one heap.

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
