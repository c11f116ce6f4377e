"""Each task trains for two epochs on computed sounds, beats chance by far, and its graph agrees with its network."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the trainer's environment: make test-trainer")


from earshot.errors import BadRequest
from earshot.local.demo_site.speech import speech
from earshot.tagging.choose_model import Choice
from earshot.tagging.onnx_model import OnnxModel
from earshot.training import thread_count, train_loudness, train_windows
from earshot.training.configuration import compose
from earshot.training.evaluation import decisions_of
from earshot.training.export import ParityFailed, check_parity, export
from earshot.training.figures import balanced_accuracy
from earshot.training.run_training import Services, run
from earshot.training.synthesis.noise import noise
from earshot.training.synthesis.wav_and_spectrum_tools import write_wav
from earshot.training.training_data_manifest import Row, write_manifest

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


PLAIN = ("augment=none", "mix.mixed=0", "mix.spliced=0", "mix.padded=0")
FAST = ("fit.epochs=2", "fit.steps=15", "fit.batch_size=32", "fit.minutes=3")


def fitted(task, root, rows, cache, *overrides):
    config = compose(task, ["data=manifest", "data.path=none", *overrides])
    train = train_loudness.train if task == "loudness_class" else train_windows.train
    return train(config, rows, root, cache)


@pytest.fixture(scope="module")
def trained(content, tmp_path_factory):
    return fitted("content", *content, tmp_path_factory.mktemp("cache"), *FAST, *PLAIN)


def test_content_learns_and_its_graph_answers_alike(trained, tmp_path):
    truth, scores = trained.judged
    assert balanced_accuracy(truth.argmax(axis=1), scores.argmax(axis=1)) > 0.7
    assert export(trained.serving, tmp_path / "model.onnx") < 1e-4


def test_a_graph_of_another_network_fails_the_parity_check(trained, content, tmp_path):
    other = fitted("content", *content, tmp_path, "fit.epochs=1", "fit.steps=1", "seed=2")
    export(trained.serving, tmp_path / "model.onnx")
    with pytest.raises(ParityFailed, match="differs by"):
        check_parity(other.serving, tmp_path / "model.onnx")


def test_a_training_ends_in_a_folder_that_the_tagger_reads(content, tmp_path):
    root, rows = content
    write_manifest(root / "manifest.jsonl", rows)
    config = compose("content", ["data=manifest", f"data.path={root / 'manifest.jsonl'}", *FAST, *PLAIN])
    made = run(config, tmp_path, Services(), lambda _text: None, lambda _done, _of: None)
    heard = decisions_of(OnnxModel.load(made.folder), chord(99))
    assert heard.scores.shape == (48, 3)
    assert made.manifest.sha256 in (made.folder / "card.md").read_text()
    assert made.manifest.metrics["validation"]["mean_average_precision"] > 0.7
    assert (made.folder / "confusion.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((made.folder / "metrics.json").read_text())["parity"] < 1e-4
    assert Choice("content").load().labels == ("speech", "music", "noise")


def test_the_same_seed_gives_the_same_figures(content, tmp_path):
    brief = ("fit.epochs=1", "fit.steps=3", "fit.batch_size=16")
    one, two = (fitted("content", *content, tmp_path, *brief).curves for _ in range(2))
    assert one == two


def test_a_label_that_nobody_judged_is_left_out_of_the_loss(content, tmp_path):
    """Hiss is named noise in one half of its recordings; in the other nobody judged noise, and it stays noise."""
    root, rows = content
    partial = [
        replace(row, labels=(), unknown=("noise",)) if row.labels == ("noise",) and number in (13, 15) else row
        for number, row in enumerate(rows)
    ]
    wrong = [replace(row, unknown=()) for row in partial]
    masked, negative = (fitted("content", root, given, tmp_path, *FAST, *PLAIN).judged[1] for given in (partial, wrong))
    assert np.isfinite(masked).all()
    assert not np.array_equal(masked, negative)


def test_loudness_learns_from_weak_labels(content, tmp_path):
    fast = ("fit.epochs=4", "fit.steps=60", "fit.batch_size=128", "fit.learning_rate=0.005")
    made = fitted("loudness_class", *content, tmp_path, *fast)
    assert made.metrics["validation_balanced_accuracy"] > 0.5
    assert export(made.serving, tmp_path / "model.onnx") < 1e-4


@pytest.mark.parametrize("network", ["instruments", "statistics"])
def test_instruments_learn_from_mixes(network, tmp_path):
    rows = []
    for label in ("organ", "flute"):
        for seed in range(4):
            wave, path = instrument(label, seed), f"{label}{seed}.wav"
            write_wav(tmp_path / path, wave)
            rows.append(Row.of_file(path, wave, (label,), path, ("train", "train", "validation", "test")[seed], "x"))
    fast = ("fit.epochs=2", "fit.steps=8", "fit.batch_size=16", f"network={network}", "augment=none")
    made = fitted("instruments", tmp_path, rows, tmp_path / "cache", *fast)
    assert made.labels == ("flute", "organ")
    assert made.metrics["validation_map"] > 0.6
    assert export(made.serving, tmp_path / "model.onnx") < 1e-4


def test_data_without_two_kinds_of_stretches_is_refused(content, tmp_path):
    root, rows = content
    only = [row for row in rows if "music" in row.labels]
    with pytest.raises(BadRequest, match="no train and no validation stretch of speech"):
        fitted("content", root, only, tmp_path, *FAST)
