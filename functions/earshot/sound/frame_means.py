"""A stream of values in, means over frames of equal length out, however the stream is cut into blocks."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt


class Framing:
    """Averages frames of 1 / `per_s` seconds. Where the sample rate is no multiple, their lengths differ by one."""

    def __init__(self, rate_hz: int, per_s: int) -> None:
        """Start with no values."""
        self._rate_hz = rate_hz
        self._per_s = per_s
        self._open = 0.0  # sum of the frame that has begun
        self.taken = 0
        """Values so far."""

    def push(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Take values in; the means of the frames that end with them, of which there may be none."""
        if not values.size:
            return np.zeros(0)
        first, self.taken = self.taken, self.taken + values.size
        bounds = _bounds(self.index(first), self.index(self.taken) + 1, self._rate_hz, self._per_s)
        starts = bounds - first
        starts[0] = 0
        sums = np.zeros(starts.size)  # the last stays zero where a frame ends with the values
        begun = starts.size - int(starts[-1] == values.size)
        sums[:begun] = np.add.reduceat(values, starts[:begun])  # pairwise, so that single precision is enough
        sums[0] += self._open
        self._open = float(sums[-1])
        means: npt.NDArray[np.float64] = sums[:-1] / (bounds[1:] - bounds[:-1])
        return means

    def index(self, value: int) -> int:
        """The frame that a value, counted from 0, belongs to."""
        return value * self._per_s // self._rate_hz


@lru_cache(maxsize=32)  # two meters, one of which is a block late, share them
def _bounds(first: int, end: int, rate_hz: int, per_s: int) -> npt.NDArray[np.int64]:
    """The first value of each frame from one up to another."""
    return -(-np.arange(first, end) * rate_hz // per_s)
