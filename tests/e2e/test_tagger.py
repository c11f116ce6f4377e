"""The tagger in the stack: what is stored is heard, by the model that the registry points to."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from earshot.adapters.model_registry import ModelRegistry
from earshot.local.demo_site.sounds import noise, tone
from earshot.tagging.scores_file import read_scores
from tests import tiny_models
from tests.e2e.conftest import PATIENCE_S, Stack
from tests.sounds import encoded


@pytest.fixture(scope="module", autouse=True)
def models(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tiny models of two tasks, in the registry and pointed to before the tagger hears its first file."""
    folder: Path = tmp_path_factory.mktemp("models")
    registry = ModelRegistry(stack.bucket)
    for task, made in (
        ("content", tiny_models.write_content(folder / "content")),
        ("instruments", tiny_models.write_instruments(folder / "instruments")),
    ):
        registry.use(task, registry.put(made).version)  # type: ignore[arg-type]


def half_and_half() -> bytes:
    samples = np.concatenate([tone(440, 4, 16_000, -20), noise(4, 16_000, 1, 0.0)])
    return encoded(samples[:, None], rate_hz=16_000)


def heard(stack: Stack, name: str, task: str = "content", **wanted: object) -> dict[str, object]:
    """Wait for a row by the tiny models; an earlier one may be by those that came with the package."""
    gcp_url = f"gs://{stack.bucket.name}/{name}"
    end = time.monotonic() + PATIENCE_S + 65  # the registry is looked at once a minute
    while True:
        rows = stack.rows("predictions", gcp_url=gcp_url, task=task)
        if rows and all(rows[0][column] == value for column, value in wanted.items()):
            return rows[0]
        assert time.monotonic() < end, f"no row of {name} with {wanted}: {rows}"
        time.sleep(0.5)


def test_an_upload_is_heard(stack: Stack) -> None:
    generation = stack.drop("audio/half.wav", half_and_half())
    stack.notify("audio/half.wav", generation)  # twice: still one row
    row = heard(stack, "audio/half.wav")
    if row["model"] != "tiny":
        time.sleep(61)
        stack.notify("audio/half.wav", generation)
        row = heard(stack, "audio/half.wav", model="tiny")
    assert row["music_ratio"] == pytest.approx(0.5, abs=0.1)
    assert row["noise_ratio"] == pytest.approx(0.5, abs=0.1)
    assert int(str(row["model_order"])) > 0
    labels = {piece["label"] for piece in json.loads(str(row["segments"]))}
    assert labels == {"music", "noise"}
    described, scores = read_scores(stack.bucket.blob(str(row["scores_url"]).split("/", 3)[3]).download_as_bytes())
    assert (described["model"], len(scores)) == ("tiny", 32)
    flute = heard(stack, "audio/half.wav", "instruments", model="tiny")
    assert json.loads(str(flute["summary"]))["flute"] == pytest.approx(0.5, abs=0.2)


def test_what_is_no_audio_has_a_reason_here_too(stack: Stack) -> None:
    stack.drop("audio/page.wav", b"<!doctype html><title>Log in</title>")
    assert heard(stack, "audio/page.wav")["reason"] == "not_audio"


def test_of_a_deleted_upload_the_rows_are_marked(stack: Stack) -> None:
    stack.drop("audio/brief.wav", encoded(tone(440, 1, 16_000, -20)[:, None], rate_hz=16_000))
    heard(stack, "audio/brief.wav")
    stack.bucket.blob("audio/brief.wav").delete()
    assert heard(stack, "audio/brief.wav", removed_because="deleted")["removed_at"]
