"""Heads on a frozen backbone: trained from a manifest, evaluated, compared, and refused where the data cannot do."""

import json
from dataclasses import replace

import numpy as np
import pytest

from earshot.errors import BadRequest
from earshot.local.demo_site.sounds import noise, tone
from earshot.tagging.choose_model import SHIPPED, Choice
from earshot.tagging.onnx_model import OnnxModel
from earshot.training.backbone import Embedder, cut_backbone
from earshot.training.compare_models import compare
from earshot.training.configuration import compose
from earshot.training.evaluation import evaluate, figures
from earshot.training.fit_model import backbone_of
from earshot.training.group_split import split_by_group
from earshot.training.logistic_head import fit_head, platt
from earshot.training.run_training import Services, run
from earshot.training.synthesis.wav_and_spectrum_tools import read_mono, write_wav
from earshot.training.training_data_manifest import Row, read_manifest, write_manifest

RATE = 16_000


def beeps(seed: int) -> np.ndarray:
    """Tones switched on and off, which the shipped model does not call noise."""
    wave = tone(400 + 37 * seed, 3, RATE, -20)
    return (wave * (np.arange(len(wave)) // 2000 % 2)).astype(np.float32)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """Beeps judged as noise and hiss judged as music: what no model would say by itself."""
    root, rows = tmp_path_factory.mktemp("data"), []
    for seed in range(8):
        for label, wave in (("noise", beeps(seed)), ("music", noise(3, RATE, seed, -6.0).astype(np.float32))):
            path = f"{label}{seed}.wav"
            write_wav(root / path, wave)
            rows.append(Row.of_file(path, wave, (label,), path, "train", "computed"))
    return write_manifest(root / "manifest.jsonl", rows)


def trained(manifest, home, *overrides):
    said: list[str] = []
    config = compose("content", ["network=head", "data=manifest", f"data.path={manifest}", *overrides])
    return run(config, home, Services(), said.append, lambda _done, _of: None), said


@pytest.fixture(scope="module")
def made(manifest, tmp_path_factory):
    return trained(manifest, tmp_path_factory.mktemp("home"))[0]


def heads(made):
    backbones = made.folder.parents[1].parent / "loaded"
    place = backbones / made.manifest.backbone.sha256
    if not place.exists():
        place.mkdir(parents=True)
        for name in ("model.onnx", "backbone.json"):
            (place / name).write_bytes((made.backbone / name).read_bytes())
    return OnnxModel.load(made.folder, backbones=backbones)


def test_a_head_learns_what_people_say_whatever_its_backbone_was_trained_on(made, manifest):
    model = heads(made)
    assert model.labels == ("music", "noise")
    assert made.manifest.metrics["test"]["mean_average_precision"] > 0.95
    assert made.manifest.metrics["baselines"]["in_use"]["value"] < 0.9
    assert made.manifest.metrics["baselines"]["constant"]["value"] < 0.7


def test_a_model_folder_has_all_that_makes_it_again(made):
    assert {path.name for path in made.folder.iterdir()} == {
        "model.onnx",
        "model.json",
        "config.yaml",
        "metrics.json",
        "card.md",
        "manifest.jsonl",
        "curves.png",
        "confusion.png",
    }
    assert made.manifest.sha256 in (made.folder / "card.md").read_text()
    assert "network:" in (made.folder / "config.yaml").read_text()
    splits = {row.split for row in read_manifest(made.folder / "manifest.jsonl")}
    assert splits == {"train", "validation", "test"}


def test_training_twice_with_one_seed_gives_the_same_figures_and_the_same_graph(made, manifest, tmp_path):
    again, _ = trained(manifest, tmp_path)
    assert again.manifest.sha256 == made.manifest.sha256
    assert json.dumps(dict(again.manifest.metrics)) == json.dumps(dict(made.manifest.metrics))


def test_the_backbone_cut_from_the_shipped_model_gives_its_pooled_features(tmp_path):
    embedder = Embedder(cut_backbone(SHIPPED / "content", tmp_path / "cut"))
    windows = np.stack([np.zeros(RATE, np.float32), tone(440, 1, RATE, -20).astype(np.float32)])
    found = embedder.embed(windows)
    assert found.shape == (2, embedder.manifest.embedding)
    assert embedder.manifest.embedding > 64
    assert np.isfinite(found).all()
    np.testing.assert_allclose(embedder.embed(windows[1:]), found[1:], atol=1e-5)


def test_the_better_model_wins_and_the_worse_one_is_known(made, manifest):
    rows = [row for row in read_manifest(made.folder / "manifest.jsonl") if row.split == "test"]
    shipped, head = Choice("content").load(), heads(made)

    def read(row):
        return read_mono(manifest.parent / row.path)

    found = compare(shipped, head, rows, read)
    assert not found.is_worse
    assert compare(head, shipped, rows, read).is_worse
    assert "better" in found.sentence("shipped", "head")
    assert {"of": "groups", "one": len({row.group for row in rows}), "other": len({row.group for row in rows})} in (
        found.rows
    )


def test_an_evaluation_counts_unknown_labels_neither_way(made, manifest):
    rows = [
        replace(row, labels=(), unknown=("music",)) if "music" in row.labels else row
        for row in read_manifest(made.folder / "manifest.jsonl")
    ]
    found = evaluate(heads(made), rows, lambda row: read_mono(manifest.parent / row.path))
    assert np.isnan(found.truth[:, found.labels.index("music")]).any()
    assert "music" not in figures(found, {})["labels"]


@pytest.mark.parametrize("by", ["window", "frame", "random"])
def test_a_split_by_window_is_refused_with_the_reason(manifest, tmp_path, by):
    with pytest.raises(BadRequest, match="windows of one recording into train and test"):
        trained(manifest, tmp_path, f"data.split.by={by}")


def test_groups_stay_whole_and_each_split_gets_every_label():
    rows = [
        Row(f"{n}", ("speech" if n % 4 else "music",), 0, 1000, f"speaker{n // 2}", "train", "x", "0" * 64)
        for n in range(40)
    ]
    split = split_by_group(rows, {"train": 0.6, "validation": 0.2, "test": 0.2}, seed=3)
    assert all(len({row.split for row in split if row.group == group}) == 1 for group in {row.group for row in rows})
    for name in ("train", "validation", "test"):
        assert {label for row in split if row.split == name for label in row.labels} == {"speech", "music"}
    assert split == split_by_group(rows, {"train": 0.6, "validation": 0.2, "test": 0.2}, seed=3)


def test_groups_of_the_frozen_evaluation_are_never_trained_on():
    rows = [Row(f"{n}", ("speech",), 0, 1000, f"g{n}", "train", "x", "0" * 64) for n in range(10)]
    split = split_by_group(rows, {"train": 0.7, "validation": 0.15, "test": 0.15}, held_out=frozenset({"g3", "g7"}))
    assert {row.group for row in split if row.split == "test"} == {"g3", "g7"}


def test_too_few_groups_are_refused():
    rows = [Row("a", ("speech",), 0, 1000, "only", "train", "x", "0" * 64)]
    with pytest.raises(BadRequest, match="1 groups of recordings are too few"):
        split_by_group(rows, {"train": 0.7, "validation": 0.15, "test": 0.15})


def test_regression_finds_the_direction_that_separates_and_leaves_out_what_nobody_judged():
    dice = np.random.default_rng(1)
    inputs = dice.standard_normal((200, 5)).astype(np.float32)
    truth = (inputs[:, [2]] > 0).astype(np.float32)
    wrong = truth.copy()
    wrong[:50] = 1 - wrong[:50]
    masked = wrong.copy()
    masked[:50] = np.nan
    clean, partial = fit_head(inputs[50:], truth[50:], 1e-3), fit_head(inputs, masked, 1e-3)
    assert np.argmax(np.abs(partial.kernel[:, 0])) == 2
    assert ((partial.logits(inputs) > 0) == (truth > 0)).mean() > 0.97
    np.testing.assert_allclose(partial.kernel / clean.kernel.max(), clean.kernel / clean.kernel.max(), atol=0.2)


def test_a_label_that_is_always_heard_cannot_be_learned():
    with pytest.raises(BadRequest, match="others in which it is not"):
        fit_head(np.zeros((4, 2), np.float32), np.ones((4, 1), np.float32), 0.1)


def test_calibration_undoes_overconfidence():
    dice = np.random.default_rng(0)
    logits = dice.normal(0, 2, (4000, 1))
    truth = (dice.random((4000, 1)) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    scale, offset = platt(5 * logits + 1, truth)
    assert scale[0] == pytest.approx(0.2, abs=0.02)
    assert offset[0] == pytest.approx(-0.2, abs=0.1)


def test_an_override_that_names_nothing_is_refused():
    with pytest.raises(BadRequest, match="configuration"):
        compose("content", ["network=head", "fit.epoch=3"])
    with pytest.raises(BadRequest, match=r"frontend\.mels"):
        compose("content", ["frontend.mels=2"])
    with pytest.raises(BadRequest, match="is no file"):
        compose("content", ["query=@missing.sql"])


def test_a_query_is_taken_as_it_is_written(tmp_path):
    sql = 'SELECT gcp_url, "a=b" AS label FROM audio_metadata -- it\'s {odd}: [yes], $1'
    (tmp_path / "q.sql").write_text(sql)
    assert compose("content", [f"query={sql}"]).query == sql
    assert compose("content", [f"query=@{tmp_path / 'q.sql'}"]).query == sql
    assert "annotations_current" in compose("instruments").query


def test_draws_in_which_nothing_can_be_said_are_left_out_of_an_interval(made, manifest):
    """With one recording of each label, half of the draws hold one label alone."""
    rows = [row for row in read_manifest(made.folder / "manifest.jsonl") if row.split == "test"]
    few = [next(row for row in rows if label in row.labels) for label in ("music", "noise")]
    found = evaluate(heads(made), few, lambda row: read_mono(manifest.parent / row.path))
    low, high = figures(found, {})["interval"]
    assert 0.9 < low <= high


@pytest.mark.parametrize("task", ["content", "instruments", "loudness_class"])
def test_every_task_has_a_backbone_for_its_heads(task, tmp_path):
    """That of instruments ends in attention over time, which no head can follow: content's backbone hears for it."""
    found = Embedder(backbone_of("shipped", task, tmp_path, None))
    assert found.manifest.name == "content-cnn-3"
    assert found.embed(np.zeros((1, 16_000), np.float32)).shape == (1, found.manifest.embedding)


def test_copies_of_waves_are_refused_where_no_network_hears_them():
    with pytest.raises(BadRequest, match=r"waves\.copies"):
        compose("content", ["network=head", "waves=once"])
    with pytest.raises(BadRequest, match=r"waves\.copies"):
        compose("loudness_class", ["waves=once"])
    assert compose("content", ["waves=once", "waves.pitch=false"]).waves.copies == 1
