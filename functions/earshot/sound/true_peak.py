"""The peak between the samples, which a converter plays and a lossy codec clips.

Source: ITU-R BS.1770-5, Annex 2: oversampling 4 times at 48 kHz, less above. Only stretches that could still beat the
running peak are oversampled. What the filter can make of a stretch is bounded twice: by its largest sample, and, closer
for all that is not mostly treble, by its largest sample and the largest bend (second difference) between samples.
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
_OFFSETS = np.arange(STRETCH + TAPS)[:, np.newaxis]
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
        self._peak = 0.0

    def add(self, block: Block) -> None:
        """Process the next block."""
        rows = np.concatenate([self._waiting, block.T], axis=1)
        windows = rows.shape[1] // STRETCH - 1  # each spans two stretches
        self._waiting = rows[:, max(windows, 0) * STRETCH :]
        self._peak = max(self._peak, float(rows.max()), -float(rows.min()))
        if windows > 0 and self._between.matrix.size:
            for row in rows:
                self._look(row[: (windows + 1) * STRETCH])

    def facts(self) -> Facts:
        """`true_peak_dbtp`: None for digital silence; nothing may follow."""
        self.add(np.zeros((2 * STRETCH, len(self._waiting)), np.float32, order="F"))
        return {"true_peak_dbtp": decibels(self._peak)}

    def _look(self, row: Rows) -> None:
        """Oversample what may beat the peak in a row of whole stretches of one channel."""
        least = np.float32(self._peak / self._between.gain)
        is_near = np.zeros(row.size // STRETCH, np.bool_)
        is_near[np.flatnonzero((row > least) | (row < -least)) // STRETCH] = True
        starts = STRETCH * np.flatnonzero(is_near[:-1] | is_near[1:])  # each window spans two stretches
        windows = row[_OFFSETS + starts]
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
