"""How loud, plainly: the RMS level of the whole signal, its peak, its offset."""

import math

import numpy as np

from earshot.sound.decoder_output import Block, Facts

SILENCE_DBFS = -120.0  # used for minus infinity in the one column that must hold a number


def decibels(ratio: float, *, factor: float = 20.0) -> float | None:
    """20 log10 of an amplitude ratio (10 log10 of a power ratio); None for zero."""
    return factor * math.log10(ratio) if ratio > 0 else None


class Level:
    """Sums squares and samples over all frames and channels."""

    def __init__(self, channels: int) -> None:
        """Start with no samples."""
        self._squares = 0.0
        self._sums = np.zeros(channels)
        self._frames = 0
        self._channels = channels
        self.peak = 0.0
        """Largest magnitude of a sample so far."""

    def add(self, block: Block) -> None:
        """Process the next block."""
        rows = block.T
        flat = rows.reshape(-1)
        self._squares += float(np.dot(flat, flat))
        self._sums += np.add.reduce(rows, axis=1)  # pairwise, so that single precision is enough
        self._frames += len(block)
        self.peak = max(self.peak, float(flat.max()), -float(flat.min()))

    def facts(self) -> Facts:
        """`loudness`, `is_silent`, `sample_peak_dbfs`, `crest_factor_db`, `dc_offset`.

        Loudness is pydub's `AudioSegment.dBFS`, at least -120; peak and crest factor are None for digital silence.
        """
        rms = math.sqrt(self._squares / max(self._frames * self._channels, 1))
        level, peak = decibels(rms), decibels(self.peak)
        return {
            "loudness": SILENCE_DBFS if level is None else max(level, SILENCE_DBFS),
            "is_silent": self.peak == 0,
            "sample_peak_dbfs": peak,
            "crest_factor_db": None if peak is None or level is None else peak - level,
            "dc_offset": float(np.abs(self._sums).max()) / max(self._frames, 1),
        }
