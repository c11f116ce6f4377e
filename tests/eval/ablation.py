"""What each augmentation and each way of mixing is worth: short trainings of instruments that differ in one switch.

    .earshot/trainer/bin/python tests/eval/ablation.py [--epochs 4] [--steps 100] [--network statistics]

`--only "as shipped" --network instruments --epochs 18 --steps 160 --without csound` tells what the recipe is worth on
a maker that shares no sample with those that train: TimGM6mb, which tests, has 329 of its 520 samples in common with
csound's sf_GMbank, byte for byte.

Trains on the synthetic recordings of `make models`, which must be rendered, and prints a row a training: mean average
precision on held-out phrases of the makers that train, and on the maker that none trains on.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from earshot.training import evaluate_instruments, thread_count
from earshot.training.configuration import compose
from earshot.training.data_of_configuration import data_of
from earshot.training.fit_model import fit_model

OFF = ("pitch", "reverberation", "equaliser", "noise_floor")
ON = ("band_limit", "masks")
WAVES = ("equaliser", "pitch", "distortion", "low_pass", "high_pass", "bit_depth")


def variants() -> dict[str, list[str]]:
    """Name of each training and what it changes."""
    found: dict[str, list[str]] = {"as shipped": []}
    found |= {f"without {name}": [f"augment.{name}=false"] for name in OFF}
    found |= {f"with {name}": [f"augment.{name}=true"] for name in ON}
    found["augment=none"] = ["augment=none"]
    found["waves=once"] = ["waves=once"]
    found |= {f"waves=once, without {name}": ["waves=once", f"waves.{name}=false"] for name in WAVES}
    return found | {f"mix={mode}": [f"mix={mode}"] for mode in ("random", "none")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--network", default="statistics")
    parser.add_argument("--only", default="", help="name of one training")
    parser.add_argument("--without", default="", help="a maker that trains no more: csound")
    parser.add_argument("--home", type=Path, default=Path(".earshot/training"))
    asked = parser.parse_args()
    thread_count.use_one_thread()
    brief = [f"fit.epochs={asked.epochs}", f"fit.steps={asked.steps}", f"network={asked.network}"]
    print("| training | validation | maker never trained on | 95 % interval |\n|---|---|---|---|")
    for name, changes in variants().items():
        if asked.only not in ("", name):
            continue
        config = compose("instruments", ["data=synthetic", f"data.path={asked.home}/synthetic", *brief, *changes])
        data = data_of(config, asked.home, None, None, frozenset(), lambda _done, _of: None)
        with tempfile.TemporaryDirectory() as folder:
            rows = [row for row in data.rows if not asked.without or not row.path.endswith(f"_{asked.without}.wav")]
            fitted = fit_model(config, rows, data.root, asked.home, Path(folder), None, lambda _text: None)
            test = [row for row in data.rows if row.split == "test"]
            found = evaluate_instruments.evaluate(fitted.load(), test, data.root)
        low, high = found["interval"]
        figures = f"{fitted.metrics['validation_map']:.3f} | {found['mean_average_precision']:.3f}"
        print(f"| {name} | {figures} | {low:.3f} to {high:.3f} |", flush=True)
        print(found, file=sys.stderr)


if __name__ == "__main__":
    main()
