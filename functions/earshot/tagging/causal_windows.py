"""Samples in, as they come; windows out, each the past that one decision hears.

A window ends where its decision ends: nothing later is heard, so a file, an upload and a microphone give the same
windows. Before a whole window has been heard, what there is is repeated to fill it: zeros would sound like a pause.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
AT_ONCE = 64  # windows of one run of a model: 4 MB of samples at 16 kHz and a second each


class Windows(NamedTuple):
    """Successive windows, shape (count, samples), and by how many samples each goes beyond the one before."""

    samples: Floats
    fresh: int
    ends: npt.NDArray[np.int64]
    """Sample of the recording at which each ends, exclusively."""


class CausalWindows:
    """Cuts a stream of one channel into windows of `window` samples, one every `hop` samples."""

    def __init__(self, window: int, hop: int) -> None:
        """Nothing heard yet.

        Raises:
            ValueError: a hop that is empty or longer than the window: samples between windows would not be heard.
        """
        if not 0 < hop <= window:
            raise ValueError(f"a hop of {hop} samples does not fit a window of {window}")
        self.window, self.hop = window, hop
        self._past = np.zeros(0, np.float32)
        self._waiting = np.zeros(0, np.float32)
        self._end = 0

    def add(self, samples: Floats) -> list[Windows]:
        """The windows that these samples complete, at most `AT_ONCE` together."""
        self._waiting = np.concatenate([self._waiting, samples.astype(np.float32, copy=False)])
        made: list[Windows] = []
        while len(self._waiting) >= self.hop:
            if len(self._past) < self.window - self.hop:
                made.append(self._first(self.hop))
                continue
            count = min(len(self._waiting) // self.hop, AT_ONCE)
            kept = self._past[len(self._past) - (self.window - self.hop) :]
            heard = np.concatenate([kept, self._waiting[: count * self.hop]])
            view = np.lib.stride_tricks.sliding_window_view(heard, self.window)[:: self.hop]
            made.append(self._made(np.ascontiguousarray(view), self.hop, count))
            self._keep(heard, count * self.hop)
        return made

    def flush(self) -> list[Windows]:
        """The window of the last samples, where they are less than a hop; nothing may follow."""
        return [self._first(len(self._waiting))] if len(self._waiting) else []

    def _first(self, fresh: int) -> Windows:
        heard = np.concatenate([self._past, self._waiting[:fresh]])
        window = heard[-self.window :] if len(heard) >= self.window else _repeated(heard, self.window)
        self._keep(heard, fresh)
        return self._made(window[np.newaxis], fresh, 1)

    def _keep(self, heard: Floats, fresh: int) -> None:
        self._past = heard[-(self.window - 1) :] if self.window > 1 else heard[:0]
        self._waiting = self._waiting[fresh:]

    def _made(self, samples: Floats, fresh: int, count: int) -> Windows:
        ends = self._end + fresh * np.arange(1, count + 1, dtype=np.int64)
        self._end = int(ends[-1])
        return Windows(samples, fresh, ends)


def _repeated(heard: Floats, length: int) -> Floats:
    """What was heard, so often that it fills `length` samples and ends with its end."""
    times = -(-length // len(heard))
    return np.tile(heard, times)[-length:]
