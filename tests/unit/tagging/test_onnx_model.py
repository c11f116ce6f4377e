"""A model is believed only where it is what its description says."""

import json

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from earshot.tagging.onnx_model import ModelRefused, OnnxModel
from tests import tiny_models


def test_the_shares_of_a_tone_and_of_noise_are_those_of_theory(tmp_path) -> None:
    model = OnnxModel.load(tiny_models.write_content(tmp_path))
    moments = np.arange(16_000) / 16_000
    tone = np.sin(2 * np.pi * 1000 * moments).astype(np.float32)
    noise = np.random.default_rng(1).standard_normal(16_000).astype(np.float32) * 0.1
    probabilities, _ = model.run(np.stack([tone, noise]))
    ratio = 4 * np.sin(np.pi / 16) ** 2
    assert probabilities[0, 2] == pytest.approx(1 / (1 + np.exp(-8 * (ratio - 1))), abs=1e-3)
    assert probabilities[1, 2] == pytest.approx(1 / (1 + np.exp(-8)), abs=1e-3)


def test_a_model_whose_hash_differs_is_refused_by_name(tmp_path) -> None:
    tiny_models.write_content(tmp_path, sha256="0" * 64)
    with pytest.raises(ModelRefused, match="has the hash"):
        OnnxModel.load(tmp_path)


def test_a_model_of_another_window_is_refused(tmp_path) -> None:
    tiny_models.write_content(tmp_path, window_ms=500)
    with pytest.raises(ModelRefused, match=r"wanted is samples of shape \(batch, 8000\)"):
        OnnxModel.load(tmp_path)


def test_a_model_with_other_labels_than_it_answers_is_refused(tmp_path) -> None:
    tiny_models.write_content(tmp_path, labels=["speech"], thresholds={"speech": 0.5})
    with pytest.raises(ModelRefused, match="probabilities"):
        OnnxModel.load(tmp_path)


def test_a_model_that_answers_to_silence_with_nan_is_refused(tmp_path) -> None:
    tiny_models.write_content(tmp_path)
    model = onnx.load(tmp_path / "model.onnx")
    for constant in model.graph.initializer:
        if constant.name == "least":
            constant.CopyFrom(numpy_helper.from_array(np.array([0], np.float32), "least"))
    rewrite(tmp_path, model)
    with pytest.raises(ModelRefused, match="no probabilities"):
        OnnxModel.load(tmp_path)


def test_a_model_whose_answer_depends_on_its_batch_is_refused(tmp_path) -> None:
    tiny_models.write_content(tmp_path)
    model = onnx.load(tmp_path / "model.onnx")
    for node in model.graph.node:
        for index, name in enumerate(node.output):
            if name == "probabilities":
                node.output[index] = "alone"
    model.graph.node.append(helper.make_node("Softmax", ["alone"], ["probabilities"], axis=0))
    rewrite(tmp_path, model)
    with pytest.raises(ModelRefused, match="otherwise in a batch"):
        OnnxModel.load(tmp_path)


def test_a_file_that_is_no_model_is_refused(tmp_path) -> None:
    tiny_models.write_content(tmp_path)
    from hashlib import sha256

    (tmp_path / "model.onnx").write_bytes(b"no graph")
    described = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(described | {"sha256": sha256(b"no graph").hexdigest()}))
    with pytest.raises(ModelRefused, match="not an ONNX model"):
        OnnxModel.load(tmp_path)


def test_a_folder_without_a_model_is_refused(tmp_path) -> None:
    with pytest.raises(ModelRefused, match=r"model\.json"):
        OnnxModel.load(tmp_path)


def test_a_head_hears_through_its_backbone(tmp_path) -> None:
    folder = tiny_models.write_with_backbone(tmp_path / "head", tmp_path / "backbones")
    model = OnnxModel.load(folder, backbones=tmp_path / "backbones")
    scorer = model.start()
    noise = np.random.default_rng(1).standard_normal((3, 16_000)).astype(np.float32) * 0.1
    assert scorer.score(noise, 4000)[:, 1] == pytest.approx([1, 1, 1], abs=0.01)
    assert np.linalg.norm(scorer.mean_embedding) == pytest.approx(1, abs=1e-5)


def test_a_head_without_its_backbone_is_refused(tmp_path) -> None:
    folder = tiny_models.write_with_backbone(tmp_path / "head", tmp_path / "backbones")
    with pytest.raises(ModelRefused, match="needs the backbone roughness"):
        OnnxModel.load(folder)
    with pytest.raises(ModelRefused, match=r"backbone\.json"):
        OnnxModel.load(folder, backbones=tmp_path / "elsewhere")


def rewrite(folder, model) -> None:
    from hashlib import sha256

    made = model.SerializeToString()
    (folder / "model.onnx").write_bytes(made)
    described = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(described | {"sha256": sha256(made).hexdigest()}))
