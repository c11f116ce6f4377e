"""Train the content task: speech, music and noise every 0.25 s from 1 s of past audio."""

from pathlib import Path

import numpy as np

from earshot.training import fit as fitting
from earshot.training import networks
from earshot.training.augment import Augment
from earshot.training.batches import Mix, Stretches, content_batches
from earshot.training.feature_cache import FeatureCache
from earshot.training.figures import best_threshold
from earshot.training.front_end import FrontEnd
from earshot.training.trained import Trained
from earshot.training.training_data_manifest import Row

LABELS = ("speech", "music", "noise")
WINDOW_MS, HOP_MS = 1000, 250
TAIL_S = 0.25  # the part of the window that the label is about


def train(
    rows: list[Row], root: Path, cache: Path, front_end: FrontEnd, mix: Mix, augment: Augment, settings: fitting.Fit
) -> Trained:
    """Train on rows whose split is train, stop and choose thresholds on those of validation.

    Raises:
        ValueError: a label has no stretch of a window's length.
    """
    fitting.seed_everything(settings.seed)
    features = FeatureCache(cache, front_end)
    samples = front_end.sample_rate_hz * WINDOW_MS // 1000
    frames = front_end.frames(samples)
    tail = max(1, int(TAIL_S * front_end.sample_rate_hz / front_end.hop))
    sets = {
        split: [
            Stretches(
                features.all([row for row in rows if row.split == split and label in row.labels], root), frames, tail
            )
            for label in LABELS
        ]
        for split in ("train", "validation")
    }
    for split, stretches in sets.items():
        for label, source in zip(LABELS, stretches, strict=True):
            if not len(source):
                raise ValueError(f"content: no {split} stretch of {label} is {WINDOW_MS} ms long")
    network = networks.content_network(frames, front_end.mels, len(LABELS))
    batches = content_batches(sets["train"], mix, augment, settings.batch_size, settings.seed)
    held_out = content_batches(sets["validation"], mix, augment, 2000, settings.seed + 1)
    validation = next(held_out)
    curves = fitting.fit(network, batches, validation, settings, "labels")
    scores = fitting.probabilities(network, validation[0], "sigmoid")
    thresholds = {label: best_threshold(validation[1][:, n] > 0.5, scores[:, n]) for n, label in enumerate(LABELS)}
    serving = networks.serving(network, front_end, samples, "sigmoid")
    metrics = {"validation_loss": round(float(np.min(curves["val_loss"])), 4)}
    return Trained(
        "content",
        LABELS,
        serving,
        "sigmoid",
        front_end,
        WINDOW_MS,
        HOP_MS,
        thresholds,
        curves,
        metrics,
        (validation[1], scores),
    )
