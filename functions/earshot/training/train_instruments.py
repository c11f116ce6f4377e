"""Train the instruments task: which instruments play, once a second from 3 s of past audio."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from earshot.training import fit as fitting
from earshot.training import networks
from earshot.training.augment import NONE, Augment
from earshot.training.batches import Mix, Stretches, instrument_batches
from earshot.training.feature_cache import FeatureCache, Halves
from earshot.training.figures import average_precision, best_threshold, mean_average_precision
from earshot.training.front_end import FrontEnd
from earshot.training.trained import Trained
from earshot.training.training_data_manifest import Row

WINDOW_MS, HOP_MS = 3000, 1000
NETWORKS = {"cnn": networks.instruments_network, "statistics": networks.statistics_network}
TAIL_S = 2.0  # at least something sounds in the last two seconds


def train(
    rows: list[Row],
    root: Path,
    cache: Path,
    front_end: FrontEnd,
    mix: Mix,
    augment: Augment,
    settings: fitting.Fit,
    kind: str = "cnn",
) -> Trained:
    """Train on mixes of the train rows; where there are test rows, mixes of them give the figures.

    Raises:
        ValueError: a label has no stretch of a window's length.
    """
    fitting.seed_everything(settings.seed)
    features = FeatureCache(cache, front_end)
    labels = tuple(sorted({label for row in rows for label in row.labels}))
    samples = front_end.sample_rate_hz * WINDOW_MS // 1000
    frames = front_end.frames(samples)
    tail = int(TAIL_S * front_end.sample_rate_hz / front_end.hop)
    halves = {
        split: [
            features.all([row for row in rows if row.split == split and label in row.labels], root) for label in labels
        ]
        for split in ("train", "validation", "test")
    }
    sets = {split: [Stretches(each, frames, tail) for each in lists] for split, lists in halves.items()}
    for split in ("train", "validation"):
        for label, source in zip(labels, sets[split], strict=True):
            if not len(source):
                raise ValueError(f"instruments: no {split} stretch of {label} is {WINDOW_MS} ms long")
    ranges = frequency_ranges(halves["train"])
    network = NETWORKS[kind](frames, front_end.mels, len(labels))
    batches = instrument_batches(sets["train"], ranges, mix, augment, settings.batch_size, settings.seed)
    held_out = Mix(mode="random")
    validation = next(instrument_batches(sets["validation"], ranges, held_out, NONE, 1500, settings.seed + 1))
    curves = fitting.fit(network, batches, validation, settings, "labels")
    scores = fitting.probabilities(network, validation[0], "sigmoid")
    thresholds = {label: best_threshold(validation[1][:, n] > 0.5, scores[:, n]) for n, label in enumerate(labels)}
    metrics: dict[str, object] = {"validation_map": round(mean_average_precision(validation[1] > 0.5, scores), 4)}
    judged = (validation[1], scores)
    if all(len(source) for source in sets["test"]):
        windows, truth = next(instrument_batches(sets["test"], ranges, held_out, NONE, 1500, settings.seed + 2))
        tested = fitting.probabilities(network, windows, "sigmoid")
        metrics["test_map"] = round(mean_average_precision(truth > 0.5, tested), 4)
        metrics["test_average_precision"] = {
            label: round(average_precision(truth[:, n] > 0.5, tested[:, n]), 3) for n, label in enumerate(labels)
        }
        judged = (truth, tested)
    serving = networks.serving(network, front_end, samples, "sigmoid")
    return Trained(
        "instruments", labels, serving, "sigmoid", front_end, WINDOW_MS, HOP_MS, thresholds, curves, metrics, judged
    )


def frequency_ranges(features: Sequence[Sequence[Halves]]) -> list[int]:
    """Each label's range, 0 (low) to 2 (high): terciles of the band below which half of its power lies."""
    middles = []
    for recordings in features:
        power = sum(np.exp(recording.astype(np.float32)).mean(axis=0) for recording in recordings)
        below = np.cumsum(power) / np.sum(power)
        middles.append(int(np.searchsorted(below, 0.5)))
    low, high = np.quantile(middles, [1 / 3, 2 / 3])
    return [int(middle > low) + int(middle > high) for middle in middles]
