"""Train content or instruments: windows of log-mel power cut from labelled stretches, mixed and augmented on the way.

Labels that nobody judged are left out of the loss, and never become negatives by mixing.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from earshot.errors import BadRequest
from earshot.training import fit as fitting
from earshot.training import networks
from earshot.training.augment import NONE, Augment
from earshot.training.augment_waves import WaveAugment
from earshot.training.batches import Floats, Mix, Stretches, content_batches, instrument_batches
from earshot.training.configuration import TrainingConfig
from earshot.training.feature_cache import FeatureCache, Halves
from earshot.training.figures import average_precision, best_threshold
from earshot.training.front_end import FrontEnd
from earshot.training.logistic_head import platt
from earshot.training.trained import Trained
from earshot.training.training_data_manifest import Row

NETWORKS = {
    "cnn": networks.content_network,
    "attention": networks.instruments_network,
    "statistics": networks.statistics_network,
}
TAIL_S = {"content": 0.25, "instruments": 2.0}  # the part of the window that must not be a pause
HELD_OUT = 2000  # windows of validation, and of the test of mixes


def train(config: TrainingConfig, rows: Sequence[Row], root: Path, cache: Path) -> Trained:
    """Train on rows whose split is train; stop, calibrate and choose thresholds on those of validation.

    Where there are test rows, mixes of them give `test_map` and its row by label.

    Raises:
        BadRequest: no label has stretches of a window's length in both splits.
    """
    settings = fitting.Fit(**config.fit.model_dump(), seed=config.seed)
    fitting.seed_everything(config.seed)
    front_end = FrontEnd(**config.frontend.model_dump())
    samples = front_end.sample_rate_hz * config.task.window_ms // 1000
    frames = front_end.frames(samples)
    cached = FeatureCache(cache, front_end)
    waves = WaveAugment(**config.waves.model_dump())
    kinds = {
        split: _features(cached, rows, root, split, config.task.labels, waves if split == "train" else WaveAugment())
        for split in ("train", "validation", "test")
    }
    labels = _trainable(kinds, config, frames)
    sets = {split: _stretches(found, labels, config, frames, front_end) for split, found in kinds.items()}
    ranges = frequency_ranges([kinds["train"][name][0] for name in _names(labels) if len(kinds["train"][name][0])])
    augment = Augment(**config.augment.model_dump())
    network = NETWORKS[config.network.kind](
        frames, front_end.mels, len(labels), config.network.widths, config.network.l2 or 0.0
    )
    batches = _batches(config, sets["train"], ranges, augment, settings.batch_size, settings.seed)
    validation = next(_batches(config, sets["validation"], ranges, NONE, HELD_OUT, settings.seed + 1))
    curves = fitting.fit(network, batches, validation, settings, "labels")
    if config.evaluate.calibrate:
        networks.rescale_logits(network, *platt(fitting.logits(network, validation[0]), validation[1]))
    scores = fitting.probabilities(network, validation[0], "sigmoid")
    thresholds = {label: _threshold(validation[1][:, n], scores[:, n]) for n, label in enumerate(labels)}
    metrics: dict[str, object] = {
        "validation_loss": round(float(np.min(curves["val_loss"])), 4),
        "validation_map": round(_map(validation[1], scores, labels)[0], 4),
    }
    judged = (np.nan_to_num(validation[1]), scores)
    if all(len(each) for each in sets["test"]) and len(sets["test"]) >= len(labels):
        windows, truth = next(_batches(config, sets["test"], ranges, NONE, HELD_OUT, settings.seed + 2))
        tested = fitting.probabilities(network, windows, "sigmoid")
        metrics["test_map"], by_label = _map(truth, tested, labels)
        metrics["test_average_precision"] = by_label
        judged = (np.nan_to_num(truth), tested)
    serving = networks.serving(network, front_end, samples, "sigmoid")
    return Trained(
        config.task.name,
        labels,
        serving,
        "sigmoid",
        front_end,
        config.task.window_ms,
        config.task.hop_ms,
        thresholds,
        curves,
        metrics,
        judged,
    )


Kinds = dict[str, tuple[list[Halves], list[Row]]]


def _names(labels: Sequence[str]) -> list[str]:
    return [*labels, ""]  # the last: stretches in which none of the labels is heard


def _features(
    cached: FeatureCache, rows: Sequence[Row], root: Path, split: str, labels: Sequence[str], waves: WaveAugment
) -> Kinds:
    found: Kinds = {}
    of_split = [row for row in rows if row.split == split]
    for name in _names(labels):
        held = [row for row in of_split if (name in row.labels if name else not row.labels)]
        copied = [each for copy in range(waves.copies) for each in cached.all(held, root, waves, copy)]
        found[name] = ([*cached.all(held, root), *copied], held * (1 + waves.copies))
    return found


def _trainable(kinds: dict[str, Kinds], config: TrainingConfig, frames: int) -> tuple[str, ...]:
    """The task's labels that both train and validation hold a window of.

    Raises:
        BadRequest: fewer than two kinds of stretches are left, so there is nothing to distinguish.
    """
    short = {
        label: [
            split for split in ("train", "validation") if all(len(each) < frames for each in kinds[split][label][0])
        ]
        for label in config.task.labels
    }
    kept = tuple(label for label, missing in short.items() if not missing)
    if len(kept) + bool(kinds["train"][""][0]) < 2:
        faults = "; ".join(
            f"no {' and no '.join(missing)} stretch of {label}" for label, missing in short.items() if missing
        )
        raise BadRequest(f"{config.task.name}: {faults} is {config.task.window_ms} ms long")
    return kept


def _stretches(
    kinds: Kinds, labels: tuple[str, ...], config: TrainingConfig, frames: int, front_end: FrontEnd
) -> list[Stretches]:
    tail = max(1, int(TAIL_S[config.task.name] * front_end.sample_rate_hz / front_end.hop))
    made = []
    for name in _names(labels):
        features, held = kinds[name]
        truths = np.array(
            [[np.nan if label in row.unknown else float(label in row.labels) for label in labels] for row in held],
            dtype=np.float32,
        ).reshape(len(held), len(labels))
        stretches = Stretches(features, frames, tail, truths)
        if name or len(stretches):
            made.append(stretches)
    return made


def _batches(
    config: TrainingConfig,
    stretches: list[Stretches],
    ranges: Sequence[int],
    augment: Augment,
    size: int,
    seed: int,
) -> Iterator[tuple[Floats, Floats]]:
    mix = Mix(**config.mix.model_dump())
    present = [each for each in stretches if len(each)]
    if config.task.name == "content":
        return content_batches(present, mix, augment, size, seed)
    if augment == NONE:  # validation and test: mixes at random, however train was mixed
        mix = Mix(mode="random")
    return instrument_batches(present, [*ranges, *[1] * len(present)][: len(present)], mix, augment, size, seed)


def _threshold(truth: Floats, scores: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    known = ~np.isnan(truth)
    return best_threshold(truth[known] > 0.5, scores[known])


def _map(
    truth: Floats, scores: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", labels: Sequence[str]
) -> tuple[float, dict[str, float]]:
    by_label = {}
    for n, label in enumerate(labels):
        known = ~np.isnan(truth[:, n])
        if (truth[known, n] > 0.5).any():
            by_label[label] = round(average_precision(truth[known, n] > 0.5, scores[known, n]), 3)
    return round(float(np.mean(list(by_label.values()))), 4), by_label


def frequency_ranges(features: Sequence[Sequence[Halves]]) -> list[int]:
    """Each kind's range, 0 (low) to 2 (high): terciles of the band below which half of its power lies."""
    middles = []
    for recordings in features:
        power = sum(np.exp(recording.astype(np.float32)).mean(axis=0) for recording in recordings)
        below = np.cumsum(power) / np.sum(power)
        middles.append(int(np.searchsorted(below, 0.5)))
    low, high = np.quantile(middles, [1 / 3, 2 / 3])
    return [int(middle > low) + int(middle > high) for middle in middles]
