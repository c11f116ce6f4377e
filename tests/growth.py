"""How the time to read a hostile text grows with its length: CPU seconds at 64 kB and at 256 kB."""

import time
from collections.abc import Callable

SIZES = (64 * 1024, 256 * 1024)
MOST_GROWTH = 8.0  # 4 is linear; the rest is noise of short measurements
LEAST_S = 0.02  # below it a duration is all noise
MOST_S_PER_MIB = 1.0


def cpu_s(read: Callable[[str], object], text: str) -> float:
    """CPU seconds of this thread for one reading, the better of two."""
    taken = []
    for _ in range(2):
        started = time.thread_time()
        read(text)
        taken.append(time.thread_time() - started)
    return min(taken)


def check(read: Callable[[str], object], make: Callable[[int], str]) -> str | None:
    """What is wrong with the growth for a kind of text; None when it is linear and quick enough.

    Args:
        read: reads a text.
        make: makes a hostile text of a length in characters.
    """
    small, large = (cpu_s(read, make(size)) for size in SIZES)
    if large > MOST_S_PER_MIB * SIZES[1] / 2**20:
        return f"{large:.2f} s for {SIZES[1]} characters"
    if large > LEAST_S and large > MOST_GROWTH * max(small, LEAST_S / MOST_GROWTH):
        return f"{small:.4f} s, then {large:.4f} s for four times as much"
    return None
