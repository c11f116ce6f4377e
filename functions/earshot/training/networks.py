"""The networks, in Keras on torch: log-mel (or features) in, one logit a label out."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

from itertools import pairwise
from typing import Any

import keras
import numpy as np
from keras import layers, ops, regularizers

from earshot.training.front_end import EPSILON, FrontEnd
from earshot.training.loudness_frames import BOUNDS, FEATURES, k_weights

_FLOOR = 13.8155  # natural-log power under the window's loudest cell that counts as silence: 60 dB
_SCALE = 0.25  # brings log-mel values to about unit variance


@keras.saving.register_keras_serializable("earshot")
class LogMel(layers.Layer):  # type: ignore[misc]
    """Samples (batch, samples) to natural-log mel power (batch, frames, mels); the DFT is a convolution."""

    def __init__(self, front_end: FrontEnd, **options: object) -> None:
        """Keep the constants; nothing is trained."""
        super().__init__(trainable=False, **options)
        self._front_end = front_end
        self._basis = ops.convert_to_tensor(front_end.basis[:, None, :])
        self._bands = ops.convert_to_tensor(front_end.bands)

    def call(self, samples: "keras.KerasTensor") -> "keras.KerasTensor":
        """Power of each frame in each band, as a logarithm."""
        spectrum = ops.conv(ops.expand_dims(samples, -1), self._basis, strides=self._front_end.hop, padding="valid")
        used = self._bands.shape[0]
        power = ops.square(spectrum[..., :used]) + ops.square(spectrum[..., used:])
        return ops.log(ops.maximum(ops.matmul(power, self._bands), EPSILON))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Batch, frames, mels."""
        return (shape[0], self._front_end.frames(shape[1] or 0), self._front_end.mels)


@keras.saving.register_keras_serializable("earshot")
class Levelled(layers.Layer):  # type: ignore[misc]
    """Removes the window's level: nothing lower than 60 dB under its loudest cell, mean 0, one channel added."""

    def call(self, log_mel: "keras.KerasTensor") -> "keras.KerasTensor":
        """Shape (batch, frames, mels) to (batch, frames, mels, 1)."""
        loudest = ops.max(log_mel, axis=(1, 2), keepdims=True)
        floored = ops.maximum(log_mel, loudest - _FLOOR)
        levelled = (floored - ops.mean(floored, axis=(1, 2), keepdims=True)) * _SCALE
        return ops.expand_dims(levelled, -1)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One channel more."""
        return (*shape, 1)


def content_network(
    frames: int, mels: int, labels: int, widths: tuple[int, ...] = (16, 32, 64), l2: float = 1e-5
) -> keras.Model:
    """Three blocks of convolution, batch norm and max pooling, a dense head; logits out (seed 002's form)."""
    inputs = keras.Input((frames, mels))
    x = Levelled()(inputs)
    for number, width in enumerate(widths):
        x = _block(x, width, l2, (1, 1) if number else (2, 2))
    x = layers.Concatenate()(
        [
            layers.GlobalAveragePooling2D()(x),
            layers.GlobalMaxPooling2D()(x),
            layers.Flatten()(layers.AveragePooling2D((x.shape[1], 1))(x)),
        ]
    )
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(64, activation="relu", kernel_regularizer=regularizers.l2(l2))(x)
    return keras.Model(inputs, layers.Dense(labels, name="logits")(x), name="content")


def instruments_network(
    frames: int, mels: int, labels: int, widths: tuple[int, ...] = (16, 32, 64, 96), l2: float = 1e-5
) -> keras.Model:
    """Four blocks, then attention over time: each label weighs the moments that speak for it; logits out."""
    inputs = keras.Input((frames, mels))
    x = Levelled()(inputs)
    for number, width in enumerate(widths):
        x = _block(x, width, l2, (1, 1) if number else (2, 2))
    x = layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(128, activation="relu", kernel_regularizer=regularizers.l2(l2))(x)
    attention = layers.Softmax(axis=1)(layers.Dense(labels)(x))
    logits = layers.Dense(labels, name="logits")(x)
    pooled = layers.Multiply()([attention, logits])
    return keras.Model(inputs, layers.Lambda(_sum_over_time, output_shape=(labels,))(pooled), name="instruments")


def _sum_over_time(x: "keras.KerasTensor") -> "keras.KerasTensor":
    return ops.sum(x, axis=1)


def _block(x: "keras.KerasTensor", width: int, l2: float, strides: tuple[int, int]) -> "keras.KerasTensor":
    x = layers.Conv2D(
        width,
        5 if strides != (1, 1) else 3,
        strides,
        padding="same",
        use_bias=False,
        kernel_regularizer=regularizers.l2(l2),
    )(x)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    return layers.MaxPooling2D(2, padding="same")(x)


def loudness_network(features: int, labels: int, widths: tuple[int, ...] = (64, 32), l2: float = 1e-6) -> keras.Model:
    """Two dense layers on frame features (seed 004's form); logits out."""
    inputs = keras.Input((features,))
    x = layers.BatchNormalization()(inputs)
    for width in widths:
        x = layers.Dense(width, activation="relu", kernel_regularizer=regularizers.l2(l2))(x)
    return keras.Model(inputs, layers.Dense(labels, name="logits")(x), name="loudness_class")


def rescale_logits(network: keras.Model, scale: "np.ndarray[Any, Any]", offset: "np.ndarray[Any, Any]") -> None:
    """Change the last dense layer so that each label's logit becomes `scale · logit + offset`.

    Attention weighs moments with weights that add up to 1, so this holds behind the pooling too.
    """
    layer = network.get_layer("logits")
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel * scale, bias * scale + offset])


def serving(
    network: keras.Model, front_end: FrontEnd, samples: int, activation: str, *, loudness: bool = False
) -> keras.Model:
    """Samples (batch, samples) to probabilities: front end, trained network, sigmoid or softmax.

    `loudness` is set for the loudness net alone, which hears frame features instead of log-mel power.
    """
    inputs = keras.Input((samples,), name="samples")
    x = LogMel(front_end)(inputs)
    if loudness:
        x = LoudnessFeatures()(x)
    return keras.Model(inputs, layers.Activation(activation, name="probabilities")(network(x)), name="serving")


@keras.saving.register_keras_serializable("earshot")
class LoudnessFeatures(layers.Layer):  # type: ignore[misc]
    """Log-mel power of one window (batch, frames, mels) to the features of `loudness_frames.features`."""

    def __init__(self, **options: object) -> None:
        """Keep the weights of the bands; nothing is trained."""
        super().__init__(trainable=False, **options)
        self._weights_of_bands = ops.convert_to_tensor(k_weights()[:, None])

    def call(self, log_mel: "keras.KerasTensor") -> "keras.KerasTensor":
        """Bands of each 200 ms, their sums, the K-weighted power of each 400 ms, as logarithms."""
        power = ops.exp(log_mel)
        parts = [ops.mean(power[:, start:end], axis=1) for start, end in pairwise(BOUNDS)]
        sums = [ops.sum(part, axis=1, keepdims=True) for part in parts]
        weighted = [ops.matmul(part, self._weights_of_bands) for part in parts]
        pairs = [(one + other) / 2 for one, other in pairwise(weighted)]
        return ops.log(ops.maximum(ops.concatenate([*parts, *sums, *pairs], axis=1), EPSILON))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """All features of a window."""
        return (shape[0], FEATURES)


@keras.saving.register_keras_serializable("earshot")
class TimeStatistics(layers.Layer):  # type: ignore[misc]
    """Levelled log-mel (batch, frames, mels, 1) to each band's mean, spread, maximum and mean change over time."""

    def call(self, levelled: "keras.KerasTensor") -> "keras.KerasTensor":
        """Shape (batch, 4 · mels)."""
        x = levelled[..., 0]
        mean = ops.mean(x, axis=1, keepdims=True)
        spread = ops.sqrt(ops.mean(ops.square(x - mean), axis=1) + 1e-6)
        change = ops.mean(ops.abs(x[:, 1:] - x[:, :-1]), axis=1)
        return ops.concatenate([mean[:, 0], spread, ops.max(x, axis=1), change], axis=1)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Four values a band."""
        return (shape[0], 4 * (shape[2] or 0))


def statistics_network(
    frames: int, mels: int, labels: int, widths: tuple[int, ...] = (256, 128), l2: float = 1e-5
) -> keras.Model:
    """Dense layers on statistics over the window: a fiftieth of the work of the convolutions; logits out."""
    inputs = keras.Input((frames, mels))
    x = layers.BatchNormalization()(TimeStatistics()(Levelled()(inputs)))
    for width in widths:
        x = layers.Dense(width, activation="relu", kernel_regularizer=regularizers.l2(l2))(x)
        x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(labels, name="logits")(x), name="statistics")
