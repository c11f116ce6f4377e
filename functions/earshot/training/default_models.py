"""`python -m earshot.training.default_models`: make the models that ship with the package, from synthetic audio.

Renders what is missing, trains, exports, measures content on the real recordings that are installed, and writes
{out}/{task}/ with model.onnx, model.json and card.md (and pictures beside the data).
"""

import argparse
import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from earshot.training import thread_count, train_content, train_instruments, train_loudness
from earshot.training.augment import Augment
from earshot.training.batches import Mix
from earshot.training.evaluate_content import evaluate
from earshot.training.export import export
from earshot.training.fit import Fit
from earshot.training.front_end import FrontEnd
from earshot.training.hear import Model
from earshot.training.model_folder import manifest_of, now, version_of, write_card
from earshot.training.pictures import confusion, draw_confusion, draw_curves
from earshot.training.real_sources import SOURCES
from earshot.training.synthesis.render import content_recipes, instrument_recipes, render
from earshot.training.trained import Trained
from earshot.training.training_data_manifest import Row, data_sha256, read_manifest

TASKS = ("content", "loudness_class", "instruments")
NAMES = {"content": "cnn-3", "loudness_class": "dense-2", "instruments": "dense-on-statistics"}
FITS = {
    "content": Fit(epochs=12, steps=150, minutes=20),
    "loudness_class": Fit(epochs=15, steps=200, batch_size=256, learning_rate=3e-3, minutes=5),
    "instruments": Fit(epochs=12, steps=150, minutes=20),
}
INSTRUMENTS_FRONT_END = FrontEnd(n_fft=1024, hop=512, mels=80, low_hz=40.0, high_hz=7800.0)
INSTRUMENTS_AUGMENT = Augment(reverberation=False, pitch=False)


def data_of(task: str, folder: Path, scale: float, seed: int) -> tuple[Path, list[Row]]:
    """Folder and rows of the task's synthetic data, rendered where it is missing."""
    recipes = instrument_recipes(scale) if task == "instruments" else content_recipes(scale)
    root = folder / f"{'instruments' if task == 'instruments' else 'content'}-{scale:g}"
    if not (root / "manifest.jsonl").exists():
        render(list(recipes), root, seed)
    return root, read_manifest(root / "manifest.jsonl")


def train(task: str, rows: list[Row], root: Path, cache: Path, fit: Fit) -> Trained:
    """Train one task on its rows, with the settings that the shipped models have."""
    if task == "content":
        return train_content.train(rows, root, cache, FrontEnd(), Mix(), Augment(), fit)
    if task == "instruments":
        return train_instruments.train(
            rows, root, cache, INSTRUMENTS_FRONT_END, Mix(), INSTRUMENTS_AUGMENT, fit, "statistics"
        )
    return train_loudness.train(rows, root, fit)


def write(trained: Trained, rows: list[Row], fit: Fit, folder: Path, metrics: dict[str, Any] | None = None) -> None:
    """Write model.json and card.md beside the model.onnx that is in `folder`, and pictures."""
    data, config = data_sha256(rows), {"fit": asdict(fit), "synthetic": True}
    manifest = manifest_of(
        trained,
        folder / "model.onnx",
        name=NAMES[trained.task],
        stage="demo",
        version=version_of(now(), json.dumps(config, sort_keys=True), data),
        data_sha256=data,
        seed=fit.seed,
        config=config,
        licences=[row.licence for row in rows if row.split != "test"],
        metrics=metrics,
    )
    (folder / "model.json").write_text(manifest.as_json())
    write_card(folder, manifest)


def main() -> None:
    """Make the models of the tasks named, or of all."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", default=list(TASKS))
    parser.add_argument("--data", type=Path, default=Path(".earshot/trainer-data"), help="audio and features")
    parser.add_argument("--out", type=Path, default=Path("functions/earshot/tagging/defaults"))
    parser.add_argument("--scale", type=float, default=1.0, help="how much synthetic audio, 1 is about 2 hours")
    parser.add_argument("--minutes", type=float, help="of training a task, at most")
    parser.add_argument("--epochs", type=int, help="at most")
    given = parser.parse_args()
    thread_count.use_one_thread()
    for task in given.tasks:
        fit = FITS[task]
        changes = {"minutes": given.minutes, "epochs": given.epochs}
        fit = Fit(**{**asdict(fit), **{name: value for name, value in changes.items() if value is not None}})
        root, rows = data_of(task, given.data, given.scale, fit.seed)
        trained = train(task, rows, root, given.data / "cache", fit)
        folder, pictures = given.out / task, given.data / "pictures" / task
        pictures.mkdir(parents=True, exist_ok=True)
        metrics: dict[str, Any] = {"parity": export(trained.serving, folder / "model.onnx")}
        if task == "content":
            scores = Model(folder / "model.onnx", 16_000, 4_000).scores
            metrics["real"] = evaluate(scores, trained.labels, SOURCES)
        write(trained, rows, fit, folder, metrics)
        draw_curves(trained.curves, pictures / "curves.png")
        draw_confusion(confusion(*trained.judged), trained.labels, pictures / "confusion.png")


if __name__ == "__main__":
    main()
