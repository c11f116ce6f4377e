"""Pictures of a training: the curves, and how often each label was answered for each true one."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt


def draw_curves(curves: Mapping[str, Sequence[float]], path: Path) -> None:
    """Loss and validation loss by epoch, as PNG."""
    figure, axes = _figure(5, 3.2)
    for name, values in curves.items():
        axes.plot(range(1, len(values) + 1), values, label=name)
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend()
    figure.savefig(path, dpi=110, bbox_inches="tight")


def confusion(truth: npt.NDArray[np.float32], scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of the examples with one true label alone: share of each highest-scoring label, rows are the true ones."""
    single = truth.sum(axis=1) == 1
    kinds = truth.shape[1]
    counts = np.zeros((kinds, kinds))
    np.add.at(counts, (truth[single].argmax(axis=1), scores[single].argmax(axis=1)), 1)
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def draw_confusion(shares: npt.NDArray[np.float64], labels: Sequence[str], path: Path) -> None:
    """The confusion matrix in per cent, as PNG."""
    side = 1.6 + 0.5 * len(labels)
    figure, axes = _figure(side, side)
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.set(xticks=range(len(labels)), yticks=range(len(labels)), xlabel="answered", ylabel="true")
    axes.set_xticklabels(labels, rotation=60, ha="right")
    axes.set_yticklabels(labels)
    for row, column in np.ndindex(shares.shape):
        if shares[row, column] >= 0.005:
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(
                column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center", color=colour, fontsize=7
            )
    figure.savefig(path, dpi=110, bbox_inches="tight")


def _figure(width: float, height: float):  # type: ignore[no-untyped-def]
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()
