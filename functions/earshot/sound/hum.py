"""Mains hum: steady lines at 50 or 60 Hz and their multiples."""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from earshot.sound.decoder_output import Block, Facts, mono
from earshot.sound.quantiles import quantiles

DECIMATED_HZ = 2000
FRAME, HOP = 512, 256  # decimated samples: a quarter of a second, as long as a pause in continuous speech
LEAST_LENGTH = 6144  # decimated samples, 3 s
MAINS_HZ = (50, 60)
HARMONICS = 5
LINE_DB = 9.0  # of a line's power over the strongest of its surroundings, in the median of the quiet frames
QUIET_SHARE = 0.1  # of the frames: those whose surroundings are the faintest, line by line
STEADY_SHARES = (0.1, 0.9)  # quantiles of the line in these frames
STEADY_DB = 3.0  # how far apart they may be; notes swell and decay
FAINTEST_DBFS = -90.0  # below, the lines may be those that rounding to 16 bits leaves of a pure tone
LINES = 2  # that must stand out: a single steady tone is not hum
LEAST_FRAMES = 12  # that are looked at; about 1.6 s of them
AT_ONCE = 64  # frames, since each call of numpy has its price
_LINE = np.arange(-1, 2)  # bins: where a Hann window leaves a sine, wherever between bins it lies
_HANN_NOISE_BINS = 1.5
_SIDES = np.r_[-5:-2, 3:6]  # bins: the surroundings
_WINDOW = np.hanning(FRAME).astype(np.float32)


class Hum:
    """Keeps the power of the lines and their surroundings, frame by frame."""

    def __init__(self, rate_hz: int) -> None:
        """Start with no samples."""
        self._step = max(rate_hz // DECIMATED_HZ, 1)
        self._rate_hz = rate_hz / self._step
        self._line_bins, self._side_bins = _bins(self._rate_hz)
        self._held: list[npt.NDArray[np.float32]] = []  # mixed to one channel; until there are enough to look at
        self._missing = LEAST_LENGTH * self._step
        self._decimated: list[npt.NDArray[np.float32]] = []
        self._length = 0  # of all that is in it
        self._lines: list[npt.NDArray[np.float32]] = []  # shape (frames, 2, mains, harmonics): of line, of surroundings

    def add(self, block: Block) -> None:
        """Process the next block."""
        self._held.append(mono(block))
        self._missing -= len(block)
        if self._missing > 0:
            return
        mixed = np.concatenate(self._held)
        whole = len(mixed) // self._step * self._step
        self._held = [mixed[whole:].copy()]
        self._decimated.append(mixed[:whole].reshape(-1, self._step) @ _mean(self._step))
        self._length += whole // self._step
        if self._length >= AT_ONCE * HOP + FRAME:
            self._look()

    def facts(self) -> Facts:
        """`hum_hz` (50, 60 or None) and `hum_dbfs`, the RMS level of its lines; both None for less than 3 s."""
        nothing: Facts = {"hum_hz": None, "hum_dbfs": None}
        if self._missing > 0:
            return nothing
        self._look()
        line, around = np.moveaxis(np.concatenate(self._lines).astype(np.float64), 1, 0)
        quiet = np.argsort(around, axis=0)[: max(LEAST_FRAMES, round(QUIET_SHARE * len(around)))]
        line, around = np.take_along_axis(line, quiet, 0), np.take_along_axis(around, quiet, 0)
        levels = 10 * np.log10(line + 1e-20)
        (rises,) = quantiles((levels - 10 * np.log10(around + 1e-20)).T, (0.5,))
        low, high = quantiles(levels.T, STEADY_SHARES)
        stands_out = ((rises >= LINE_DB) & (high - low <= STEADY_DB)).T
        lines = stands_out.sum(axis=1)
        if lines.max() < LINES:
            return nothing
        mains = int(np.argmax(lines))
        power = float(quantiles(line.T, (0.5,))[0].T[mains][stands_out[mains]].sum())
        # A sine of amplitude a leaves (a * sum(window) / 2)^2 in its bin, and has a power of a^2 / 2.
        level_dbfs = 10 * math.log10(max(power * 2 / float(_WINDOW.sum()) ** 2, 1e-12))
        return {"hum_hz": MAINS_HZ[mains], "hum_dbfs": level_dbfs} if level_dbfs >= FAINTEST_DBFS else nothing

    def _look(self) -> None:
        """Take the lines and their surroundings of all whole frames, each of which begins in the midst of the last."""
        joined = np.concatenate(self._decimated)
        count = max((len(joined) - FRAME) // HOP + 1, 0)
        frames = np.lib.stride_tricks.sliding_window_view(joined, FRAME)[: count * HOP : HOP] if count else ()
        self._decimated, self._length = [joined[count * HOP :]], len(joined) - count * HOP
        if not len(frames):
            return
        power = np.square(np.abs(np.fft.rfft(frames * _WINDOW)))
        lines = power[:, self._line_bins].sum(axis=-1) / _HANN_NOISE_BINS
        self._lines.append(np.stack([lines, power[:, self._side_bins].max(axis=-1)], axis=1).astype(np.float32))


@lru_cache(maxsize=8)
def _mean(step: int) -> npt.NDArray[np.float32]:
    return np.full(step, 1 / step, np.float32)


@lru_cache(maxsize=8)
def _bins(rate_hz: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Bins of the lines, and of their surroundings: shape (mains, harmonics, bins)."""
    harmonics_hz = np.outer(MAINS_HZ, np.arange(1, HARMONICS + 1))
    bins = np.round(harmonics_hz * FRAME / rate_hz).astype(int)[:, :, np.newaxis]
    return bins + _LINE, bins + _SIDES
