"""Endless batches: stretches cut at random from cached features, mixed, spliced and augmented on the way.

Mixing adds power, so it is done on log-mel features; it stands for a sum of uncorrelated waves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.training.augment import Augment
from earshot.training.feature_cache import Halves

Floats = npt.NDArray[np.float32]

_DB = float(np.log(10) / 10)


@dataclass(frozen=True)
class Mix:
    """How examples are combined.

    Attributes:
        mixed: share of examples with two sounds at once (content) or the most at once (instruments).
        spliced: share of examples in which one sound replaces another inside the window.
        padded: share of examples that begin with silence.
        mode: complementary, random or none; whether the parts of an instrument mix differ in frequency range.
    """

    mixed: float = 0.25
    spliced: float = 0.1
    padded: float = 0.1
    mode: str = "complementary"


class Stretches:
    """Stretches of one label set, to cut windows from."""

    def __init__(self, features: Sequence[Halves], frames: int, tail: int) -> None:
        """Find where windows may start: the last `tail` frames within 30 dB of the recording's loud parts."""
        padded = [feature for feature in features if len(feature) >= frames]
        self._all = np.concatenate(padded) if padded else np.zeros((0, 1), dtype=np.float16)
        starts, offset = [], 0
        for feature in padded:
            level = np.log(np.exp(feature.astype(np.float32)).mean(axis=1) + 1e-12)
            loud = np.lib.stride_tricks.sliding_window_view(level, tail)[frames - tail :].max(axis=1)
            starts.append(offset + np.flatnonzero(loud > np.quantile(level, 0.95) - 30 * _DB))
            offset += len(feature)
        self._starts = np.concatenate(starts) if starts else np.zeros(0, dtype=np.int64)
        self._frames = frames

    def __len__(self) -> int:
        """How many windows there are."""
        return len(self._starts)

    def draw(self, count: int, dice: np.random.Generator) -> Floats:
        """Windows at random places, each at a mean power of 1; shape (count, frames, mels)."""
        places = self._starts[dice.integers(0, len(self._starts), count)]
        windows = self._all[places[:, None] + np.arange(self._frames)].astype(np.float32)
        levelled: Floats = windows - np.log(np.mean(np.exp(windows), axis=(1, 2), keepdims=True) + 1e-12)
        return levelled


def content_batches(
    stretches: Sequence[Stretches], mix: Mix, augment: Augment, size: int, seed: int
) -> Iterator[tuple[Floats, Floats]]:
    """Batches of (log-mel, labels) with one label a kind of stretch; labels hold for the window's last quarter."""
    dice = np.random.default_rng(seed)
    kinds = len(stretches)
    while True:
        first, second = dice.integers(0, kinds, size), dice.integers(0, kinds, size)
        second = np.where(second == first, (second + 1) % kinds, second)
        one, two = _draw(stretches, first, dice), _draw(stretches, second, dice)
        frames = one.shape[1]
        labels = np.eye(kinds, dtype=np.float32)[first]
        fate = dice.random(size)
        at_once = fate < mix.mixed
        spliced = (fate >= mix.mixed) & (fate < mix.mixed + mix.spliced)
        gain_db = dice.uniform(-20, 20, size)
        gain = (gain_db * _DB).astype(np.float32)[:, None, None]
        mixed = np.logaddexp(one, two + gain)
        both = np.where((gain_db > -12)[:, None], np.eye(kinds, dtype=np.float32)[second], 0)
        both = np.maximum(both, np.where((gain_db < 12)[:, None], labels, 0))
        cut = dice.integers(2, frames * 3 // 4, size)[:, None, None]
        joined = np.where(np.arange(frames)[None, :, None] < cut, two + gain / 2, one)
        windows = np.where(at_once[:, None, None], mixed, np.where(spliced[:, None, None], joined, one))
        labels = np.where(at_once[:, None], both, labels)
        windows = augment(windows.astype(np.float32), dice)
        yield _padded(windows, mix.padded, dice), labels


def instrument_batches(
    stretches: Sequence[Stretches],
    ranges: Sequence[int],
    mix: Mix,
    augment: Augment,
    size: int,
    seed: int,
    most: int = 3,
) -> Iterator[tuple[Floats, Floats]]:
    """Batches of one to `most` instruments at once, each 0 to -8 dB; `ranges` is each label's frequency range."""
    dice = np.random.default_rng(seed)
    kinds = len(stretches)
    range_of = np.asarray(ranges)
    while True:
        count = np.ones(size, dtype=int) if mix.mode == "none" else dice.integers(1, most + 1, size)
        chosen = np.stack([dice.integers(0, kinds, size) for _ in range(most)], axis=1)
        if mix.mode == "complementary":
            for turn in range(1, most):  # one more try for a range of its own
                clash = (range_of[chosen[:, turn]][:, None] == range_of[chosen[:, :turn]]).any(axis=1)
                chosen[clash, turn] = dice.integers(0, kinds, int(clash.sum()))
        labels = np.zeros((size, kinds), dtype=np.float32)
        windows = np.full((1, 1, 1), -30, dtype=np.float32)
        for turn in range(most):
            present = turn < count
            gain = np.where(present, dice.uniform(-8, 0, size), -200) * _DB
            part = _draw(stretches, chosen[:, turn], dice) + gain.astype(np.float32)[:, None, None]
            windows = np.logaddexp(windows, part)
            labels[np.flatnonzero(present), chosen[present, turn]] = 1
        yield augment(windows.astype(np.float32), dice), labels


def _draw(stretches: Sequence[Stretches], kinds: npt.NDArray[np.int64], dice: np.random.Generator) -> Floats:
    windows: Floats | None = None
    for kind, source in enumerate(stretches):
        wanted = np.flatnonzero(kinds == kind)
        if not len(wanted):
            continue
        drawn = source.draw(len(wanted), dice)
        if windows is None:
            windows = np.empty((len(kinds), *drawn.shape[1:]), dtype=np.float32)
        windows[wanted] = drawn
    if windows is None:
        raise ValueError("no stretches to draw from")
    return windows


def _padded(windows: Floats, share: float, dice: np.random.Generator) -> Floats:
    frames = windows.shape[1]
    silent = np.where(dice.random(len(windows)) < share, dice.integers(0, frames * 3 // 4, len(windows)), 0)
    hidden = np.arange(frames)[None, :] < silent[:, None]
    return np.where(hidden[:, :, None], np.float32(-30), windows)
