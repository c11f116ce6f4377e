"""Decisions in; segments, shares and the most frequent labels out: what SQL is asked for."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot.tagging.causal_windows import Floats
from earshot.tagging.task_stream import Decisions, Model
from earshot.tagging.vocabulary import EXCLUSIVE, SILENCE

SMOOTHED_MS = 1250  # five decisions of `content`; halves its errors on real recordings
TOP = 5  # labels of a row
MOST_SEGMENTS = 20_000  # of one row: about 1.6 MB of JSON; BigQuery takes 10 MB a row


@dataclass(frozen=True)
class Segment:
    """A stretch in which a label holds; `score` is its mean smoothed probability."""

    start_ms: int
    end_ms: int
    label: str
    score: float


@dataclass(frozen=True)
class Heard:
    """What a task found over a whole recording."""

    segments: list[Segment]
    summary: dict[str, float]
    """Share of the recording in which each label holds, 0 to 1."""
    top: list[dict[str, Any]]
    """The labels that hold anywhere, most covering first: label, score (mean where it holds), coverage."""
    is_cut: bool = False
    """Whether there were more segments than a row keeps; shares and top are of all."""


def heard(model: Model, decisions: Decisions) -> Heard:
    """Smooth the decisions, and say where which label holds.

    No decision gives no segment and a summary of zeros.
    """
    hop_ms = 1000 * model.hop / model.sample_rate_hz
    scores = smoothed(decisions.scores, max(round(SMOOTHED_MS / hop_ms), 1))
    by_label: dict[str, npt.NDArray[np.bool_]] = {}
    if model.task in EXCLUSIVE and len(decisions):
        best = scores.argmax(axis=1)
        by_label = {label: best == index for index, label in enumerate(model.labels)}
    else:
        by_label = {
            label: scores[:, index] >= model.thresholds[label] if len(decisions) else np.zeros(0, np.bool_)
            for index, label in enumerate(model.labels)
        }
    if model.task == "content":
        by_label = {label: holds & ~decisions.is_silent for label, holds in by_label.items()}
        by_label[SILENCE] = decisions.is_silent
    spans = (decisions.end_ms - decisions.start_ms).astype(np.float64)
    total = float(spans.sum())
    summary: dict[str, float] = {}
    top: list[dict[str, Any]] = []
    segments: list[Segment] = []
    for index, (label, holds) in enumerate(by_label.items()):
        share = float(spans[holds].sum()) / total if total > 0 else 0.0
        summary[label] = round(share, 6)
        column = scores[:, index] if index < len(model.labels) else np.ones(len(decisions), np.float32)
        if holds.any():
            top.append({"label": label, "score": round(float(column[holds].mean()), 4), "coverage": round(share, 6)})
        segments += runs(label, holds, column, decisions)
    top.sort(key=lambda found: (-found["coverage"], -found["score"], found["label"]))
    segments.sort(key=lambda segment: (segment.start_ms, segment.label))
    return Heard(segments[:MOST_SEGMENTS], summary, top[:TOP], len(segments) > MOST_SEGMENTS)


def smoothed(scores: Floats, count: int) -> Floats:
    """Mean over `count` decisions around each, fewer at the ends; shape as before."""
    if count < 2 or len(scores) < 2:
        return scores
    sums = np.concatenate([np.zeros((1, scores.shape[1])), np.cumsum(scores, axis=0, dtype=np.float64)])
    rows = np.arange(len(scores))
    first, last = np.maximum(rows - count // 2, 0), np.minimum(rows + (count + 1) // 2, len(scores))
    mean: Floats = ((sums[last] - sums[first]) / (last - first)[:, None]).astype(np.float32)
    return mean


def runs(label: str, holds: npt.NDArray[np.bool_], score: Floats, decisions: Decisions) -> list[Segment]:
    """Successive decisions in which a label holds, each run as one segment."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8)))
    return [
        Segment(
            int(decisions.start_ms[first]),
            int(decisions.end_ms[last - 1]),
            label,
            round(float(score[first:last].mean()), 4),
        )
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]
