"""Measure a content model on real recordings by source, full band and at the telephone's band."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from earshot.tagging.task_stream import Model
from earshot.training.evaluation import decisions_of
from earshot.training.figures import Numbers, interval, smoothed
from earshot.training.real_recordings_for_evaluation import Source, audible, recordings, telephone

HOP_SAMPLES = 4000
_SMOOTH = 5  # hops: 1.25 s
_KINDS = ("speech", "music", "noise")


def evaluate(model: Model, sources: Sequence[Source]) -> dict[str, Any]:
    """Rows of a table and their means.

    Per 0.25 s without pauses: `speech_music` is the share in which the right one of the two scores higher, `three` the
    share in which the right one of three does, `three_smoothed` the same after a causal mean over 1.25 s.
    """
    columns = [list(model.labels).index(kind) for kind in _KINDS]
    table: dict[str, dict[str, dict[str, float]]] = {"full": {}, "telephone": {}}
    for source in sources:
        answers: dict[str, list[Numbers]] = {"full": [], "telephone": []}
        smooth: dict[str, list[Numbers]] = {"full": [], "telephone": []}
        for _, wave in recordings(source):
            keep = audible(wave, HOP_SAMPLES)
            for band, heard in (("full", wave), ("telephone", telephone(wave))):
                found = decisions_of(model, heard).scores[: len(keep), columns].astype(np.float64)
                answers[band].append(found[keep])
                smooth[band].append(smoothed(found, _SMOOTH)[keep])
        if answers["full"] and sum(map(len, answers["full"])):
            for band in table:
                table[band][source.name] = _row(
                    source.label, np.concatenate(answers[band]), np.concatenate(smooth[band])
                )
    return {band: {"sources": rows, "means": means(rows, sources)} for band, rows in table.items()}


def _row(label: str, scores: Numbers, smooth: Numbers) -> dict[str, float]:
    kind = _KINDS.index(label)
    row = {
        "windows": len(scores),
        "three": float((scores.argmax(axis=1) == kind).mean()),
        "three_smoothed": float((smooth.argmax(axis=1) == kind).mean()),
    }
    if kind < 2:
        row["speech_music"] = float((scores[:, kind] > scores[:, 1 - kind]).mean())
    return {name: round(value, 4) for name, value in row.items()}


def means(rows: Mapping[str, Mapping[str, float]], sources: Sequence[Source]) -> dict[str, Any]:
    """Balanced figures: windows are pooled within a label, labels weigh the same; intervals are over sources."""
    by_label = {
        kind: [rows[source.name] for source in sources if source.label == kind and source.name in rows]
        for kind in _KINDS
    }
    result: dict[str, Any] = {}
    for figure, kinds in (("speech_music", _KINDS[:2]), ("three", _KINDS), ("three_smoothed", _KINDS)):
        present = [kind for kind in kinds if by_label[kind]]
        if present:
            result[figure] = round(float(np.mean([_pooled(by_label[kind], figure) for kind in present])), 4)
            values = [row[figure] for kind in present for row in by_label[kind]]
            result[f"{figure}_interval"] = [round(value, 4) for value in interval(values)]
            result[f"{figure}_worst_source"] = round(min(values), 4)
    if by_label["noise"]:
        result["noise_recall"] = round(_pooled(by_label["noise"], "three"), 4)
    return result


def _pooled(rows: Sequence[Mapping[str, float]], figure: str) -> float:
    return float(np.average([row[figure] for row in rows], weights=[row["windows"] for row in rows]))
