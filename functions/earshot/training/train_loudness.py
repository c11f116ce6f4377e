"""Train the loudness_class task: quiet, normal or loud for each 200 ms, from the last second."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.errors import BadRequest
from earshot.training import fit as fitting
from earshot.training import networks
from earshot.training.configuration import TrainingConfig
from earshot.training.figures import balanced_accuracy
from earshot.training.labelled_windows import truth_of
from earshot.training.loudness_frames import (
    FEATURES,
    FRONT_END,
    HOP_SAMPLES,
    WINDOW_SAMPLES,
    loudness_frames,
)
from earshot.training.synthesis.wav_and_spectrum_tools import read_mono
from earshot.training.trained import Trained
from earshot.training.training_data_manifest import Row
from earshot.training.weak_loudness import LABELS

WINDOW_MS, HOP_MS = 1000, 200
GAINS = 3  # random gains at which each unjudged recording is heard
_MOST_S = 15  # of one recording, so that no long song outweighs many short ones

Set = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.float64]]


def train(config: TrainingConfig, rows: Sequence[Row], root: Path, cache: Path) -> Trained:  # noqa: ARG001 - features are cheap
    """Train on judged frames; recordings without one of the labels are heard at random gains, with weak labels.

    Split by group. The figures have two thresholds on the frame's level beside the network.
    """
    fitting.seed_everything(config.seed)
    dice = np.random.default_rng(config.seed)
    settings = fitting.Fit(**config.fit.model_dump(), seed=config.seed)
    sets = {
        split: frames_of([row for row in rows if row.split == split], root, GAINS, dice)
        for split in ("train", "validation")
    }
    features, truth, level = sets["train"]
    network = networks.loudness_network(FEATURES, len(LABELS), config.network.widths, config.network.l2 or 0.0)
    network.layers[1].momentum = 0.9
    batches = fitting.shuffled(features, np.eye(3, dtype=np.float32)[truth], settings.batch_size, settings.seed)
    validation = (sets["validation"][0], np.eye(3, dtype=np.float32)[sets["validation"][1]])
    curves = fitting.fit(network, batches, validation, settings, "classes")
    scores = fitting.probabilities(network, validation[0], "softmax")
    limits = best_limits(level, truth)
    metrics = {
        "validation_balanced_accuracy": round(balanced_accuracy(sets["validation"][1], scores.argmax(axis=1)), 4),
        "validation_two_thresholds": round(
            balanced_accuracy(sets["validation"][1], np.digitize(sets["validation"][2], limits)), 4
        ),
        "limits_dbfs": [round(limit, 2) for limit in limits],
    }
    serving = networks.serving(network, FRONT_END, WINDOW_SAMPLES, "softmax", loudness=True)
    thresholds = dict.fromkeys(LABELS, 0.5)
    return Trained(
        "loudness_class",
        LABELS,
        serving,
        "softmax",
        FRONT_END,
        WINDOW_MS,
        HOP_MS,
        thresholds,
        curves,
        metrics,
        (validation[1], scores),
    )


def frames_of(rows: Sequence[Row], root: Path, gains: int, dice: np.random.Generator) -> Set:
    """Features, classes and levels in dBFS of the frames.

    Of a recording that is judged, the frames that the rows cover; of another, all frames at random gains of -24 to
    +6 dB with the weak labels of momentary loudness.

    Raises:
        BadRequest: the rows have no frame.
    """
    parts: list[Set] = []
    for path, same in groupby(sorted(rows, key=lambda row: row.path), key=lambda row: row.path):
        stretches = list(same)
        wave = read_mono(root / path)
        if any(set(row.labels) & set(LABELS) for row in stretches):
            parts.append(_judged(wave, stretches))
            continue
        wave = wave[: 16_000 * _MOST_S]
        frames = loudness_frames(wave[: len(wave) // HOP_SAMPLES * HOP_SAMPLES])
        parts += [frames.at_gain(float(dice.uniform(-24, 6))) for _ in range(gains)]
    if not parts or not sum(len(part[0]) for part in parts):
        raise BadRequest("loudness_class: no recording to take frames from in one of the splits")
    features, truth, level = (np.concatenate(column) for column in zip(*parts, strict=True))
    return features, truth, level


def _judged(wave: npt.NDArray[np.float32], rows: Sequence[Row]) -> Set:
    frames = loudness_frames(wave[: len(wave) // HOP_SAMPLES * HOP_SAMPLES])
    starts = np.arange(len(frames.features), dtype=np.float64) * HOP_MS
    truth = np.nan_to_num(truth_of(rows, starts, starts + HOP_MS, LABELS))
    single = truth.sum(axis=1) == 1
    return frames.features[single], truth[single].argmax(axis=1), frames.frame_db[single]


def best_limits(level: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The two limits on the one frame's level that do best on these frames: what the net must beat."""
    grid = np.arange(-45.0, -15.0, 0.5)
    quiet = max(grid, key=lambda limit: balanced_accuracy((truth > 0).astype(int), (level >= limit).astype(int)))
    loud = max(grid, key=lambda limit: balanced_accuracy((truth > 1).astype(int), (level >= limit).astype(int)))
    return float(quiet), float(max(loud, quiet + 0.5))
