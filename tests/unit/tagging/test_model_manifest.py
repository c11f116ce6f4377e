"""`model.json`: read whole, or refused with the field that is wrong."""

import json
from typing import Any

import pytest

from earshot.tagging.model_manifest import BackboneManifest, BadManifest, ModelManifest
from earshot.tagging.vocabulary import INSTRUMENTS, LABELS, TASKS

MANIFEST: dict[str, Any] = {
    "format": 1,
    "task": "content",
    "name": "cnn",
    "version": "20260101T000000Z-0123abcd",
    "stage": "demo",
    "labels": ["speech", "music", "noise"],
    "activation": "sigmoid",
    "sample_rate_hz": 16000,
    "window_ms": 960,
    "hop_ms": 250,
    "input": "samples",
    "output": "probabilities",
    "thresholds": {"speech": 0.5, "music": 0.4, "noise": 0.5},
    "backbone": None,
    "sha256": "0" * 64,
}
BACKBONE = {"name": "yamnet", "sha256": "1" * 64, "sample_rate_hz": 16000, "window_ms": 960, "embedding": 1024}


def test_a_manifest_is_the_same_after_it_was_written_and_read() -> None:
    manifest = ModelManifest.from_json(json.dumps(MANIFEST))
    assert ModelManifest.from_json(manifest.as_json()) == manifest


def test_a_window_of_960_ms_at_16_khz_has_15360_samples() -> None:
    manifest = ModelManifest.from_json(json.dumps(MANIFEST))
    assert (manifest.window_samples, manifest.hop_samples, manifest.input_size) == (15360, 4000, 15360)


def test_the_input_of_a_head_is_the_embedding_of_its_backbone() -> None:
    head = MANIFEST | {"input": "embeddings", "backbone": BACKBONE}
    assert ModelManifest.from_json(json.dumps(head)).input_size == 1024


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"task": "weather"}, "task"),
        ({"labels": ["speech", "rain"]}, "no label rain"),
        ({"labels": ["speech", "speech"]}, "twice"),
        ({"labels": []}, "labels"),
        ({"thresholds": {"speech": 0.5}}, "thresholds"),
        ({"thresholds": {"speech": 0.5, "music": 1.5, "noise": 0.5}}, "thresholds.music"),
        ({"version": "7"}, "version"),
        ({"sha256": "abc"}, "sha256"),
        ({"window_ms": 600_000}, "window_ms"),
        ({"input": "embeddings"}, "backbone"),
        ({"backbone": BACKBONE}, "backbone"),
        ({"input": "embeddings", "backbone": BACKBONE | {"window_ms": 500}}, "must be the backbone's"),
        ({"format": 2}, "format"),
    ],
)
def test_a_manifest_that_describes_no_model_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(BadManifest, match=words):
        ModelManifest.from_json(json.dumps(MANIFEST | changed))


def test_a_huge_manifest_is_refused_unread() -> None:
    with pytest.raises(BadManifest, match="limit"):
        ModelManifest.from_json(b" " * 2_000_000)


def test_a_field_of_a_later_version_is_ignored() -> None:
    assert ModelManifest.from_json(json.dumps(MANIFEST | {"later": 1})).name == "cnn"


def test_a_backbone_lists_its_own_classes() -> None:
    assert BackboneManifest.from_json(json.dumps(BACKBONE | {"classes": ["Speech"]})).classes == ("Speech",)


def test_each_task_has_labels() -> None:
    assert set(LABELS) == set(TASKS)
    assert len(set(INSTRUMENTS)) == 20
