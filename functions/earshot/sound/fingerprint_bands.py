"""Codes of a fingerprint in; the few of them by which copies find each other out (locality-sensitive hashing).

Two fingerprints of the same sound share many of their 32-bit codes, at positions that differ by one and the same shift
where a copy begins earlier or later. So a recording is indexed by the `BANDS` of its codes that a fixed permutation
ranks lowest (a bottom-k sketch): a choice by content, not by position, which a copy repeats.
"""

from collections.abc import Sequence

BANDS = 32
MOST_CODES = 4096  # positions are three hexadecimal digits
_MULTIPLIER = 0x9E3779B1  # odd, so that it permutes 32-bit numbers; the golden ratio's, after Knuth 6.4
_MASK = 0xFFFF_FFFF


def codes_hex(codes: Sequence[int]) -> str:
    """The codes as eight hexadecimal digits each, in order."""
    return "".join(f"{code & _MASK:08x}" for code in codes[:MOST_CODES])


def bands(codes: Sequence[int]) -> str:
    """The bands: eight hexadecimal digits of a code and three of its first position, separated by spaces.

    A code that recurs, as in silence and held tones, counts once.
    """
    first: dict[int, int] = {}
    for position, code in enumerate(codes[:MOST_CODES]):
        first.setdefault(code & _MASK, position)
    chosen = sorted(first, key=_rank)[:BANDS]
    return " ".join(f"{code:08x}{first[code]:03x}" for code in chosen)


def _rank(code: int) -> int:
    mixed = code * _MULTIPLIER & _MASK
    return (mixed ^ mixed >> 15) * _MULTIPLIER & _MASK
