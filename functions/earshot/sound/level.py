"""How loud, plainly: the RMS level of the whole signal."""

import math

import numpy as np

from earshot.sound.blocks import Block

SILENCE_DBFS = -120.0  # stands for minus infinity in a column that must hold a number


class Level:
    """Sums squares over all frames and channels."""

    def __init__(self) -> None:
        """Nothing heard yet."""
        self._squares = 0.0
        self._samples = 0
        self._peak = 0.0

    def add(self, block: Block) -> None:
        """Hear a block."""
        flat = block.reshape(-1)
        self._squares += float(np.dot(flat, flat))
        self._samples += flat.size
        self._peak = max(self._peak, float(flat.max()), -float(flat.min()))

    def facts(self) -> dict[str, float | bool]:
        """`loudness` in dBFS as pydub's `AudioSegment.dBFS` defines it, at least -120, and `is_silent`."""
        mean_square = self._squares / max(self._samples, 1)
        level = 10 * math.log10(mean_square) if mean_square > 0 else SILENCE_DBFS
        return {"loudness": max(level, SILENCE_DBFS), "is_silent": self._peak == 0}
