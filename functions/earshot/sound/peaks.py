"""The outline of a signal of any length in a bounded number of bins, and where it is clipped or torn."""

import numpy as np
import numpy.typing as npt

from earshot.sound.decoder_output import Block

MOST_BINS = 8192  # a screen has no more columns; three hours take 16 KB
FIRST_BIN = 64  # samples
FULL_SCALE = 0.999  # of ±1: what a converter or an encoder cuts
LEAST_RUN = 3  # samples in a row; one alone may be a peak that just reaches full scale
GAP_S = 0.05  # spans nearer than this are one
MOST_SPANS = 500


class Peaks:
    """Minimum and maximum over all channels, in bins that double whenever there would be too many."""

    def __init__(self, rate_hz: int) -> None:
        """No samples yet."""
        self._rate_hz = rate_hz
        self._bin = FIRST_BIN
        self._low = np.zeros(0, np.float32)
        self._high = np.zeros(0, np.float32)
        self._waiting: tuple[Block, Block] = (np.zeros(0, np.float32), np.zeros(0, np.float32))
        self._frames = 0
        self._run = 0
        self.clipped: list[list[int]] = []
        """Spans in frames: first, and behind the last."""

    def add(self, block: Block) -> None:
        """Process the next block."""
        low, high = block.min(axis=1), block.max(axis=1)
        self._note_clipped(np.maximum(-low, high) >= FULL_SCALE)
        self._frames += len(block)
        low, high = np.concatenate([self._waiting[0], low]), np.concatenate([self._waiting[1], high])
        whole = len(low) // self._bin * self._bin
        self._waiting = low[whole:], high[whole:]
        self._low = np.concatenate([self._low, low[:whole].reshape(-1, self._bin).min(axis=1)])
        self._high = np.concatenate([self._high, high[:whole].reshape(-1, self._bin).max(axis=1)])
        while len(self._low) > MOST_BINS:
            self._double()

    def outline(self) -> npt.NDArray[np.int8]:
        """Shape (bins, 2): minimum and maximum, ±127 for full scale; beyond it they are cut."""
        low, high = self._low, self._high
        if len(self._waiting[0]):
            low, high = np.r_[low, self._waiting[0].min()], np.r_[high, self._waiting[1].max()]
        return np.clip(np.round(np.stack([low, high], axis=1) * 127), -127, 127).astype(np.int8)

    def clipped_ms(self) -> list[list[int]]:
        """The clipped spans in milliseconds; the first 500."""
        return [[start * 1000 // self._rate_hz, -(-end * 1000 // self._rate_hz)] for start, end in self.clipped]

    def _double(self) -> None:
        if len(self._low) % 2:  # the odd one waits, as if it were samples
            self._waiting = (
                np.r_[np.full(self._bin, self._low[-1]), self._waiting[0]],
                np.r_[np.full(self._bin, self._high[-1]), self._waiting[1]],
            )
            self._low, self._high = self._low[:-1], self._high[:-1]
        self._low = self._low.reshape(-1, 2).min(axis=1)
        self._high = self._high.reshape(-1, 2).max(axis=1)
        self._bin *= 2

    def _note_clipped(self, full: npt.NDArray[np.bool_]) -> None:
        if not full.any():
            return
        edges = np.flatnonzero(np.diff(np.r_[False, full, False].astype(np.int8)))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if end - start < LEAST_RUN:
                continue
            first, last = self._frames + start, self._frames + end
            if self.clipped and first - self.clipped[-1][1] <= GAP_S * self._rate_hz:
                self.clipped[-1][1] = last
            elif len(self.clipped) < MOST_SPANS:
                self.clipped.append([first, last])
