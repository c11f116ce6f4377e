"""Joins the frames of a recording with the annotations of it: a frame has the labels that cover at least half of it.

Times are milliseconds throughout, so no sample rate can be wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.audio import Annotation

LEAST_OVERLAP = 0.5  # of a frame


@dataclass(frozen=True)
class Joined:
    """Frames that somebody judged.

    Attributes:
        frames: their numbers, ascending.
        truth: 1 where a label holds, shape (frames, labels); all 0 where none of them is heard.
        dropped: frames without a judgement of at least half of them.
    """

    frames: npt.NDArray[np.int64]
    truth: npt.NDArray[np.float32]
    dropped: int


def join(frame_count: int, hop_ms: int, annotations: Sequence[Annotation], labels: Sequence[str]) -> Joined:
    """Join the frames [n · hop, (n + 1) · hop) of one recording with its annotations of one task.

    Where judgements overlap, the latest wins: an earlier one counts only for what no later one covers. Judgements
    made at once hold together. Frames without annotation are dropped and counted, not taken for negatives.

    Raises:
        ValueError: a label is none of `labels`.
    """
    strange = sorted({one.label for one in annotations if one.label and one.label not in labels})
    if strange:
        raise ValueError(f"annotations name {', '.join(strange)}; labels are {', '.join(labels)}")
    starts = np.arange(frame_count) * hop_ms
    covered = np.zeros(frame_count)
    label_ms = np.zeros((frame_count, len(labels)))
    taken = np.zeros(frame_count)  # of each frame, what later judgements cover; exact where they cover from one edge
    for moment in sorted({one.created_at for one in annotations}, reverse=True):
        at_once = [one for one in annotations if one.created_at == moment]
        fresh = np.zeros(frame_count)
        for one in at_once:
            overlap = np.clip(np.minimum(starts + hop_ms, one.end_ms) - np.maximum(starts, one.start_ms), 0, None)
            free = np.minimum(overlap, hop_ms - taken)
            fresh = np.maximum(fresh, free)
            if one.label:
                column = list(labels).index(one.label)
                label_ms[:, column] += free
        covered += fresh
        taken += fresh
    judged = covered >= LEAST_OVERLAP * hop_ms
    frames = np.flatnonzero(judged)
    truth = (label_ms[frames] >= LEAST_OVERLAP * hop_ms).astype(np.float32)
    return Joined(frames, truth, int(frame_count - len(frames)))
