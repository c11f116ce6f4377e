"""Inter-annotator ceiling: how far people agree on the same stretches; no model can be measured beyond it."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from earshot.audio import WEAK, Annotation
from earshot.training.annotation_join import join
from earshot.training.figures import f1

ALL = """
SELECT gcp_url, task, label, start_ms, end_ms, annotator, source, created_at
FROM annotations
WHERE task = @task AND NOT STARTS_WITH(annotator, 'weak:')
ORDER BY gcp_url, annotator, start_ms, label
"""


def ceiling(annotations: Sequence[Annotation], labels: Sequence[str], hop_ms: int) -> dict[str, Any] | None:
    """Agreement of each two people on the frames that both judged; None where no two did.

    Returns:
        `pairs` of people, `frames`, `agreement` (share of frames with equal labels), `kappa` (Cohen's, over equal
        label sets) and `f1` (mean over labels, one person taken for the truth of the other).
    """
    by_person: dict[str, dict[str, list[Annotation]]] = defaultdict(lambda: defaultdict(list))
    for one in annotations:
        if not one.annotator.startswith(WEAK):
            by_person[one.gcp_url][one.annotator].append(one)
    pairs: set[tuple[str, str]] = set()
    mine, theirs = [], []
    for people in by_person.values():
        for pair in combinations(sorted(people), 2):
            count = -(-max(one.end_ms for name in pair for one in people[name]) // hop_ms)
            left, right = (join(count, hop_ms, people[name], labels) for name in pair)
            both = np.intersect1d(left.frames, right.frames)
            if len(both):
                pairs.add(pair)
                mine.append(left.truth[np.isin(left.frames, both)])
                theirs.append(right.truth[np.isin(right.frames, both)])
    if not pairs:
        return None
    first, second = np.concatenate(mine) > 0.5, np.concatenate(theirs) > 0.5
    agreement = float((first == second).all(axis=1).mean())
    weights = (1 << np.arange(first.shape[1])).astype(np.int64)
    kinds = first.astype(np.int64) @ weights, second.astype(np.int64) @ weights
    chance = sum(float((kinds[0] == kind).mean() * (kinds[1] == kind).mean()) for kind in np.unique(kinds[0]))
    scores = [f1(first[:, n], second[:, n]) for n in range(first.shape[1]) if (first[:, n] | second[:, n]).any()]
    return {
        "pairs": len(pairs),
        "frames": len(first),
        "agreement": round(agreement, 4),
        "kappa": round((agreement - chance) / (1 - chance), 4) if chance < 1 else 1.0,
        "f1": round(float(np.mean(scores)), 4) if scores else 0.0,
    }
