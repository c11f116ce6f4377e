"""Frame features of the loudness net: mel power of each 200 ms of the last second, their sums, and momentary loudness.

The past lets the net follow the hysteresis of its labels. The numbers here are the ones that
`networks.LoudnessFeatures` computes inside the graph.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from earshot.sound.k_weighting import KWeighting
from earshot.tagging.causal_windows import CausalWindows
from earshot.training.front_end import EPSILON, FrontEnd
from earshot.training.weak_loudness import classes, momentary_lufs

Floats = npt.NDArray[np.float32]

FRONT_END = FrontEnd(mels=24, low_hz=20.0, high_hz=7900.0)
PARTS = 5  # of 200 ms
WINDOW_SAMPLES = 16_000  # 1 s at 16 kHz
HOP_SAMPLES = WINDOW_SAMPLES // PARTS
BOUNDS = (0, 10, 20, 30, 40, 49)  # of the window's 49 spectral frames, those of each 200 ms
FEATURES = PARTS * FRONT_END.mels + PARTS + (PARTS - 1)


@dataclass(frozen=True)
class LoudnessFrames:
    """Of one recording: features (frames, FEATURES), momentary loudness (frames,), level of each frame in dBFS."""

    features: Floats
    lufs: npt.NDArray[np.float64]
    frame_db: npt.NDArray[np.float64]

    def at_gain(self, gain_db: float) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Features, classes and frame levels as if the recording were louder by that gain."""
        moved = np.maximum(self.features + gain_db * np.log(10) / 10, np.log(EPSILON))
        return moved.astype(np.float32), classes(self.lufs + gain_db), self.frame_db + gain_db


def loudness_frames(wave: Floats) -> LoudnessFrames:
    """Features and weak labels' loudness of a recording at 16 kHz, in windows as the tagger cuts them."""
    count = len(wave) // HOP_SAMPLES
    made = CausalWindows(WINDOW_SAMPLES, HOP_SAMPLES).add(wave[: count * HOP_SAMPLES])
    rows = [features(FRONT_END.power(window)) for part in made for window in part.samples]
    energy = np.square(wave[: count * HOP_SAMPLES], dtype=np.float64).reshape(count, HOP_SAMPLES).mean(axis=1)
    return LoudnessFrames(
        np.stack(rows) if rows else np.zeros((0, FEATURES), np.float32),
        momentary_lufs(wave, 16_000),
        10 * np.log10(np.maximum(energy, 1e-12)),
    )


def features(power: Floats) -> Floats:
    """129 natural logarithms: 24 bands of each 200 ms, their sums, and the K-weighted power of each 400 ms."""
    parts = np.stack([power[start:end].mean(axis=0) for start, end in pairwise(BOUNDS)])
    weighted = parts @ k_weights()
    values = np.concatenate([parts.ravel(), parts.sum(axis=1), (weighted[1:] + weighted[:-1]) / 2])
    return np.asarray(np.log(np.maximum(values, EPSILON)), dtype=np.float32)


@cache
def k_weights() -> Floats:
    """What each mel band's power counts in loudness: its width and the gain of K-weighting (ITU-R BS.1770) there."""
    filtered = KWeighting(FRONT_END.sample_rate_hz, 1)
    impulse = np.zeros((1, FRONT_END.sample_rate_hz), np.float32)
    impulse[0, 0] = 1
    response = np.concatenate([filtered.push(impulse), filtered.flush()], axis=1)[0][: FRONT_END.sample_rate_hz]
    gain = np.square(np.abs(np.fft.rfft(response)))  # a bin is 1 Hz
    low, high = (2595 * float(np.log10(1 + hz / 700)) for hz in (FRONT_END.low_hz, FRONT_END.high_hz))
    mel = np.linspace(low, high, FRONT_END.mels + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    width = (edges[2:] - edges[:-2]) / 2
    weights = width * np.interp(edges[1:-1], np.arange(len(gain)), gain)
    return np.asarray(weights / weights.sum(), dtype=np.float32)
