"""Figures of an evaluation: average precision, balanced accuracy, thresholds, calibration, confidence intervals."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


def average_precision(truth: npt.NDArray[np.bool_], scores: Numbers) -> float:
    """Area under the precision-recall steps, equal scores taken together; 0 without a positive."""
    order = np.argsort(-scores, kind="stable")
    hits = truth[order]
    if not hits.any():
        return 0.0
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # of each run of equal scores
    found = np.cumsum(hits)[ends]
    return float(np.sum(np.diff(found, prepend=0) / found[-1] * found / (ends + 1)))


def balanced_accuracy(truth: npt.NDArray[np.int64], answer: npt.NDArray[np.int64]) -> float:
    """Mean recall over the classes that occur."""
    return float(np.mean([(answer[truth == kind] == kind).mean() for kind in np.unique(truth)]))


def best_threshold(truth: npt.NDArray[np.bool_], scores: Numbers) -> float:
    """The threshold in 0.05 … 0.95 with the highest F1; the lowest of equals; 0.5 without a positive or negative."""
    if truth.all() or not truth.any():
        return 0.5
    grid = np.linspace(0.05, 0.95, 91)
    scored = [(f1(truth, scores >= threshold), -abs(threshold - 0.5), threshold) for threshold in grid]
    return round(float(max(scored)[2]), 2)


def f1(truth: npt.NDArray[np.bool_], answer: npt.NDArray[np.bool_]) -> float:
    """Harmonic mean of precision and recall; 0 where both are."""
    hits = float((truth & answer).sum())
    return 2 * hits / max(1.0, float(truth.sum() + answer.sum()))


def calibration_error(truth: npt.NDArray[np.bool_], scores: Numbers, bins: int = 10) -> float:
    """Expected calibration error: mean gap between score and share of positives over equal bins, by count."""
    at = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [
        abs(scores[at == n].mean() - truth[at == n].mean()) * (at == n).mean() for n in range(bins) if (at == n).any()
    ]
    return float(sum(gaps))


def interval(per_group: Sequence[float], seed: int = 0, draws: int = 1000) -> tuple[float, float]:
    """95 % interval of the mean over groups (sources, recordings) by the bootstrap, groups drawn whole."""
    values = np.asarray(per_group, dtype=np.float64)
    if len(values) < 2:
        return (float(values.mean()), float(values.mean())) if len(values) else (0.0, 1.0)
    dice = np.random.default_rng(seed)
    means = values[dice.integers(0, len(values), (draws, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def smoothed(scores: Numbers, hops: int) -> Numbers:
    """Mean of each hop's scores and the `hops` - 1 before it (causal)."""
    sums = np.cumsum(np.concatenate([np.zeros((1, scores.shape[1])), scores]), axis=0)
    ends = np.arange(1, len(scores) + 1)
    starts = np.maximum(ends - hops, 0)
    means: Numbers = (sums[ends] - sums[starts]) / (ends - starts)[:, None]
    return means
