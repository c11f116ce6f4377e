"""The front end: samples to log-mel power, the same numbers in numpy (training) and inside the ONNX graph (serving)."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

EPSILON = 1e-6  # smallest mel power: about white noise at -83 dBFS, above the rounding noise of a float32 transform


@dataclass(frozen=True)
class FrontEnd:
    """Log-mel power of Hann windows that lie wholly inside the samples.

    Attributes:
        sample_rate_hz: of the samples.
        n_fft: samples a frame.
        hop: samples from one frame's start to the next.
        mels: bands.
        low_hz, high_hz: outer edges of the bands.
    """

    sample_rate_hz: int = 16_000
    n_fft: int = 512
    hop: int = 320
    mels: int = 64
    low_hz: float = 60.0
    high_hz: float = 7600.0

    def frames(self, samples: int) -> int:
        """How many whole frames lie in so many samples."""
        return max(0, (samples - self.n_fft) // self.hop + 1)

    @property
    def key(self) -> str:
        """Eight hex digits that name these settings; cached features carry it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]

    @property
    def description(self) -> str:
        """One sentence for model.json."""
        return (
            f"inside the graph: Hann {self.n_fft}, hop {self.hop} at {self.sample_rate_hz} Hz, {self.mels} mel bands "
            f"{self.low_hz:g}-{self.high_hz:g} Hz, log(max(power, {EPSILON:g}))"
        )

    @cached_property
    def bins(self) -> tuple[int, int]:
        """First and last but one DFT bin that any band uses."""
        used = np.flatnonzero(self._all_bands.sum(axis=1))
        return int(used[0]), int(used[-1]) + 1

    @cached_property
    def bands(self) -> Floats:
        """Triangular mel bands of unit area in Hz, shape (used bins, mels)."""
        first, end = self.bins
        return self._all_bands[first:end].astype(np.float32)

    @cached_property
    def basis(self) -> Floats:
        """Windowed cosines, then sines, of the used bins: shape (n_fft, 2 · used bins)."""
        first, end = self.bins
        angle = 2 * np.pi * np.outer(np.arange(self.n_fft), np.arange(first, end)) / self.n_fft
        window = self._window[:, None]
        return np.concatenate([np.cos(angle) * window, np.sin(angle) * window], axis=1).astype(np.float32)

    def power(self, wave: Floats) -> Floats:
        """Mel power, shape (frames, mels)."""
        count = self.frames(len(wave))
        if not count:
            return np.zeros((0, self.mels), dtype=np.float32)
        framed = np.lib.stride_tricks.sliding_window_view(wave, self.n_fft)[:: self.hop][:count]
        first, end = self.bins
        parts = [
            np.square(np.abs(np.fft.rfft(framed[at : at + 4096] * self._window)[:, first:end])) @ self.bands
            for at in range(0, count, 4096)
        ]
        return np.concatenate(parts).astype(np.float32)

    def log_mel(self, wave: Floats) -> Floats:
        """Natural logarithm of mel power, not below log(EPSILON); shape (frames, mels)."""
        return np.log(np.maximum(self.power(wave), EPSILON))

    @cached_property
    def _window(self) -> Floats:
        return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.n_fft) / self.n_fft)).astype(np.float32)

    @cached_property
    def _all_bands(self) -> npt.NDArray[np.float64]:
        """Slaney's area-normalised triangles on the HTK mel scale, widened to one bin where they are narrower."""
        edges = 700 * (10 ** (np.linspace(_mel(self.low_hz), _mel(self.high_hz), self.mels + 2) / 2595) - 1)
        bin_hz = self.sample_rate_hz / self.n_fft
        hz = np.arange(self.n_fft // 2 + 1) * bin_hz
        bands = np.zeros((len(hz), self.mels))
        for number in range(self.mels):
            low, centre, high = edges[number : number + 3]
            low, high = min(low, centre - bin_hz), max(high, centre + bin_hz)
            rising, falling = (hz - low) / (centre - low), (high - hz) / (high - centre)
            bands[:, number] = np.clip(np.minimum(rising, falling), 0, None) * 2 / (high - low) * bin_hz
        return bands


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))
