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
    """Stretches that one label holds in, to cut windows from, and what else is known of each."""

    def __init__(self, features: Sequence[Halves], frames: int, tail: int, truths: Floats) -> None:
        """Find where windows may start: the last `tail` frames within 30 dB of the recording's loud parts.

        Args:
            features: log-mel power of each stretch, shape (frames, mels).
            truths: shape (stretches, labels): 1 holds, 0 does not, NaN unknown.
        """
        long = [number for number, feature in enumerate(features) if len(feature) >= frames]
        self._all = np.concatenate([features[number] for number in long]) if long else np.zeros((0, 1), np.float16)
        self._truths = truths
        starts, owners, offset = [], [], 0
        for number in long:
            level = np.log(np.exp(features[number].astype(np.float32)).mean(axis=1) + 1e-12)
            loud = np.lib.stride_tricks.sliding_window_view(level, tail)[frames - tail :].max(axis=1)
            found = offset + np.flatnonzero(loud > np.quantile(level, 0.95) - 30 * _DB)
            starts.append(found)
            owners.append(np.full(len(found), number))
            offset += len(features[number])
        self._starts = np.concatenate(starts) if starts else np.zeros(0, dtype=np.int64)
        self._owners = np.concatenate(owners) if owners else np.zeros(0, dtype=np.int64)
        self._frames = frames

    def __len__(self) -> int:
        """How many windows there are."""
        return len(self._starts)

    def draw(self, count: int, dice: np.random.Generator) -> tuple[Floats, Floats]:
        """Windows at random places, each at a mean power of 1, (count, frames, mels); and their truth."""
        chosen = dice.integers(0, len(self._starts), count)
        places = self._starts[chosen]
        windows = self._all[places[:, None] + np.arange(self._frames)].astype(np.float32)
        levelled: Floats = windows - np.log(np.mean(np.exp(windows), axis=(1, 2), keepdims=True) + 1e-12)
        return levelled, self._truths[self._owners[chosen]]


def either(one: Floats, other: Floats) -> Floats:
    """Truth of two sounds at once: 1 where either holds, NaN where that is not known, 0 where neither does."""
    unknown = np.isnan(one) | np.isnan(other)
    holds = (one == 1) | (other == 1)
    return np.where(holds, 1, np.where(unknown, np.nan, 0)).astype(np.float32)


def content_batches(
    stretches: Sequence[Stretches], mix: Mix, augment: Augment, size: int, seed: int
) -> Iterator[tuple[Floats, Floats]]:
    """Batches of (log-mel, truth), every kind of stretch as often; truth is that of the window's last quarter.

    A sound that lies more than 12 dB under another one counts as not heard.
    """
    dice = np.random.default_rng(seed)
    kinds = len(stretches)
    while True:
        first, second = dice.integers(0, kinds, size), dice.integers(0, kinds, size)
        second = np.where(second == first, (second + 1) % kinds, second)
        (one, truth), (two, other) = _draw(stretches, first, dice), _draw(stretches, second, dice)
        frames = one.shape[1]
        fate = dice.random(size)
        at_once = fate < mix.mixed
        spliced = (fate >= mix.mixed) & (fate < mix.mixed + mix.spliced)
        gain_db = dice.uniform(-20, 20, size)
        gain = (gain_db * _DB).astype(np.float32)[:, None, None]
        mixed = np.logaddexp(one, two + gain)
        heard = np.where((gain_db < 12)[:, None], truth, 0), np.where((gain_db > -12)[:, None], other, 0)
        cut = dice.integers(2, frames * 3 // 4, size)[:, None, None]
        joined = np.where(np.arange(frames)[None, :, None] < cut, two + gain / 2, one)
        windows = np.where(at_once[:, None, None], mixed, np.where(spliced[:, None, None], joined, one))
        labels = np.where(at_once[:, None], either(*heard), truth)
        windows = augment(windows.astype(np.float32), dice)
        yield _padded(windows, mix.padded, dice), labels.astype(np.float32)


def instrument_batches(
    stretches: Sequence[Stretches],
    ranges: Sequence[int],
    mix: Mix,
    augment: Augment,
    size: int,
    seed: int,
    most: int = 3,
) -> Iterator[tuple[Floats, Floats]]:
    """Batches of one to `most` instruments at once, each 0 to -8 dB; `ranges` is each kind's frequency range."""
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
        windows, labels = _draw(stretches, chosen[:, 0], dice)
        windows = windows + (dice.uniform(-8, 0, size) * _DB).astype(np.float32)[:, None, None]
        for turn in range(1, most):
            present = turn < count
            gain = np.where(present, dice.uniform(-8, 0, size), -200) * _DB
            part, truth = _draw(stretches, chosen[:, turn], dice)
            windows = np.logaddexp(windows, part + gain.astype(np.float32)[:, None, None])
            labels = np.where(present[:, None], either(labels, truth), labels)
        yield augment(windows.astype(np.float32), dice), labels.astype(np.float32)


def _draw(
    stretches: Sequence[Stretches], kinds: npt.NDArray[np.int64], dice: np.random.Generator
) -> tuple[Floats, Floats]:
    windows: Floats | None = None
    truths: Floats | None = None
    for kind, source in enumerate(stretches):
        wanted = np.flatnonzero(kinds == kind)
        if not len(wanted):
            continue
        drawn, truth = source.draw(len(wanted), dice)
        if windows is None or truths is None:
            windows = np.empty((len(kinds), *drawn.shape[1:]), dtype=np.float32)
            truths = np.empty((len(kinds), truth.shape[1]), dtype=np.float32)
        windows[wanted], truths[wanted] = drawn, truth
    if windows is None or truths is None:
        raise ValueError("no stretches to draw from")
    return windows, truths


def _padded(windows: Floats, share: float, dice: np.random.Generator) -> Floats:
    frames = windows.shape[1]
    silent = np.where(dice.random(len(windows)) < share, dice.integers(0, frames * 3 // 4, len(windows)), 0)
    hidden = np.arange(frames)[None, :] < silent[:, None]
    return np.where(hidden[:, :, None], np.float32(-30), windows)
