"""How high the sound reaches, and whether its sample rate promises more than is there.

The long-term average power spectrum over all channels, from Hann-windowed frames of about 90 ms.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from earshot.sound.decoder_output import Block, Facts
from earshot.sound.mirror_images import Spectra, possible_rates_hz, rate_before
from earshot.sound.quantiles import quantile

RESOLUTION_HZ = 12
LOWEST_HZ = 20.0  # rumble and offset below are not the sound
BANDWIDTH_DB = -50.0  # below the highest bin; NeMo's speech filters use the same
BANDS = 128  # up to half the sample rate, for finding an edge
EDGE_DB = 25.0  # how far the spectrum falls there,
EDGE_BANDS = 6  # within this many bands (5 % of half the sample rate), as only a filter's does
BELOW_BANDS, BELOW_HZ = 4, 500.0  # looked at below the edge: whichever is more
LOWEST_EDGE_HZ = 3000.0  # drums and basses fall as fast below; no sample rate and no codec in use ends there
WIDER_BANDS = 16  # before the edge: the sound fills them too, not one cluster of tones over a floor of noise
RANGE_DB = 120.0  # below the highest bin, where 16 bits round; the window smears less
CONTINUOUS = 0.25  # quantile of the bins there: a filter cuts off what lies between tones too, a last tone leaves it
FAKE_SHARE = 0.93  # of half the sample rate; an edge higher up is a converter's own filter
KEPT_FRAMES = 16  # that images are looked for in, at least; spread evenly over the recording
FLOOR = 1e-20


class Spectrum:
    """Averages power over frames and channels."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        """Start with no samples."""
        self._rate_hz = rate_hz
        self._length = 1 << round(math.log2(rate_hz / RESOLUTION_HZ))
        self._window = _window(self._length)
        self._waiting = np.empty((channels, 0), np.float32)
        self._power = np.zeros(self._length // 2 + 1)
        self._frames = 0
        self._seen, self._stride = 0, 1  # frames of one channel so far; each such one is kept
        self._kept: list[Spectra] = []
        self._looks_for_images = bool(possible_rates_hz(rate_hz, FAKE_SHARE))

    def add(self, block: Block) -> None:
        """Process the next block."""
        rows = np.concatenate([self._waiting, block.T], axis=1) if self._waiting.shape[1] else block.T
        whole = rows.shape[1] // self._length * self._length
        self._waiting = rows[:, whole:].copy()
        if whole:
            self._take(rows[:, :whole])

    def facts(self) -> Facts:
        """`bandwidth_hz`, `cutoff_hz`, `fake_rate`; nothing may follow.

        None for digital silence; a recording shorter than a frame is taken for one.
        """
        if not self._frames:
            self._take(np.pad(self._waiting, ((0, 0), (0, self._length - self._waiting.shape[1]))))
        power = self._power * (self._length**2 / self._frames)
        power[: math.ceil(LOWEST_HZ * self._length / self._rate_hz)] = 0.0
        if power.max() <= FLOOR:
            return {"bandwidth_hz": None, "cutoff_hz": None, "fake_rate": None}
        reached = np.flatnonzero(power >= power.max() * 10 ** (BANDWIDTH_DB / 10))
        edge = _edge(power, self._rate_hz)
        cutoff_hz = None if edge is None else edge * self._rate_hz / 2
        before_hz = rate_before(np.array(self._kept), self._rate_hz, FAKE_SHARE) if self._kept else None
        if before_hz is not None:
            cutoff_hz = min(before_hz / 2, cutoff_hz or np.inf)
        return {
            "bandwidth_hz": round(int(reached[-1]) * self._rate_hz / self._length),
            "cutoff_hz": None if cutoff_hz is None else round(cutoff_hz),
            "fake_rate": cutoff_hz is not None and cutoff_hz < FAKE_SHARE * self._rate_hz / 2,
        }

    def _take(self, rows: npt.NDArray[np.float32]) -> None:
        """Process whole frames; shape (channels, samples)."""
        # A norm other than the default keeps numpy (2.4) from computing in double precision, which takes twice as long.
        spectra = np.fft.rfft(rows.reshape(-1, self._length) * self._window, norm="forward")
        parts = spectra.view(np.float32)  # real, imaginary, real, …
        squares = np.einsum("fp,fp->p", parts, parts)
        self._power += squares[::2] + squares[1::2]
        self._frames += len(parts)
        if self._looks_for_images:
            self._keep(parts.view(np.complex64).reshape(len(rows), -1, spectra.shape[1]))

    def _keep(self, spectra: Spectra) -> None:
        """Keep the mean over channels of one frame of so many; shape (channels, frames, bins)."""
        first = -self._seen % self._stride
        self._seen += spectra.shape[1]
        self._kept += list(spectra[:, first :: self._stride].mean(axis=0))
        while len(self._kept) >= 2 * KEPT_FRAMES:
            self._kept, self._stride = self._kept[::2], 2 * self._stride


@lru_cache(maxsize=8)
def _window(length: int) -> npt.NDArray[np.float32]:
    return np.hanning(length).astype(np.float32)


def _edge(power: npt.NDArray[np.float64], rate_hz: int) -> float | None:
    """Where a filter cut the spectrum off, as a share of half the sample rate; None where it falls off by itself."""
    bins = power[1:].size // BANDS
    power = np.maximum(power[1 : BANDS * bins + 1], power.max() * 10 ** (-RANGE_DB / 10))
    levels, bands = 10 * np.log10(power), 10 * np.log10(power.reshape(BANDS, bins).mean(axis=1))
    above = np.maximum.accumulate(bands[::-1])[::-1]
    width = max(BELOW_BANDS, round(BELOW_HZ * 2 * BANDS / rate_hz))
    lowest, last = max(round(LOWEST_EDGE_HZ * 2 * BANDS / rate_hz) - width, 0), BANDS - width - EDGE_BANDS - 1
    starts = np.arange(min(lowest, last), last + 1)
    highest = levels.reshape(BANDS, bins).max(axis=1)[starts[:, np.newaxis] + np.arange(width)].max(axis=1)
    starts = starts[highest - above[starts + width + EDGE_BANDS] >= EDGE_DB]
    if not starts.size:  # the spectrum never falls as far, not even from the highest bin below
        return None
    windows = levels[bins * starts[:, np.newaxis] + np.arange(width * bins)]
    below = quantile(windows, CONTINUOUS)  # of the bands before each from `width` on
    falls = below - above[starts + width + EDGE_BANDS]
    steepest = int(np.argmax(falls))
    end = int(starts[steepest]) + width
    filled = quantile(bands[max(end - WIDER_BANDS, 0) : end], CONTINUOUS) - above[end + EDGE_BANDS]
    if falls[steepest] < EDGE_DB or filled < EDGE_DB / 2:
        return None
    half_way = below[steepest] - EDGE_DB / 2
    return float(np.flatnonzero(bands >= half_way)[-1] + 1) / BANDS
