"""Live: the same decisions as of a file, by blocks from a callback that never waits."""

import _thread
import json
import select
import signal
import subprocess
import sys
import threading
from types import ModuleType

import numpy as np
import pytest
from typer.testing import CliRunner

from earshot.cli import app
from earshot.local.demo_site.sounds import noise, tone
from earshot.tagging.live import BoundedBlocks, Live, hear_in_thread
from earshot.tagging.onnx_model import OnnxModel
from earshot.tagging.task_stream import Decisions, TaskStream
from tests import tiny_models
from tests.sounds import encoded, written

PATIENCE_S = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_models.write_content(tmp_path_factory.mktemp("model"))


def half_and_half():
    return np.concatenate([tone(440, 2, 44_100, -20), noise(2, 44_100, 1, 3.0)]).astype(np.float32)


def test_blocks_of_a_microphone_give_the_decisions_of_a_file(folder) -> None:
    model, samples, lines = OnnxModel.load(folder), half_and_half(), []
    blocks = BoundedBlocks(waiting=1000)
    ended = hear_in_thread(blocks, Live("microphone", {"content": model}, 44_100), lines.append)
    for start in range(0, len(samples), 2205):
        blocks.put(samples[start : start + 2205, None])
    blocks.end()
    ended.result(30)
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
    assert [(block.samples[0], block.lost) for block in blocks] == [(2, 20), (3, 0), (4, 0)]
    assert blocks.dropped == 2


def test_a_burst_is_heard_whole_and_what_has_waited_too_long_is_dropped() -> None:
    now = [0.0]
    blocks = BoundedBlocks(waiting=100, longest_s=2.5, clock=lambda: now[0])
    for number in range(60):
        blocks.put(np.full(10, number, np.float32))
    assert blocks.dropped == 0
    now[0] = 3.0
    blocks.put(np.full(10, 60, np.float32))
    blocks.end()
    assert [(block.samples[0], block.lost) for block in blocks] == [(60, 600)]
    assert blocks.dropped == 60


def test_what_comes_after_dropped_blocks_is_as_late_as_it_was_said(folder) -> None:
    blocks, lines = BoundedBlocks(waiting=4), []
    samples = half_and_half()
    for start in range(0, len(samples), 11_025):  # sixteen blocks of a quarter of a second
        blocks.put(samples[start : start + 11_025])
    blocks.end()
    hear_in_thread(blocks, Live("microphone", {"content": OnnxModel.load(folder)}, 44_100), lines.append).result(30)
    assert blocks.dropped == 12
    assert [line["end_ms"] for line in lines][:4] == [3250, 3500, 3750, 4000]


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


@pytest.fixture
def listening(folder):
    """`earshot listen -` whose standard input is a pipe that stays open."""
    command = [sys.executable, "-m", "earshot", "listen", "-", "--json", "--backend", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    ignored_here = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # what a shell's `&` ignores, a child would too
    with subprocess.Popen(command, bufsize=0, **pipes) as process:
        signal.signal(signal.SIGINT, ignored_here)
        try:
            yield process
        finally:
            process.kill()


def test_decisions_come_while_standard_input_is_open(listening) -> None:
    data = encoded(half_and_half()[:, None], rate_hz=44_100)
    listening.stdin.write(data[:200_000])  # 2.3 s of 4
    assert select.select([listening.stdout], [], [], PATIENCE_S)[0], "no decision before the end of the input"
    first = listening.stdout.readline()
    listening.stdin.write(data[200_000:])
    listening.stdin.close()
    lines = [json.loads(line) for line in (first, *listening.stdout)]
    assert listening.wait(PATIENCE_S) == 0
    assert len(lines) in (16, 17)
    assert (lines[4]["labels"], lines[14]["labels"]) == (["music"], ["noise"])


def test_ctrl_c_ends_a_stream_as_its_end_does(listening) -> None:
    data = encoded(half_and_half()[:, None], rate_hz=44_100)
    listening.stdin.write(data[: 44 + 88_200])  # one second
    assert select.select([listening.stdout], [], [], PATIENCE_S)[0]
    first = listening.stdout.readline()
    listening.send_signal(signal.SIGINT)
    rest = listening.stdout.readlines()
    assert listening.wait(PATIENCE_S) == 0, listening.stderr.read()
    assert b"Traceback" not in listening.stderr.read()
    assert 1 <= len([first, *rest]) <= 5


def test_of_a_stream_that_is_no_audio_the_reason_is_said(folder) -> None:
    done = CliRunner().invoke(app, ["listen", "-", "--backend", str(folder)], input=b"<!doctype html><p>Log in" * 300)
    assert done.exit_code == 1
    assert "not audio but an HTML page" in done.stderr


class SoundCard(ModuleType):
    """What the package sounddevice is: a card that records given samples by a callback, then Ctrl-C is pressed."""

    PortAudioError = OSError

    def __init__(self, samples, rate_hz) -> None:
        super().__init__("sounddevice")
        self._samples, self._rate_hz = samples, rate_hz
        self.ended = threading.Event()

    def query_devices(self, device, kind):
        return {"default_samplerate": float(self._rate_hz)}

    def InputStream(self, *, blocksize, callback, **_settings):  # noqa: N802 - the package's own name
        card = self

        class Stream:
            def __enter__(self):
                threading.Thread(target=self.record).start()

            def record(self):
                block = np.zeros((blocksize, 1), np.float32)  # the same memory each time, as PortAudio's
                for start in range(0, len(card._samples) - blocksize + 1, blocksize):
                    block[:, 0] = card._samples[start : start + blocksize]
                    callback(block, blocksize, None, None)
                    card.pause()
                card.ended.set()
                _thread.interrupt_main()

            def __exit__(self, *_):
                return None

        return Stream()

    def pause(self):
        """Half of the 50 ms that a block lasts."""
        threading.Event().wait(0.025)


def test_the_microphone_gives_the_decisions_of_the_same_sound_in_a_file(folder, tmp_path, monkeypatch) -> None:
    samples = half_and_half()
    monkeypatch.setitem(sys.modules, "sounddevice", SoundCard(samples, 44_100))
    path = written(tmp_path / "half.wav", samples[:, None], rate_hz=44_100)
    options = ["--json", "--backend", str(folder)]
    by_card = CliRunner().invoke(app, ["listen", "--mic", *options])
    by_file = CliRunner().invoke(app, ["listen", str(path), *options])
    assert by_card.exit_code == 0, by_card.output
    assert "dropped" not in by_card.stderr
    heard, wanted = ([json.loads(line) for line in done.stdout.splitlines()] for done in (by_card, by_file))
    assert {line["file"] for line in heard} == {"microphone"}
    assert [(line["end_ms"], line["labels"]) for line in heard[:15]] == [
        (line["end_ms"], line["labels"]) for line in wanted[:15]
    ]


def test_blocks_that_a_slow_machine_drops_are_counted_at_the_end(folder, monkeypatch) -> None:
    card = SoundCard(np.zeros(44_100 * 20, np.float32), 44_100)  # 400 blocks at once, 64 may wait
    card.pause = lambda: None
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    add = Live.add

    def add_when_all_have_come(live, samples):  # the slowest machine: nothing is heard before the card has ended
        assert card.ended.wait(60)
        return add(live, samples)

    monkeypatch.setattr(Live, "add", add_when_all_have_come)
    done = CliRunner().invoke(app, ["listen", "--mic", "--json", "--backend", str(folder)])
    assert done.exit_code == 0, done.output
    assert "dropped: this machine is too slow" in done.stderr


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
