"""Live: the same decisions as of a file, by blocks from a callback that never waits."""

import json
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from earshot.cli import app
from earshot.local.demo_site.sounds import noise, tone
from earshot.tagging.live import BoundedBlocks, Live, hear_in_thread
from earshot.tagging.onnx_model import OnnxModel
from earshot.tagging.task_stream import Decisions, TaskStream
from tests import tiny_models
from tests.sounds import written


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_models.write_content(tmp_path_factory.mktemp("model"))


def half_and_half():
    return np.concatenate([tone(440, 2, 44_100, -20), noise(2, 44_100, 1, 3.0)]).astype(np.float32)


def test_blocks_of_a_microphone_give_the_decisions_of_a_file(folder) -> None:
    model, samples, lines = OnnxModel.load(folder), half_and_half(), []
    blocks = BoundedBlocks(waiting=1000)
    thread = hear_in_thread(blocks, Live("microphone", {"content": model}, 44_100), lines.append)
    for start in range(0, len(samples), 2205):
        blocks.put(samples[start : start + 2205, None])
    blocks.end()
    thread.join(30)
    stream = TaskStream(model, 44_100)
    whole = Decisions.joined([stream.add(samples), stream.flush()], 3)
    assert blocks.dropped == 0
    assert [line["end_ms"] for line in lines] == whole.end_ms.tolist()
    scores = np.array([list(line["scores"].values()) for line in lines])
    np.testing.assert_allclose(scores, whole.scores, atol=2e-3)


def test_a_thread_that_falls_behind_loses_the_oldest_blocks_and_they_are_counted() -> None:
    blocks = BoundedBlocks(waiting=3)
    for number in range(5):
        blocks.put(np.full(10, number, np.float32))
    blocks.end()
    assert [block[0] for block in blocks] == [3, 4]
    assert blocks.dropped == 3


def test_listen_prints_one_object_a_decision(folder, tmp_path) -> None:
    path = written(tmp_path / "half.wav", half_and_half()[:, None], rate_hz=44_100)
    done = CliRunner().invoke(app, ["listen", str(path), "--json", "--backend", str(folder)])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) in (16, 17)
    assert set(lines[0]) == {"file", "start_ms", "end_ms", "task", "scores", "labels", "model", "version"}
    assert (lines[4]["labels"], lines[14]["labels"]) == (["music"], ["noise"])


def test_listen_shows_a_meter_and_a_strip(folder, tmp_path) -> None:
    path = written(tmp_path / "half.wav", half_and_half()[:, None], rate_hz=44_100)
    done = CliRunner().invoke(app, ["listen", str(path), "--backend", str(folder)])
    assert "█" in done.stdout
    assert "mmmmmm" in done.stdout.splitlines()[12]


def test_listen_hears_standard_input(folder, tmp_path) -> None:
    path = written(tmp_path / "half.wav", half_and_half()[:, None], rate_hz=44_100)
    done = CliRunner().invoke(app, ["listen", "-", "--json", "--backend", str(folder)], input=path.read_bytes())
    assert json.loads(done.stdout.splitlines()[0])["file"] == "-"


def test_listen_wants_a_source() -> None:
    assert CliRunner().invoke(app, ["listen"]).exit_code == 2


def test_a_backend_that_is_none_is_named(tmp_path) -> None:
    path = written(tmp_path / "half.wav", half_and_half()[:, None], rate_hz=44_100)
    done = CliRunner().invoke(app, ["listen", str(path), "--backend", "crystal"])
    assert done.exit_code == 1
    assert "crystal" in done.stderr


def test_without_a_sound_card_the_reason_is_said(monkeypatch) -> None:
    from earshot.adapters.microphone import recording
    from earshot.errors import BadRequest

    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(BadRequest, match="libportaudio2"), recording(lambda block: None):
        pass
