"""Rows of a manifest in, windows with their truth out, cut exactly as the tagger cuts them when it serves."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from earshot.tagging.causal_windows import CausalWindows, Floats
from earshot.training.training_data_manifest import Row

LEAST_OVERLAP = 0.5  # of a hop, that a row must cover for its labels to hold there

Reader = Callable[[Row], Floats]
"""Samples of the row's whole recording, one channel."""


@dataclass(frozen=True)
class Judged:
    """The judged hops of one recording.

    Attributes:
        group: of the recording.
        windows: shape (hops, samples); each ends with its hop.
        truth: shape (hops, labels): 1 holds, 0 does not, NaN unknown.
        dropped: hops without a judgement of at least half of them.
    """

    group: str
    windows: Floats
    truth: npt.NDArray[np.float32]
    dropped: int


def judged_windows(
    rows: Sequence[Row], read: Reader, labels: Sequence[str], *, rate_hz: int, window: int, hop: int
) -> Iterator[Judged]:
    """Recording by recording, so that memory holds one; rows of a recording share a path."""
    ordered = sorted(rows, key=lambda row: (row.path, row.start_ms))
    for _, same in groupby(ordered, key=lambda row: row.path):
        stretches = list(same)
        wave = read(stretches[0])
        cut = CausalWindows(window, hop)
        made = [*cut.add(wave), *cut.flush()]
        if not made:
            continue
        ends = np.concatenate([part.ends for part in made])
        starts = np.concatenate([[0], ends[:-1]])
        truth = truth_of(stretches, starts * 1000 / rate_hz, ends * 1000 / rate_hz, labels)
        known = ~np.isnan(truth).all(axis=1)
        windows = np.concatenate([part.samples for part in made])[known]
        yield Judged(stretches[0].group, windows, truth[known], int((~known).sum()))


def truth_of(
    rows: Sequence[Row], starts_ms: npt.NDArray[np.float64], ends_ms: npt.NDArray[np.float64], labels: Sequence[str]
) -> npt.NDArray[np.float32]:
    """Truth of each span: of rows that cover at least half of it; a span that none covers is NaN throughout."""
    truth = np.full((len(starts_ms), len(labels)), np.nan, np.float32)
    for row in rows:
        overlap = np.minimum(ends_ms, row.end_ms) - np.maximum(starts_ms, row.start_ms)
        covered = overlap >= LEAST_OVERLAP * np.maximum(ends_ms - starts_ms, 1e-9)
        for column, label in enumerate(labels):
            if label in row.unknown:
                continue
            holds = float(label in row.labels)
            truth[covered, column] = np.fmax(truth[covered, column], holds)
    return truth
