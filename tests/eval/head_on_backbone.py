"""Heads for content on a frozen backbone, by leaving sources out: what it is worth to import one and train on it.

For each source of tests/eval/real_sources.py a head learns speech, music and noise from all other sources, full band
and at 3.4 kHz, and is measured on that one, the way the tagger runs it.

    python tests/eval/head_on_backbone.py yamnet.h5|FOLDER [--minutes 3] [--folder .eval]

FOLDER has model.onnx and backbone.json. Weights are the reader's; none come with earshot.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soxr
from real_sources import LEAST_DECISIONS, samples_of, sources_in
from tags import by_source, evaluated, table_row

from earshot.operating.import_yamnet import convert
from earshot.tagging.causal_windows import CausalWindows
from earshot.tagging.model_manifest import ModelManifest
from earshot.tagging.onnx_model import OnnxModel, file_sha256
from earshot.tagging.silence_rule import SilenceRule
from earshot.training.backbone import Embedder
from earshot.training.logistic_head import fit_head
from earshot.training.train_head import write_head

LABELS = ("speech", "music", "noise")
HOP_MS = 250
PENALTY = 0.1
WINDOWS_OF_LABEL = 1200  # that a head learns from, evenly over the label's sources: keeps the fits to minutes
VERSION = "20260101T000000Z-00000000"


def embedded(embedder: Embedder, paths: list[Path], seconds: float) -> np.ndarray:
    """Embeddings of all decisions that are no silence, both bands."""
    rate = embedder.manifest.sample_rate_hz
    window, hop = embedder.manifest.window_ms * rate // 1000, HOP_MS * rate // 1000
    found = []
    for telephone in (False, True):
        for samples, rate_hz in samples_of(paths, seconds, telephone=telephone):
            heard = soxr.resample(samples, rate_hz, rate).astype(np.float32)
            windows, silence = CausalWindows(window, hop), SilenceRule(HOP_MS / 1000)
            for made in [*windows.add(heard), *windows.flush()]:
                loud = np.array([not silence.add(each[-made.fresh :])[1] for each in made.samples], bool)
                if loud.any():
                    found.append(embedder.embed(made.samples[loud]))
    return np.concatenate([np.zeros((0, embedder.manifest.embedding), np.float32), *found])


def head_model(folder: Path, embedder: Embedder, examples: dict[str, tuple[str, np.ndarray]]) -> OnnxModel:
    """A head fitted on these sources, loaded as the tagger loads it; every source of a label weighs the same."""
    dice = np.random.default_rng(1)
    parts, truths = [], []
    for label in LABELS:
        of_label = [found for kind, found in examples.values() if kind == label]
        count = WINDOWS_OF_LABEL // len(of_label)
        for found in of_label:
            chosen = found[dice.choice(len(found), count, replace=len(found) < count)]
            parts.append(chosen)
            truths.append(np.tile(np.array([label == each for each in LABELS], np.float32), (len(chosen), 1)))
    folder.mkdir(parents=True)
    write_head(fit_head(np.concatenate(parts), np.concatenate(truths), PENALTY), folder / "model.onnx")
    described = embedder.manifest
    fields = {name: getattr(described, name) for name in ("name", "sha256", "sample_rate_hz", "window_ms", "embedding")}
    manifest = ModelManifest(
        task="content",
        name=f"head-on-{described.name}",
        version=VERSION,
        stage="trained",
        labels=LABELS,
        activation="sigmoid",
        sample_rate_hz=described.sample_rate_hz,
        window_ms=described.window_ms,
        hop_ms=HOP_MS,
        input="embeddings",
        thresholds=dict.fromkeys(LABELS, 0.5),
        front_end="in the backbone",
        backbone=fields,
        sha256=file_sha256(folder / "model.onnx"),
    )
    (folder / "model.json").write_text(manifest.as_json())
    return OnnxModel.load(folder, backbones=folder.parent / "backbones")


def backbone_at(path: Path, folder: Path) -> Embedder:
    """The backbone of a folder, or of YAMNet's published weights, under the name of its hash."""
    source = path if path.is_dir() else convert(path, folder / "converted")[0]
    digest = Embedder(source).manifest.sha256
    place = folder / "backbones" / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(source.resolve(), target_is_directory=True)
    return Embedder(place)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("backbone", type=Path)
    parser.add_argument("--minutes", type=float, default=3.0, help="of each source")
    parser.add_argument("--folder", type=Path, default=Path(".eval"))
    asked = parser.parse_args()
    sources = sources_in(asked.folder)
    seconds = asked.minutes * 60
    with TemporaryDirectory() as temporary:
        embedder = backbone_at(asked.backbone, Path(temporary))
        examples = {name: (label, embedded(embedder, paths, seconds)) for name, (label, paths) in sources.items()}
        for name in [name for name, (_, found) in examples.items() if len(found) < 2 * LEAST_DECISIONS]:
            print(f"{name}: left out, less than 25 s of it are audible", file=sys.stderr)
            del examples[name], sources[name]
        print(f"{len(sources)} sources, {asked.minutes:g} minutes of each at most", file=sys.stderr)
        rows: dict[bool, dict[str, dict[str, float]]] = {False: {}, True: {}}
        for name in sources:
            others = {other: found for other, found in examples.items() if other != name}
            model = head_model(Path(temporary) / name, embedder, others)
            for telephone, found in rows.items():
                found |= evaluated(model, {name: sources[name]}, seconds, telephone=telephone)
    for telephone, found in rows.items():
        print(table_row(f"head on {embedder.manifest.name}, sources left out", telephone, found, sources))
        print(by_source("smoothed", found), file=sys.stderr)


if __name__ == "__main__":
    main()
