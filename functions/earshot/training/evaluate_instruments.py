"""Measure an instruments model on mixes of waves: clips of held-out recordings, one to three at once."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot.tagging.causal_windows import Floats
from earshot.tagging.onnx_model import OnnxModel
from earshot.training.figures import Numbers, average_precision, f1
from earshot.training.mix_clips import combined
from earshot.training.synthesis.wav_and_spectrum_tools import read_mono
from earshot.training.training_data_manifest import Row

Truth = npt.NDArray[np.bool_]

MIXES = 1500
MOST = 3  # instruments at once
_DRAWS = 200  # of the bootstrap
_AUDIBLE = 0.1  # of the recording's RMS; a quieter clip is drawn again
_TRIES = 20


def mixes(
    rows: Sequence[Row], root: Path, labels: Sequence[str], samples: int, count: int, seed: int
) -> tuple[Floats, Truth]:
    """Clips at equal RMS and gains of 0 to -8 dB, added; a label is in a mix once.

    Returns:
        waves of shape (count, samples), and which labels each has.
    """
    dice = np.random.default_rng(seed)
    recordings = [[row for row in rows if label in row.labels] for label in labels]
    read = lru_cache(maxsize=len(rows))(lambda path: read_mono(root / path))
    waves = np.zeros((count, samples), np.float32)
    truth = np.zeros((count, len(labels)), dtype=bool)
    for number in range(count):
        chosen = dice.choice(len(labels), int(dice.integers(1, min(MOST, len(labels)) + 1)), replace=False)
        parts = []
        for label in chosen:
            row = recordings[label][int(dice.integers(len(recordings[label])))]
            parts.append(_clip(read(row.path), samples, dice))
        waves[number], truth[number, chosen] = combined(parts, dice), True
    return waves, truth


def _clip(wave: Floats, samples: int, dice: np.random.Generator) -> Floats:
    loud = float(np.sqrt(np.mean(wave**2)))
    clip = wave[:samples]
    for _ in range(_TRIES):
        start = int(dice.integers(0, len(wave) - samples + 1))
        clip = wave[start : start + samples]
        if float(np.sqrt(np.mean(clip**2))) > _AUDIBLE * loud:
            break
    return clip


def evaluate(model: OnnxModel, rows: Sequence[Row], root: Path, seed: int = 1, count: int = MIXES) -> dict[str, Any]:
    """Figures over mixes of the rows' clips; every label of the model must be in a row.

    `mean_average_precision` with a 95 % interval over mixes, average precision by label, micro-F1 at the model's
    thresholds (over all mixes, and over those of one, two and three instruments), and the share of single instruments
    whose label scores highest.
    """
    waves, truth = mixes(rows, root, model.labels, model.window, count, seed)
    scores = np.concatenate([model.run(waves[at : at + 100])[0] for at in range(0, count, 100)]).astype(np.float64)
    limits = np.array([model.thresholds[label] for label in model.labels])
    found = scores >= limits
    by_label = {label: average_precision(truth[:, n], scores[:, n]) for n, label in enumerate(model.labels)}
    at_once = truth.sum(axis=1)
    alone = at_once == 1
    return {
        "mixes": count,
        "mean_average_precision": round(float(np.mean(list(by_label.values()))), 4),
        "interval": [round(value, 4) for value in _interval(truth, scores, seed)],
        "average_precision": {label: round(value, 3) for label, value in by_label.items()},
        "micro_f1": round(f1(truth.ravel(), found.ravel()), 4),
        "micro_f1_by_instruments_at_once": {
            str(many): round(f1(truth[at_once == many].ravel(), found[at_once == many].ravel()), 3)
            for many in range(1, MOST + 1)
        },
        "alone_highest": round(float(np.mean(scores[alone].argmax(axis=1) == truth[alone].argmax(axis=1))), 4),
    }


def _interval(truth: Truth, scores: Numbers, seed: int) -> tuple[float, float]:
    dice = np.random.default_rng(seed)
    values = []
    for _ in range(_DRAWS):
        drawn = dice.integers(0, len(truth), len(truth))
        each = [average_precision(truth[drawn, n], scores[drawn, n]) for n in range(truth.shape[1])]
        values.append(float(np.mean(each)))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
