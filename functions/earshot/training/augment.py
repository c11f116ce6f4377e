"""Augmentation in the log-mel domain: cheap, no transform a step. Each part has a switch of its own.

All work on a batch of natural-log mel power, shape (batch, frames, mels), and return a new array.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Batch = npt.NDArray[np.float32]

_DB = np.log(10) / 10  # natural-log power a decibel


@dataclass(frozen=True)
class Augment:
    """Which parts are on.

    Attributes:
        equaliser: a random smooth curve of ±10 dB over the bands.
        band_limit: nothing above (and sometimes below) a random band, as telephones and old codecs do.
        noise_floor: stationary noise 10 to 70 dB under the sound.
        reverberation: energy that decays into later frames.
        pitch: everything moved by up to three bands.
        masks: a few frames and bands set to the lowest value.
    """

    equaliser: bool = True
    band_limit: bool = True
    noise_floor: bool = True
    reverberation: bool = True
    pitch: bool = True
    masks: bool = False

    def __call__(self, batch: Batch, dice: np.random.Generator) -> Batch:
        """The batch with every part that is on, in the order a recording chain has them."""
        if self.pitch:
            batch = moved_in_pitch(batch, dice)
        if self.reverberation:
            batch = reverberated(batch, dice)
        if self.equaliser:
            batch = equalised(batch, dice)
        if self.noise_floor:
            batch = with_noise_floor(batch, dice)
        if self.band_limit:
            batch = band_limited(batch, dice)
        return masked(batch, dice) if self.masks else batch


NONE = Augment(False, False, False, False, False, False)


def equalised(batch: Batch, dice: np.random.Generator) -> Batch:
    """Add a piecewise linear curve through six random gains."""
    mels = batch.shape[2]
    knots = dice.normal(0, 4 * _DB, (len(batch), 6)).astype(np.float32)
    place = np.linspace(0, 5, mels)
    low = np.minimum(place.astype(int), 4)
    share = (place - low).astype(np.float32)
    curve = knots[:, low] * (1 - share) + knots[:, low + 1] * share
    louder: Batch = batch + curve[:, None, :]
    return louder


def band_limited(batch: Batch, dice: np.random.Generator) -> Batch:
    """Half of the examples lose what is above a random band, a quarter what is below one; 60 dB down at the far end."""
    size, _, mels = batch.shape
    band = np.arange(mels)[None, :]
    top = np.where(dice.random(size) < 0.5, dice.integers(mels // 3, mels, size), mels)[:, None]
    bottom = np.where(dice.random(size) < 0.25, dice.integers(1, mels // 4, size), 0)[:, None]
    steep = _DB * dice.uniform(3, 30, (size, 1))
    loss = np.minimum(60 * _DB, steep * (np.maximum(band - top, 0) + np.maximum(bottom - band, 0)))
    less: Batch = batch - loss[:, None, :].astype(np.float32)
    return less


def with_noise_floor(batch: Batch, dice: np.random.Generator) -> Batch:
    """Add stationary noise of a random tilt, its power in each cell chi-square distributed as noise's is."""
    size, frames, mels = batch.shape
    level: Batch = np.log(np.mean(np.exp(batch), axis=(1, 2), keepdims=True))
    below = np.where(dice.random(size) < 0.7, dice.uniform(10, 70, size), 120)[:, None, None] * _DB
    tilt = _DB * dice.uniform(-15, 10, (size, 1, 1)) * np.linspace(-1, 1, mels)[None, None, :]
    cells = np.log(dice.standard_gamma(2.0, (size, frames, mels)) / 2)
    sum_of_powers: Batch = np.logaddexp(batch, (level - below + tilt + cells).astype(np.float32))
    return sum_of_powers


def reverberated(batch: Batch, dice: np.random.Generator) -> Batch:
    """A third of the examples: each frame keeps a share of the energy of the frame before."""
    chosen = dice.random(len(batch)) < 0.33
    if not chosen.any():
        return batch
    power = np.exp(batch[chosen])
    keep = dice.uniform(0.3, 0.92, (len(power), 1)).astype(np.float32)
    wet = np.float32(dice.uniform(0.02, 0.3))
    tail = np.zeros_like(power[:, 0])
    for frame in range(power.shape[1]):
        tail = keep * (tail + power[:, frame] * wet)
        power[:, frame] += tail
    result = batch.copy()
    result[chosen] = np.log(power)
    return result


def moved_in_pitch(batch: Batch, dice: np.random.Generator) -> Batch:
    """Each example moved up or down by at most three bands; the edge band is repeated."""
    mels = batch.shape[2]
    shift = dice.integers(-3, 4, len(batch))
    source = np.clip(np.arange(mels)[None, :] - shift[:, None], 0, mels - 1)
    return np.take_along_axis(batch, source[:, None, :], axis=2)


def masked(batch: Batch, dice: np.random.Generator) -> Batch:
    """One stretch of up to a tenth of the frames and one of up to a tenth of the bands, at the lowest value."""
    size, frames, mels = batch.shape
    lowest = batch.min(axis=(1, 2), keepdims=True)
    first, wide = dice.integers(0, frames, (size, 1)), dice.integers(0, frames // 10 + 1, (size, 1))
    at, high = dice.integers(0, mels, (size, 1)), dice.integers(0, mels // 10 + 1, (size, 1))
    frame, band = np.arange(frames)[None, :], np.arange(mels)[None, :]
    hidden = ((frame >= first) & (frame < first + wide))[:, :, None] | ((band >= at) & (band < at + high))[:, None, :]
    return np.where(hidden, lowest, batch)
