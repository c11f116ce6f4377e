"""`python -m earshot.training.default_models`: make the models that ship with the package, from synthetic audio.

Renders what is missing, trains by the configuration `data=synthetic`, measures content on the real recordings that are
installed and instruments on mixes of a maker never trained on, and writes {out}/{task}/ with model.onnx, model.json and
card.md; the other files of a model stay in {home}/models.
"""

import argparse
import logging
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from earshot.training import evaluate_instruments
from earshot.training.configuration import compose
from earshot.training.data_of_configuration import data_of
from earshot.training.evaluate_content import evaluate
from earshot.training.fit_model import fit_model
from earshot.training.model_folder import DEMO_LIMITS, Figures, write_model
from earshot.training.real_recordings_for_evaluation import SOURCES

SHARED_SAMPLES = (
    "The figures of mixes are of a soundfont that nothing trained on, TimGM6mb; but 329 of its 520 samples lie, byte "
    "for byte, in csound's sf_GMbank too, which trains. On a maker that shares no sample with those that train expect "
    "a mean average precision of 0.73 (docs/training.md)."
)
LIMITS = {"instruments": f"{DEMO_LIMITS}\n\n{SHARED_SAMPLES}"}
TASKS = ("loudness_class", "content", "instruments")
SHIPPED_FILES = ("model.onnx", "model.json", "card.md")


def make(task: str, home: Path, out: Path, overrides: Sequence[str] = ()) -> Path:
    """Make one model and copy what ships into `out/task`; returns that folder."""
    config = compose(task, ["data=synthetic", f"data.path={home}/synthetic", *overrides])
    data = data_of(config, home, None, None, frozenset(), lambda _done, _of: None)
    _say(f"{task}: {data.summary}")
    learned = [row for row in data.rows if row.split != "test"]
    test = [row for row in data.rows if row.split == "test"]
    fitted = fit_model(config, data.rows, data.root, home, home / "work" / task, None, _say)
    metrics: dict[str, Any] = dict(fitted.metrics)
    if task == "content":
        metrics["real"] = evaluate(fitted.load(), SOURCES)
    if task == "instruments":
        metrics["mixes_of_held_out_maker"] = evaluate_instruments.evaluate(fitted.load(), test, data.root)
    limits = LIMITS.get(task, DEMO_LIMITS)
    made, _ = write_model(
        config, fitted, learned, test, Figures(metrics), home / "models" / task, stage="demo", limits=limits
    )
    folder = out / task
    folder.mkdir(parents=True, exist_ok=True)
    for name in SHIPPED_FILES:
        shutil.copyfile(made / name, folder / name)
    return folder


def main() -> None:
    """Make the models of the tasks named, or of all."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", default=list(TASKS))
    parser.add_argument("--home", type=Path, default=Path(".earshot/training"), help="audio, features, models")
    parser.add_argument("--out", type=Path, default=Path("functions/earshot/tagging/defaults"))
    parser.add_argument("--override", action="append", default=[], help="of the configuration: fit.epochs=3")
    given = parser.parse_args()
    for task in given.tasks:
        make(task, given.home, given.out, given.override)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
