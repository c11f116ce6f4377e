"""Each task trains for two epochs on computed sounds, beats chance by far, and its graph agrees with its network."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import json

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the trainer's environment: make test-trainer")

from earshot.training.hear import Model

from earshot.local.demo_site.speech import speech
from earshot.tagging.model_manifest import ModelManifest
from earshot.training import default_models, thread_count, train_content, train_instruments, train_loudness
from earshot.training.augment import NONE, Augment
from earshot.training.batches import Mix
from earshot.training.export import ParityFailed, check_parity, export
from earshot.training.figures import balanced_accuracy
from earshot.training.fit import Fit
from earshot.training.front_end import FrontEnd
from earshot.training.pictures import confusion, draw_confusion, draw_curves
from earshot.training.synthesis.noise import noise
from earshot.training.synthesis.wav_and_spectrum_tools import write_wav
from earshot.training.training_data_manifest import Row

pytestmark = [pytest.mark.trainer, pytest.mark.timeout(300)]
RATE = 16_000


def chord(seed, seconds=12):
    dice, t = np.random.default_rng(seed), np.arange(RATE * seconds) / RATE
    steps = (t * 2).astype(int)
    pitch = 220 * 2 ** (dice.integers(0, 12, steps.max() + 1)[steps] / 12)
    return sum(0.1 / n * np.sin(2 * np.pi * np.cumsum(n * pitch) / RATE) for n in (1, 2, 3, 4)).astype(np.float32)


def instrument(kind, seed, seconds=12):
    wave = chord(seed, seconds)
    return np.tanh(8 * wave).astype(np.float32) * 0.2 if kind == "organ" else wave


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    thread_count.use_one_thread()
    root, rows = tmp_path_factory.mktemp("content"), []
    make = {
        "speech": lambda seed: speech(12, seed).astype(np.float32),
        "music": chord,
        "noise": lambda seed: noise("hiss", np.random.default_rng(seed), 12),
    }
    for label, kind in make.items():
        for seed in range(6):
            wave, path = kind(seed), f"{label}{seed}.wav"
            write_wav(root / path, wave)
            split = "validation" if seed == 5 else "train"
            rows.append(Row.of_file(path, wave, (label,), path, split, "computed"))
    return root, rows


FAST = Fit(epochs=2, steps=15, batch_size=32, minutes=3)


@pytest.fixture(scope="module")
def trained(content, tmp_path_factory):
    root, rows = content
    cache = tmp_path_factory.mktemp("cache")
    return train_content.train(rows, root, cache, FrontEnd(), Mix(mixed=0, spliced=0, padded=0), NONE, FAST)


def test_content_learns_and_its_graph_answers_alike(trained, tmp_path):
    truth, scores = trained.judged
    assert balanced_accuracy(truth.argmax(axis=1), scores.argmax(axis=1)) > 0.7
    assert export(trained.serving, tmp_path / "model.onnx") < 1e-4
    heard = Model(tmp_path / "model.onnx", 16_000, 4_000).scores(chord(99))
    assert heard.shape == (48, 3)
    assert ((heard >= 0) & (heard <= 1)).all()


def test_a_graph_of_another_network_fails_the_parity_check(trained, content, tmp_path):
    root, rows = content
    other = train_content.train(rows, root, tmp_path, FrontEnd(), Mix(), Augment(), Fit(epochs=1, steps=1, seed=2))
    export(trained.serving, tmp_path / "model.onnx")
    with pytest.raises(ParityFailed, match="differs by"):
        check_parity(other.serving, tmp_path / "model.onnx")


def test_the_model_folder_is_what_the_tagger_reads(trained, content, tmp_path):
    export(trained.serving, tmp_path / "model.onnx")
    default_models.write(trained, content[1], FAST, tmp_path, {"real": {"full": {"three": 0.9}}})
    manifest = ModelManifest.from_json((tmp_path / "model.json").read_bytes())
    assert (manifest.task, manifest.stage, manifest.window_samples) == ("content", "demo", 16_000)
    assert manifest.sha256 in (tmp_path / "card.md").read_text()
    assert json.loads((tmp_path / "model.json").read_text())["metrics"]["real"]["full"]["three"] == 0.9
    draw_curves(trained.curves, tmp_path / "curves.png")
    draw_confusion(confusion(*trained.judged), trained.labels, tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_figures(content, tmp_path):
    root, rows = content
    brief = Fit(epochs=1, steps=3, batch_size=16, minutes=1)
    one, two = (train_content.train(rows, root, tmp_path, FrontEnd(), Mix(), Augment(), brief).curves for _ in range(2))
    assert one == two


def test_loudness_learns_from_weak_labels(content, tmp_path):
    root, rows = content
    made = train_loudness.train(rows, root, Fit(epochs=4, steps=60, batch_size=128, learning_rate=5e-3, minutes=3))
    assert made.metrics["validation_balanced_accuracy"] > 0.5
    assert export(made.serving, tmp_path / "model.onnx") < 1e-4


@pytest.mark.parametrize("kind", ["cnn", "statistics"])
def test_instruments_learn_from_mixes(kind, tmp_path):
    rows = []
    for label in ("organ", "flute"):
        for seed in range(4):
            wave, path = instrument(label, seed), f"{label}{seed}.wav"
            write_wav(tmp_path / path, wave)
            rows.append(Row.of_file(path, wave, (label,), path, ("train", "train", "validation", "test")[seed], "x"))
    front_end = default_models.INSTRUMENTS_FRONT_END
    fit = Fit(epochs=2, steps=8, batch_size=16, minutes=3)
    made = train_instruments.train(rows, tmp_path, tmp_path / "cache", front_end, Mix(), NONE, fit, kind)
    assert made.labels == ("flute", "organ")
    assert made.metrics["validation_map"] > 0.6
    assert export(made.serving, tmp_path / "model.onnx") < 1e-4


def test_a_label_without_recordings_is_refused(content, tmp_path):
    root, rows = content
    only = [row for row in rows if "noise" not in row.labels]
    with pytest.raises(ValueError, match="no train stretch of noise"):
        train_content.train(only, root, tmp_path, FrontEnd(), Mix(), NONE, FAST)
