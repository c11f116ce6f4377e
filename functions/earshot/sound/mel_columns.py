"""A spectrogram on the mel scale, column by column as samples come: what a person looks at, not what a model hears."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import soxr

RATE_HZ = 24_000  # shows up to 12 kHz, beyond which recordings differ little to the eye
WINDOW = 1024  # 43 ms
COLUMNS_PER_S = 50
HOP = RATE_HZ // COLUMNS_PER_S
MELS = 72
FLOOR_DB, TOP_DB = -90.0, -14.0  # of a full-scale sine: black, and the palest
Levels = npt.NDArray[np.float32]


class MelColumns:
    """One channel at any rate in, columns of levels out."""

    def __init__(self, rate_hz: int) -> None:
        """No samples yet."""
        same = rate_hz == RATE_HZ
        self._resampler = None if same else soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="MQ")
        self._waiting = np.zeros(WINDOW // 2, np.float32)  # a column's window is centred on its time

    def add(self, samples: Levels, *, last: bool = False) -> Levels:
        """Columns that these samples complete: shape (columns, MELS), lowest first, 0 to 1 from FLOOR_DB to TOP_DB."""
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples, last=last)
        if last:
            samples = np.r_[samples, np.zeros(WINDOW // 2, np.float32)]
        self._waiting = np.concatenate([self._waiting, samples.astype(np.float32)])
        count = max((len(self._waiting) - WINDOW) // HOP + 1, 0)
        if not count:
            return np.zeros((0, MELS), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(self._waiting, WINDOW)[: (count - 1) * HOP + 1 : HOP]
        columns = np.concatenate([_levels(frames[at : at + 512]) for at in range(0, count, 512)])
        self._waiting = self._waiting[count * HOP :].copy()
        return columns


def _levels(frames: Levels) -> Levels:
    taper = np.hanning(WINDOW).astype(np.float32) * np.float32(4 / WINDOW)  # a full-scale sine reads 1
    power = np.abs(np.fft.rfft(frames * taper, axis=1)) ** 2
    mel = power.astype(np.float32) @ filters()
    decibels = 10 * np.log10(np.maximum(mel, 1e-12))
    scaled: Levels = np.clip((decibels - FLOOR_DB) / (TOP_DB - FLOOR_DB), 0, 1).astype(np.float32)
    return scaled


@lru_cache(1)
def filters() -> Levels:
    """Triangles of equal height on the mel scale of O'Shaughnessy (1987), from 40 Hz to 12 kHz: (bins, MELS)."""
    hertz = np.linspace(0, RATE_HZ / 2, WINDOW // 2 + 1)
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (40.0, RATE_HZ / 2))
    centres = 700 * (10 ** (np.linspace(low, high, MELS + 2) / 2595) - 1)
    rising = (hertz[:, None] - centres[:-2]) / np.maximum(np.diff(centres)[:-1], hertz[1])
    falling = (centres[2:] - hertz[:, None]) / np.maximum(np.diff(centres)[1:], hertz[1])
    triangles: Levels = np.maximum(0, np.minimum(np.minimum(rising, falling), 1)).astype(np.float32)
    return triangles
