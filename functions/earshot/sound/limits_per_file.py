"""How much a single file may cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on one file's decoding and measuring; past any of them the file is refused."""

    max_duration_s: float = 14_400.0
    """Longest decoded duration: a 25 MB FLAC can hold ten hours of silence."""
    wall_s: float = 300.0
    """Longest time by the clock."""
    memory_bytes: int = 1 << 30
    """Address space beyond what an idle process holds; enforced by `isolated_process` only."""
