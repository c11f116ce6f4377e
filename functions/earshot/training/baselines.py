"""Baseline rows beside a model: what is reached without a network, on the same test decisions.

`constant` answers each label's share in train; `one_feature` is the best single threshold on one statistic of the
window; `logistic` is logistic regression on all statistics. A network that does not beat them learned nothing.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot.errors import BadRequest
from earshot.training.evaluation import primary_figure, rounded
from earshot.training.front_end import FrontEnd
from earshot.training.labelled_windows import Reader, judged_windows
from earshot.training.logistic_head import Numbers, fit_head
from earshot.training.training_data_manifest import Row

Truth = npt.NDArray[np.float32]
MOST_WINDOWS = 4000  # of each split, evenly spaced: baselines need no more


def statistics(wave: npt.NDArray[np.float32], front_end: FrontEnd) -> npt.NDArray[np.float32]:
    """Mean and spread over time of each log-mel band, mean change, and the level: shape (3 · mels + 1,)."""
    log_mel = front_end.log_mel(wave)
    level = np.float32(np.log(np.mean(np.square(wave, dtype=np.float64)) + 1e-12))
    change = np.abs(np.diff(log_mel, axis=0)).mean(axis=0) if len(log_mel) > 1 else np.zeros(front_end.mels)
    return np.concatenate([log_mel.mean(axis=0) - level, log_mel.std(axis=0), change, [level]]).astype(np.float32)


def baselines(
    names: Sequence[str],
    task: str,
    train: Sequence[Row],
    test: Sequence[Row],
    read: Reader,
    labels: Sequence[str],
    front_end: FrontEnd,
    window: int,
    hop: int,
) -> dict[str, dict[str, Any]]:
    """The primary figure of each baseline that is named, on the test rows."""
    wanted = [name for name in names if name in ("constant", "one_feature", "logistic")]
    if not wanted:
        return {}
    features, truth = _examples(train, read, labels, front_end, window, hop)
    others, judged = _examples(test, read, labels, front_end, window, hop)
    if not len(truth) or not len(judged):
        return {}
    made: dict[str, Numbers] = {}
    shares = np.nan_to_num(np.nanmean(truth, axis=0))
    made["constant"] = np.broadcast_to(shares, judged.shape).astype(np.float64)
    made["one_feature"] = np.stack([_one_feature(features, truth[:, n], others) for n in range(len(labels))], axis=1)
    made["logistic"] = _logistic(features, truth, others)
    return {name: {"value": rounded(primary_figure(task, judged, made[name]))} for name in wanted}


def _examples(
    rows: Sequence[Row], read: Reader, labels: Sequence[str], front_end: FrontEnd, window: int, hop: int
) -> tuple[npt.NDArray[np.float32], Truth]:
    features, truth = [], []
    for judged in judged_windows(rows, read, labels, rate_hz=front_end.sample_rate_hz, window=window, hop=hop):
        features += [statistics(each, front_end) for each in judged.windows]
        truth.append(judged.truth)
    if not features:
        return np.zeros((0, 1), np.float32), np.zeros((0, len(labels)), np.float32)
    stacked, known = np.stack(features), np.concatenate(truth)
    if len(known) > MOST_WINDOWS:
        at = np.linspace(0, len(known) - 1, MOST_WINDOWS).astype(int)
        stacked, known = stacked[at], known[at]
    return stacked, known


def _one_feature(features: npt.NDArray[np.float32], truth: npt.NDArray[np.float32], others: Any) -> Numbers:
    """Scores of one label by the statistic that separates train best; the sign too is chosen on train."""
    known = ~np.isnan(truth)
    holds = truth[known] > 0.5
    if not holds.any() or holds.all():
        return np.zeros(len(others))
    values = features[known]
    ranks = values.argsort(axis=0).argsort(axis=0)
    area = (ranks[holds].mean(axis=0) - (holds.sum() - 1) / 2) / max(1, (~holds).sum())  # of the ROC curve
    best = int(np.argmax(np.abs(area - 0.5)))
    sign = 1.0 if area[best] >= 0.5 else -1.0
    return np.asarray(sign * others[:, best], dtype=np.float64)


def _logistic(features: npt.NDArray[np.float32], truth: Truth, others: npt.NDArray[np.float32]) -> Numbers:
    scores = np.zeros((len(others), truth.shape[1]))
    for label in range(truth.shape[1]):
        try:
            head = fit_head(features, truth[:, [label]], 1e-2)
        except BadRequest:
            continue  # never or always heard in train: no regression, and its scores stay 0
        scores[:, label] = head.logits(others)[:, 0]
    return scores
