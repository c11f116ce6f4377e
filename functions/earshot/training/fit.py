"""Fitting: endless batches, an early stop on validation loss, a limit in minutes, and the curves."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import numpy.typing as npt

from earshot.training.prefetch import prefetched

Floats = npt.NDArray[np.float32]
Batches = Iterator[tuple[Floats, Floats]]


@dataclass(frozen=True)
class Fit:
    """How long and how fast.

    Attributes:
        epochs: at most; an epoch is `steps` batches.
        steps: batches an epoch.
        batch_size: examples a batch.
        learning_rate: at the start; it falls to nothing along half a cosine.
        patience: epochs without a lower validation loss before the stop.
        minutes: wall time after which no new epoch begins.
        seed: of weights, batches and everything random.
    """

    epochs: int = 12
    steps: int = 300
    batch_size: int = 64
    learning_rate: float = 2e-3
    patience: int = 4
    minutes: float = 20
    seed: int = 1


class _TimeLimit(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, minutes: float) -> None:
        super().__init__()
        self._end = time.monotonic() + 60 * minutes

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002 - the signature is Keras's
        if time.monotonic() > self._end:
            self.model.stop_training = True


def fit(
    network: keras.Model, batches: Batches, validation: tuple[Floats, Floats], settings: Fit, loss: str
) -> dict[str, list[float]]:
    """Fit; the network ends with the weights of its best epoch. Returns the curves `loss` and `val_loss`.

    `loss`: "labels" (any number hold, targets 0 or 1, NaN where nobody judged) or "classes" (one-hot).
    """
    total = settings.epochs * settings.steps
    network.compile(
        optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(settings.learning_rate, total), clipnorm=1.0
        ),
        loss=masked_cross_entropy if loss == "labels" else keras.losses.CategoricalCrossentropy(from_logits=True),
    )
    ahead = prefetched(batches)
    history = network.fit(
        ahead,
        steps_per_epoch=settings.steps,
        epochs=settings.epochs,
        validation_data=validation,
        verbose=2,
        callbacks=[
            keras.callbacks.EarlyStopping(monitor="val_loss", patience=settings.patience, restore_best_weights=True),
            _TimeLimit(settings.minutes),
        ],
    )
    ahead.close()
    return {name: [float(value) for value in values] for name, values in history.history.items()}


def masked_cross_entropy(truth: "keras.KerasTensor", logits: "keras.KerasTensor") -> "keras.KerasTensor":
    """Binary cross-entropy from logits over the labels that somebody judged; a truth of NaN is left out."""
    ops = keras.ops
    known = ops.cast(ops.logical_not(ops.isnan(truth)), logits.dtype)
    target = ops.where(ops.isnan(truth), ops.zeros_like(truth), truth)
    each = ops.maximum(logits, 0.0) - logits * target + ops.log1p(ops.exp(-ops.abs(logits)))
    return ops.sum(each * known, axis=-1) / ops.maximum(ops.sum(known, axis=-1), 1.0)


def seed_everything(seed: int) -> None:
    """Seed Python, numpy, torch and Keras; the same seed on the same machine gives the same weights."""
    keras.utils.set_random_seed(seed)


def logits(network: keras.Model, inputs: Floats) -> npt.NDArray[np.float64]:
    """The network's answers, in batches of 250."""
    parts = [
        keras.ops.convert_to_numpy(network(inputs[at : at + 250], training=False)) for at in range(0, len(inputs), 250)
    ]
    return np.concatenate(parts).astype(np.float64)


def probabilities(network: keras.Model, inputs: Floats, activation: str) -> npt.NDArray[np.float64]:
    """The network's answers after sigmoid or softmax."""
    values = logits(network, inputs)
    if activation == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-values)))
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def shuffled(inputs: Floats, targets: Floats, size: int, seed: int) -> Batches:
    """Endless batches of rows drawn at random."""
    dice = np.random.default_rng(seed)
    while True:
        chosen = dice.integers(0, len(inputs), size)
        yield inputs[chosen], targets[chosen]
