"""Heads: logistic regression on embeddings, a label at a time, by Newton's method. Needs numpy alone, takes seconds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.errors import BadRequest

Numbers = npt.NDArray[np.float64]
MOST_STEPS = 50
_TINY_WEIGHT = 1e-6  # keeps the Hessian invertible where all answers are certain


@dataclass(frozen=True)
class Head:
    """A dense layer: logits are `embeddings @ kernel + bias`.

    Attributes:
        kernel: shape (embedding, labels).
        bias: shape (labels,).
    """

    kernel: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def logits(self, embeddings: npt.NDArray[np.float32]) -> Numbers:
        """Shape (examples, labels)."""
        return np.asarray(embeddings.astype(np.float64) @ self.kernel + self.bias, dtype=np.float64)

    def calibrated(self, scale: Numbers, offset: Numbers) -> "Head":
        """The head whose logits are `scale · logits + offset`, a number of each a label."""
        return Head((self.kernel * scale).astype(np.float32), (self.bias * scale + offset).astype(np.float32))


def fit_head(embeddings: npt.NDArray[np.float32], truth: npt.NDArray[np.float32], l2: float) -> Head:
    """Fit every label by itself on the examples that somebody judged; classes weigh the same.

    Embeddings are standardised for the fit, and the standardisation is folded into the weights. Deterministic.

    Args:
        embeddings: shape (examples, embedding).
        truth: shape (examples, labels): 1 holds, 0 does not, NaN unknown.
        l2: strength of the penalty on weights of standardised embeddings, per example.

    Raises:
        BadRequest: a label without a positive or without a negative example.
    """
    mean, spread = embeddings.mean(axis=0, dtype=np.float64), embeddings.std(axis=0, dtype=np.float64)
    spread = np.where(spread > 1e-6, spread, 1.0)
    inputs = np.concatenate([(embeddings - mean) / spread, np.ones((len(embeddings), 1))], axis=1)
    columns = []
    for label in range(truth.shape[1]):
        known = ~np.isnan(truth[:, label])
        target = truth[known, label].astype(np.float64)
        if not target.any() or target.all():
            raise BadRequest(f"label {label} needs stretches in which it is heard, and others in which it is not")
        columns.append(_newton(inputs[known], target, l2))
    weights = np.stack(columns, axis=1)
    kernel = weights[:-1] / spread[:, None]
    return Head(kernel.astype(np.float32), (weights[-1] - mean @ kernel).astype(np.float32))


def _newton(inputs: Numbers, target: Numbers, l2: float) -> Numbers:
    """Weights (embedding + 1) of one label; the last one, the bias, is not penalised."""
    share = target.mean()
    each = np.where(target > 0.5, 0.5 / share, 0.5 / (1 - share)) / len(target)
    penalty = np.full(inputs.shape[1], l2)
    penalty[-1] = 0.0
    weights = np.zeros(inputs.shape[1])
    loss = _loss(inputs, target, each, penalty, weights)
    for _ in range(MOST_STEPS):
        answer = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        gradient = inputs.T @ (each * (answer - target)) + penalty * weights
        curve = each * np.maximum(answer * (1 - answer), _TINY_WEIGHT)
        step = np.linalg.solve((inputs.T * curve) @ inputs + np.diag(penalty + 1e-9), gradient)
        size = 1.0
        while size > 1e-4 and _loss(inputs, target, each, penalty, weights - size * step) > loss:
            size /= 2
        weights = weights - size * step
        before, loss = loss, _loss(inputs, target, each, penalty, weights)
        if before - loss < 1e-9:
            break
    return weights


def _loss(inputs: Numbers, target: Numbers, each: Numbers, penalty: Numbers, weights: Numbers) -> float:
    logits = inputs @ weights
    fit = np.logaddexp(0, logits) - target * logits
    return float(each @ fit + 0.5 * (penalty * weights) @ weights)


def platt(logits: Numbers, truth: npt.NDArray[np.float32], least: int = 10) -> tuple[Numbers, Numbers]:
    """Scale and offset of each label that make validation's answers probabilities (Platt, 1999).

    Labels with fewer than `least` positive or negative judgements keep scale 1 and offset 0.
    """
    labels = logits.shape[1]
    scale, offset = np.ones(labels), np.zeros(labels)
    for label in range(labels):
        known = ~np.isnan(truth[:, label])
        holds = truth[known, label] > 0.5
        if min(holds.sum(), (~holds).sum()) < least:
            continue
        inputs = np.stack([logits[known, label], np.ones(known.sum())], axis=1)
        positives, negatives = holds.sum(), (~holds).sum()  # Platt's smoothed targets, so that no weight is infinite
        target = np.where(holds, (positives + 1) / (positives + 2), 1 / (negatives + 2))
        fitted = _unweighted(inputs, target)
        if fitted[0] > 0:
            scale[label], offset[label] = fitted
    return scale, offset


def _unweighted(inputs: Numbers, target: Numbers) -> Numbers:
    each, penalty, weights = np.full(len(target), 1 / len(target)), np.full(2, 1e-6), np.array([1.0, 0.0])
    for _ in range(MOST_STEPS):
        answer = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        gradient = inputs.T @ (each * (answer - target)) + penalty * weights
        curve = each * np.maximum(answer * (1 - answer), _TINY_WEIGHT)
        step = np.linalg.solve((inputs.T * curve) @ inputs + np.diag(penalty), gradient)
        loss, size = _loss(inputs, target, each, penalty, weights), 1.0
        while size > 1e-4 and _loss(inputs, target, each, penalty, weights - size * step) > loss:
            size /= 2
        weights = weights - size * step
        if float(np.abs(size * step).max()) < 1e-8:
            break
    return weights
