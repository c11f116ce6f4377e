"""Two models of one task on the same judged recordings: which is better, and by how much beyond chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from earshot.tagging.task_stream import Model
from earshot.training.evaluation import (
    DRAWS,
    Evaluated,
    Reader,
    evaluate,
    figures,
    primary_figure,
    quantiles,
    resampled,
)
from earshot.training.training_data_manifest import Row


@dataclass(frozen=True)
class Comparison:
    """What a promotion is decided by.

    Attributes:
        figure: name of the primary figure.
        one, other: its value for each model.
        low, high: 95 % interval of `other - one`, groups drawn whole for both at once.
        rows: figures side by side, for a table.
    """

    figure: str
    one: float
    other: float
    low: float
    high: float
    rows: tuple[dict[str, Any], ...]

    @property
    def is_worse(self) -> bool:
        """Whether the other model is worse than the one."""
        return round(self.other, 6) < round(self.one, 6)

    def sentence(self, one: str, other: str) -> str:
        """The result in words."""
        if math.isnan(self.one) or math.isnan(self.other):
            return f"{one} and {other} cannot be compared: no label of the evaluation manifest is judged both ways"
        beyond = "beyond chance" if self.low > 0 or self.high < 0 else "within chance"
        word = "worse" if self.is_worse else "better" if self.other > self.one else "equal"
        return (
            f"{other} is {word}: {self.figure} {self.other:.3f} against {self.one:.3f} of {one},"
            f" difference {self.other - self.one:+.3f} (95 % interval {self.low:+.3f} to {self.high:+.3f}, {beyond})"
        )


def compare(one: Model, other: Model, rows: Sequence[Row], read: Reader) -> Comparison:
    """Hear the rows with both.

    Raises:
        BadRequest: the rows have no judged decision.
    """
    first, second = evaluate(one, rows, read), evaluate(other, rows, read)
    tables = figures(first, one.thresholds), figures(second, other.thresholds)
    low, high = _difference(first, second)
    values = [primary_figure(each.task, each.truth, each.scores) for each in (first, second)]
    return Comparison(first.primary, values[0], values[1], low, high, tuple(_side_by_side(*tables)))


def _difference(one: Evaluated, other: Evaluated) -> tuple[float, float]:
    """Interval of the difference; models with different hops have different decisions, so groups are drawn by name."""
    names = np.unique(np.concatenate([one.groups, other.groups]))
    values = []
    for mine, theirs in zip(_draws(one, names), _draws(other, names), strict=True):
        values.append(
            primary_figure(other.task, other.truth[theirs], other.scores[theirs])
            - primary_figure(one.task, one.truth[mine], one.scores[mine])
        )
    return quantiles(values)


def _draws(evaluated: Evaluated, names: Any) -> list[Any]:
    if np.array_equal(np.unique(evaluated.groups), names):
        return list(resampled(evaluated.groups, 0, DRAWS))
    of_name = [np.flatnonzero(evaluated.groups == name) for name in names]
    dice = np.random.default_rng(0)
    return [np.concatenate([of_name[n] for n in dice.integers(0, len(names), len(names))]) for _ in range(DRAWS)]


def _side_by_side(one: dict[str, Any], other: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name in one:
        if name == "sources":
            continue
        if name != "labels":
            rows.append({"of": name, "one": one[name], "other": other[name]})
            continue
        for label in sorted({*one["labels"], *other["labels"]}):
            for figure in ("average_precision", "f1", "calibration_error"):
                values = [table["labels"].get(label, {}).get(figure) for table in (one, other)]
                rows.append({"of": f"{label} {figure}", "one": values[0], "other": values[1]})
    return rows
