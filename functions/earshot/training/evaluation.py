"""A model heard over a manifest of judged recordings, and its figures: what a promotion is decided by.

The model runs as the tagger runs it, so what is measured is what will be served.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot.errors import BadRequest
from earshot.tagging.causal_windows import Floats
from earshot.tagging.task_stream import Decisions, Model, TaskStream
from earshot.tagging.vocabulary import EXCLUSIVE
from earshot.training.figures import Numbers, average_precision, balanced_accuracy, calibration_error, f1
from earshot.training.labelled_windows import truth_of
from earshot.training.training_data_manifest import Row

DRAWS = 400  # of the bootstrap
_AT_ONCE = 16_000 * 30

Reader = Callable[[Row], Floats]


@dataclass(frozen=True)
class Evaluated:
    """Truth and answers over all judged decisions of a manifest.

    Attributes:
        labels: columns of both.
        truth: 1 holds, 0 does not, NaN unknown.
        scores: probabilities; 0 for labels that the model does not know.
        groups: of each decision, the group of its recording.
    """

    task: str
    labels: tuple[str, ...]
    truth: npt.NDArray[np.float32]
    scores: Numbers
    groups: npt.NDArray[np.str_]

    @property
    def primary(self) -> str:
        """Name of the figure that models of this task are compared by."""
        return "balanced_accuracy" if self.task in EXCLUSIVE else "mean_average_precision"


def evaluate(model: Model, rows: Sequence[Row], read: Reader, rate_hz: int = 16_000) -> Evaluated:
    """Hear every recording of the rows.

    Raises:
        BadRequest: the rows have no judged decision.
    """
    labels = tuple(sorted({label for row in rows for label in (*row.labels, *row.unknown)} | set(model.labels)))
    truths, scores, groups = [], [], []
    ordered = sorted(rows, key=lambda row: (row.path, row.start_ms))
    for _, same in groupby(ordered, key=lambda row: row.path):
        stretches = list(same)
        decisions = decisions_of(model, read(stretches[0]), rate_hz)
        truth = truth_of(stretches, decisions.start_ms.astype(np.float64), decisions.end_ms.astype(np.float64), labels)
        known = ~np.isnan(truth).all(axis=1)
        answers = np.zeros((len(decisions), len(labels)))
        answers[:, [labels.index(label) for label in model.labels]] = decisions.scores
        truths.append(truth[known])
        scores.append(answers[known])
        groups += [stretches[0].group] * int(known.sum())
    if not groups:
        raise BadRequest("the evaluation manifest has no stretch that covers half of a decision")
    return Evaluated(model.task, labels, np.concatenate(truths), np.concatenate(scores), np.asarray(groups))


def decisions_of(model: Model, wave: Floats, rate_hz: int = 16_000) -> Decisions:
    """All decisions of a model over a recording, as the tagger makes them."""
    stream = TaskStream(model, rate_hz)
    parts = [stream.add(wave[at : at + _AT_ONCE]) for at in range(0, len(wave), _AT_ONCE)]
    return Decisions.joined([*parts, stream.flush()], len(model.labels))


def primary_figure(task: str, truth: npt.NDArray[np.float32], scores: Numbers) -> float:
    """Mean average precision over labels that are judged both ways, or balanced accuracy of an exclusive task.

    NaN where nothing can be said: no label is judged both ways, or no decision has one label.
    """
    if task in EXCLUSIVE:
        single = np.nansum(truth, axis=1) == 1
        if not single.any():
            return math.nan
        return balanced_accuracy(np.nan_to_num(truth[single]).argmax(axis=1), scores[single].argmax(axis=1))
    values = [
        average_precision(truth[known, column] > 0.5, scores[known, column])
        for column in range(truth.shape[1])
        for known in [~np.isnan(truth[:, column])]
        if (truth[known, column] > 0.5).any() and (truth[known, column] < 0.5).any()
    ]
    return float(np.mean(values)) if values else math.nan


def figures(evaluated: Evaluated, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """The primary figure with its 95 % interval over groups, and rows by label and by group."""
    value = primary_figure(evaluated.task, evaluated.truth, evaluated.scores)
    low, high = interval(evaluated, lambda chosen: primary_figure(evaluated.task, *chosen))
    return {
        evaluated.primary: rounded(value),
        "interval": [rounded(low), rounded(high)],
        "decisions": len(evaluated.groups),
        "groups": len(set(evaluated.groups.tolist())),
        "labels": {
            label: _of_label(evaluated, column, thresholds.get(label, 0.5))
            for column, label in enumerate(evaluated.labels)
            if (evaluated.truth[:, column] > 0.5).any()
        },
        "sources": _by_group(evaluated, thresholds),
    }


def rounded(value: float) -> float | None:
    """Four digits; None for NaN, which JSON does not have."""
    return None if math.isnan(value) else round(value, 4)


def _of_label(evaluated: Evaluated, column: int, threshold: float) -> dict[str, float]:
    known = ~np.isnan(evaluated.truth[:, column])
    truth, scores = evaluated.truth[known, column] > 0.5, evaluated.scores[known, column]
    answer = scores >= threshold
    hits = int((truth & answer).sum())
    row = {
        "average_precision": average_precision(truth, scores),
        "f1": f1(truth, answer),
        "precision": hits / max(1, int(answer.sum())),
        "recall": hits / max(1, int(truth.sum())),
        "calibration_error": calibration_error(truth, scores),
        "positives": float(truth.sum()),
    }
    return {name: round(value, 4) for name, value in row.items()}


def _by_group(evaluated: Evaluated, thresholds: Mapping[str, float], most: int = 50) -> dict[str, float]:
    """Share of right answers (all labels that are judged, at their thresholds), worst groups first."""
    limits = np.array([thresholds.get(label, 0.5) for label in evaluated.labels])
    known = ~np.isnan(evaluated.truth)
    if evaluated.task in EXCLUSIVE:
        right = np.nan_to_num(evaluated.truth).argmax(axis=1) == evaluated.scores.argmax(axis=1)
    else:
        right = (((evaluated.scores >= limits) == (evaluated.truth > 0.5)) | ~known).all(axis=1)
    shares = {str(name): float(right[evaluated.groups == name].mean()) for name in np.unique(evaluated.groups)}
    return {name: round(share, 4) for name, share in sorted(shares.items(), key=lambda item: item[1])[:most]}


Chosen = tuple[npt.NDArray[np.float32], Numbers]


def interval(
    evaluated: Evaluated, figure: Callable[[Chosen], float], seed: int = 0, draws: int = DRAWS
) -> tuple[float, float]:
    """95 % interval of a figure by the bootstrap, groups drawn whole; draws without a figure are left out."""
    return quantiles(
        [figure((evaluated.truth[at], evaluated.scores[at])) for at in resampled(evaluated.groups, seed, draws)]
    )


def quantiles(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of the values that are numbers; NaN where none is."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.nan, math.nan
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def resampled(groups: npt.NDArray[np.str_], seed: int, draws: int) -> list[npt.NDArray[np.int64]]:
    """Indices of the decisions of each bootstrap sample."""
    names = np.unique(groups)
    of_group = [np.flatnonzero(groups == name) for name in names]
    dice = np.random.default_rng(seed)
    return [np.concatenate([of_group[n] for n in dice.integers(0, len(names), len(names))]) for _ in range(draws)]
