"""Frame features of the loudness net: mel power of the newest 200 ms and of the 200 ms before, and their sums.

The numbers here are the ones that `networks.LoudnessFeatures` computes inside the graph.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.training.front_end import EPSILON, FrontEnd
from earshot.training.weak_loudness import classes, momentary_lufs

Floats = npt.NDArray[np.float32]

FRONT_END = FrontEnd(mels=24, low_hz=20.0, high_hz=7900.0)
WINDOW_SAMPLES = 6400  # 400 ms at 16 kHz
HOP_SAMPLES = 3200
FIRST_HALF = 9  # of the 19 spectral frames of a window, those of the older 200 ms
FEATURES = 2 * FRONT_END.mels + 3


@dataclass(frozen=True)
class LoudnessFrames:
    """Of one recording: features (frames, 51), momentary loudness (frames,), level of each frame in dBFS."""

    features: Floats
    lufs: npt.NDArray[np.float64]
    frame_db: npt.NDArray[np.float64]

    def at_gain(self, gain_db: float) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Features, classes and frame levels as if the recording were louder by that gain."""
        moved = np.maximum(self.features + gain_db * np.log(10) / 10, np.log(EPSILON))
        return moved.astype(np.float32), classes(self.lufs + gain_db), self.frame_db + gain_db


def loudness_frames(wave: Floats) -> LoudnessFrames:
    """Features and weak labels' loudness of a recording at 16 kHz; a window before the start holds silence."""
    count = len(wave) // HOP_SAMPLES
    past = np.concatenate([np.zeros(WINDOW_SAMPLES - HOP_SAMPLES, dtype=np.float32), wave[: count * HOP_SAMPLES]])
    windows = [past[at * HOP_SAMPLES : at * HOP_SAMPLES + WINDOW_SAMPLES] for at in range(count)]
    rows = [features(FRONT_END.power(window)) for window in windows]
    energy = np.square(wave[: count * HOP_SAMPLES], dtype=np.float64).reshape(count, HOP_SAMPLES).mean(axis=1)
    return LoudnessFrames(
        np.stack(rows) if rows else np.zeros((0, FEATURES), np.float32),
        momentary_lufs(wave, 16_000),
        10 * np.log10(np.maximum(energy, 1e-12)),
    )


def features(power: Floats) -> Floats:
    """51 natural logarithms: 24 bands of the older half, 24 of the newer, the halves' sums, the sum of all."""
    older, newer = power[:FIRST_HALF].mean(axis=0), power[FIRST_HALF:].mean(axis=0)
    sums = np.array([older.sum(), newer.sum(), older.sum() + newer.sum()], dtype=np.float32)
    return np.asarray(np.log(np.maximum(np.concatenate([older, newer, sums]), EPSILON)), dtype=np.float32)
