"""The peak between the samples, which a converter plays and a lossy codec clips.

Source: ITU-R BS.1770-5, Annex 2: oversampling 4 times at 48 kHz, less above. Only stretches that could still beat the
running peak are oversampled. What the filter can make of a stretch is bounded twice: by its largest sample, and, closer
for all that is not mostly treble, by its largest sample and the largest bend (second difference) between samples. Both
bounds are taken of chunks of a thousand samples first, and of the stretches of those chunks that pass.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from earshot.sound.decoder_output import Block, Facts
from earshot.sound.rms_and_peak import decibels

Rows = npt.NDArray[np.float32]

STRETCH = 32  # frames judged and oversampled together
TAPS = 24  # of the interpolating filter, in input frames; not more than STRETCH
KAISER = 5.0  # shape of its window: flat within 0.1 dB to 0.42 of the sample rate
CHUNK = 1024  # frames that are judged together first: a multiple of STRETCH
FIRST = 8  # stretches with the largest samples, taken first so that few others can beat them


class Interpolator(NamedTuple):
    """What makes of a window of STRETCH + TAPS samples the values between its middle ones, and its bounds."""

    matrix: Rows  # (STRETCH + TAPS, STRETCH * (factor - 1)), applied to row vectors from the right
    gain: float  # no value exceeds the window's largest sample by more than this factor,
    bend: float  # nor, this many times its largest second difference added, the largest sample itself


class TruePeak:
    """Finds the largest oversampled magnitude of any channel."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        """Start with no samples."""
        factor = 4 if rate_hz < 96_000 else 2 if rate_hz < 192_000 else 1
        self._between = interpolator(factor)
        self._waiting = np.zeros((channels, TAPS), np.float32)
        self._last = np.zeros((channels, 0), np.float32)  # rows of the last block, looked at with the next
        self._peak = 0.0

    def add(self, block: Block) -> None:
        """Process the next block."""
        if self._last.size:
            self._take(np.concatenate([self._waiting, self._last], axis=1))
        self._last = block.T

    def facts(self) -> Facts:
        """`true_peak_dbtp`: None for digital silence; nothing may follow."""
        owed = self._waiting.shape[1] + self._last.shape[1]
        silence = np.zeros((len(self._waiting), CHUNK + -owed % CHUNK), np.float32)
        self._take(np.concatenate([self._waiting, self._last, silence], axis=1))
        return {"true_peak_dbtp": decibels(self._peak)}

    def _take(self, rows: Rows) -> None:
        """Look at whole chunks of rows of samples, but the last, into which the windows of the one before reach."""
        channels, frames = rows.shape
        whole = frames // CHUNK
        if whole < 2:
            self._waiting = rows
            return
        self._waiting = rows[:, (whole - 1) * CHUNK :].copy()
        largest = np.abs(rows[:, : whole * CHUNK]).reshape(channels, whole, CHUNK).max(axis=2)
        self._peak = max(self._peak, float(largest.max()))
        samples = np.maximum(largest[:, :-1], largest[:, 1:])
        is_near = samples * self._between.gain > self._peak
        if self._between.matrix.size and is_near.any():
            windows = _overlapping(rows, whole - 1, CHUNK)[is_near]
            slopes = windows[:, 1:] - windows[:, :-1]
            bends = np.abs(slopes[:, 1:] - slopes[:, :-1]).max(axis=1)
            windows = windows[samples[is_near] + bends * self._between.bend > self._peak]
            if windows.size:
                stretches = _overlapping(windows, CHUNK // STRETCH, STRETCH)
                self._look(stretches.transpose(2, 0, 1).reshape(STRETCH + TAPS, -1))

    def _look(self, windows: Rows) -> None:
        """Oversample what may beat the peak of windows, shape (STRETCH + TAPS, windows)."""
        samples = np.abs(windows).max(axis=0)
        bends = np.abs(windows[2:] + windows[:-2] - 2 * windows[1:-1]).max(axis=0)
        most = np.minimum(samples * self._between.gain, samples + bends * self._between.bend)
        if most.size > FIRST:
            first = np.argpartition(most, -FIRST)[-FIRST:]
            self._oversample(windows[:, first])
            most[first] = 0.0
        self._oversample(windows[:, most > self._peak])

    def _oversample(self, windows: Rows) -> None:
        if windows.size:
            self._peak = max(self._peak, float(np.abs(windows.T @ self._between.matrix).max()))


def _overlapping(rows: Rows, count: int, step: int) -> Rows:
    """Views of `step` + TAPS samples that begin every `step`: shape (rows, count, step + TAPS)."""
    strides = (rows.strides[0], step * rows.itemsize, rows.itemsize)
    return np.ndarray((len(rows), count, step + TAPS), np.float32, rows, 0, strides)


@lru_cache(maxsize=3)
def interpolator(factor: int) -> Interpolator:
    """The filter for an oversampling factor of 4, 2 or 1."""
    if factor == 1:
        return Interpolator(np.zeros((STRETCH + TAPS, 0), np.float32), 1.0, 0.0)
    offsets = np.arange(TAPS) - TAPS // 2 + 1
    columns: list[npt.NDArray[np.float64]] = []
    gain = bend = 0.0
    for phase in np.arange(1, factor) / factor:
        distance = offsets - phase
        taps = np.sinc(distance) * np.i0(KAISER * np.sqrt(1 - (2 * distance / TAPS) ** 2))
        taps /= taps.sum()
        slope = phase - float(offsets @ taps)
        taps += slope * ((offsets == 1) * 1.0 - (offsets == 0))  # so that a straight line stays one
        beyond_line = taps - (offsets == 0) * (1 - phase) - (offsets == 1) * phase
        gain = max(gain, float(np.abs(taps).sum()))
        bend = max(bend, float(np.abs(np.cumsum(np.cumsum(beyond_line))).sum()))
        columns += [np.r_[np.zeros(start), taps, np.zeros(STRETCH - start)] for start in range(STRETCH)]
    return Interpolator(np.array(columns).T.astype(np.float32), gain, bend)
