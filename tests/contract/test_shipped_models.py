"""The models that ship: each graph is the one that its model.json and its card name, and answers as they say."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from earshot.tagging.model_manifest import ModelManifest

DEFAULTS = Path(__file__).parents[2] / "functions" / "earshot" / "tagging" / "defaults"
FOLDERS = sorted(path.parent for path in DEFAULTS.glob("*/model.json"))


def test_models_ship():
    assert FOLDERS


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_hashes_of_graph_manifest_and_card_agree(folder):
    manifest = ModelManifest.from_json((folder / "model.json").read_bytes())
    assert manifest.task == folder.name
    assert sha256((folder / "model.onnx").read_bytes()).hexdigest() == manifest.sha256
    assert manifest.sha256 in (folder / "card.md").read_text()
    assert manifest.stage == "demo"  # until a model is trained on real recordings
    assert manifest.licences


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_no_data_of_a_shipped_model_is_non_commercial_or_share_alike(folder):
    manifest = ModelManifest.from_json((folder / "model.json").read_bytes())
    text = " ".join(licence.licence for licence in manifest.licences).lower()
    assert "by-nc" not in text
    assert "by-sa" not in text


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_the_graph_answers_with_probabilities_whatever_it_hears(folder):
    onnxruntime = pytest.importorskip("onnxruntime")
    manifest = ModelManifest.from_json((folder / "model.json").read_bytes())
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    size = manifest.window_samples
    noise = 0.1 * np.random.default_rng(0).standard_normal(size)
    for samples in (np.zeros(size), np.full(size, 0.5), 1e-5 * noise, noise):
        (answer,) = session.run(["probabilities"], {"samples": samples[None].astype(np.float32)})
        assert answer.shape == (1, len(manifest.labels))
        assert ((answer >= 0) & (answer <= 1)).all()


def test_all_shipped_models_are_a_few_megabytes():
    assert sum((folder / "model.onnx").stat().st_size for folder in FOLDERS) < 8_000_000
