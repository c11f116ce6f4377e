"""What is heard of computed sounds: the same by the block and at once, never without a number."""

import json

import numpy as np
import pytest

from earshot.local.demo_site.sounds import noise, tone
from earshot.sound.limits_per_file import Limits
from earshot.tagging.choose_model import Choice
from earshot.tagging.onnx_model import OnnxModel
from earshot.tagging.scores_file import read_scores
from earshot.tagging.segments import heard, smoothed
from earshot.tagging.tag_recording import tag
from earshot.tagging.task_stream import Decisions, TaskStream, holding
from tests import tiny_models
from tests.sounds import written


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return {
        "content": tiny_models.write_content(root / "content"),
        "instruments": tiny_models.write_instruments(root / "instruments"),
        "loudness_class": tiny_models.write_loudness(root / "loudness_class"),
    }


@pytest.fixture
def content(folders):
    return OnnxModel.load(folders["content"])


def choices(folders, *tasks):
    return [Choice(task, folder=folders[task]) for task in tasks]


def half_and_half(rate_hz: int = 16_000):
    return np.concatenate([tone(440, 5, rate_hz, -20), noise(5, rate_hz, 1, 0.0)]).astype(np.float32)


def decided(model, samples, rate_hz=16_000, block=None):
    stream = TaskStream(model, rate_hz)
    size = block or len(samples) or 1
    parts = [stream.add(samples[start : start + size]) for start in range(0, len(samples), size)]
    return Decisions.joined([*parts, stream.flush()], len(model.labels))


@pytest.mark.parametrize("block", [1, 333, 4000, 50_000])
def test_decisions_do_not_depend_on_the_sizes_of_blocks(content, block) -> None:
    samples = half_and_half()[64_000:96_000]
    once, by_block = decided(content, samples), decided(content, samples, block=block)
    np.testing.assert_array_equal(once.end_ms, by_block.end_ms)
    np.testing.assert_allclose(once.scores, by_block.scores, atol=1e-5)


def test_a_decision_hears_nothing_of_what_comes_later(content) -> None:
    samples = half_and_half()
    before = decided(content, samples[:80_000])
    whole = decided(content, samples)
    np.testing.assert_allclose(before.scores, whole.scores[: len(before)], atol=1e-6)


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 192_000])
def test_any_rate_gives_a_decision_every_quarter_second(content, rate_hz) -> None:
    decisions = decided(content, half_and_half(rate_hz), rate_hz)
    assert len(decisions) in (40, 41)
    assert (np.diff(decisions.end_ms)[:38] == 250).all()
    assert decisions.scores[8:18, 1].min() > 0.9


def test_a_tone_then_noise_are_two_segments(content) -> None:
    found = heard(content, decided(content, half_and_half()))
    music, rough = found.segments
    assert (music.label, rough.label) == ("music", "noise")
    assert music.start_ms == 0
    assert abs(music.end_ms - 5000) <= 750
    assert rough.end_ms == 10_000
    assert found.summary["music"] + found.summary["noise"] == pytest.approx(1, abs=0.06)
    assert [top["label"] for top in found.top] == ["music", "noise"]


@pytest.mark.parametrize(
    "samples",
    [np.zeros(40_000, np.float32), np.full(40_000, 0.5, np.float32), np.zeros(1, np.float32), np.ones(1, np.float32)],
    ids=["silence", "constant", "one zero", "one sample"],
)
def test_silence_is_a_rule(content, samples) -> None:
    decisions = decided(content, samples)
    assert decisions.is_silent.all()
    assert np.isfinite(decisions.scores).all()
    found = heard(content, decisions)
    assert found.summary["silence"] == 1
    assert [segment.label for segment in found.segments] == ["silence"]


def test_a_click_in_silence_is_one_decision_that_is_not_silent(content) -> None:
    samples = np.zeros(48_000, np.float32)
    samples[20_000] = 1
    assert decided(content, samples).is_silent.tolist().count(False) == 1


def test_no_samples_are_no_decisions(content) -> None:
    found = heard(content, decided(content, np.zeros(0, np.float32)))
    assert found.segments == []
    assert set(found.summary.values()) == {0}


def test_the_most_probable_of_exclusive_labels_holds(folders) -> None:
    model = OnnxModel.load(folders["loudness_class"])
    for level, label in ((-10, "loud"), (-30, "normal"), (-50, "quiet")):
        decisions = decided(model, tone(500, 1, 16_000, level).astype(np.float32))
        assert holding(model, decisions.scores[-1], False) == [label]
        assert heard(model, decisions).summary[label] == 1


def test_smoothing_keeps_the_mean_of_a_constant() -> None:
    scores = np.full((9, 2), 0.25, np.float32)
    np.testing.assert_allclose(smoothed(scores, 5), scores)


def test_smoothing_is_the_mean_of_five_decisions() -> None:
    scores = np.zeros((9, 1), np.float32)
    scores[4] = 1
    assert smoothed(scores, 5)[:, 0] == pytest.approx([0, 0, 0.2, 0.2, 0.2, 0.2, 0.2, 0, 0])


def test_instruments_are_asked_only_where_there_is_music(folders, tmp_path) -> None:
    path = written(tmp_path / "half.wav", half_and_half()[:, None], rate_hz=16_000)
    facts = tag(path, tmp_path, choices(folders, "content", "instruments"), limits=Limits())
    answers = json.loads(facts["tasks"])
    assert answers["instruments"]["summary"]["flute"] == pytest.approx(0.5, abs=0.15)
    _, scores = read_scores((tmp_path / "instruments.json.gz").read_bytes())
    assert len(scores) == 10
    assert scores[0, 0] > 0.9
    assert not scores[8:].any()


def test_one_moment_of_music_asks_for_no_instruments(folders) -> None:
    stream = TaskStream(OnnxModel.load(folders["instruments"]), 16_000)
    ends = np.arange(250, 10_001, 250)
    music = np.zeros((len(ends), 1), np.float32)
    music[[2, 12, 13, 20, 21, 22, 23]] = 1  # one of four in the first second, two in the fourth, all in the sixth
    where = Decisions(ends - 250, ends, music, np.zeros(len(ends)), np.zeros(len(ends), np.bool_))
    made = [stream.add(half_and_half()[:160_000], where), stream.flush(where)]
    scores = Decisions.joined(made, len(stream.model.labels)).scores
    assert [second for second, row in enumerate(scores) if row.any()] == [3, 5]


def test_the_file_of_scores_says_what_the_row_says(folders, tmp_path, content) -> None:
    samples = half_and_half()
    tag(
        written(tmp_path / "half.wav", samples[:, None], rate_hz=16_000),
        tmp_path,
        choices(folders, "content"),
        limits=Limits(),
    )
    described, scores = read_scores((tmp_path / "content.json.gz").read_bytes())
    assert described["labels"] == ["speech", "music", "noise"]
    assert described["hop_ms"] == 250
    np.testing.assert_allclose(scores, decided(content, samples).scores, atol=1 / 255)


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (192_000, 1), (44_100, 8)])
def test_any_rate_and_channels_give_an_answer(folders, tmp_path, rate_hz, channels) -> None:
    sound = np.repeat(half_and_half(rate_hz)[:, None], channels, axis=1)
    facts = tag(
        written(tmp_path / "sound.wav", sound, rate_hz=rate_hz),
        tmp_path,
        choices(folders, "content", "loudness_class"),
        limits=Limits(),
    )
    answers = json.loads(facts["tasks"])
    assert answers["content"]["summary"]["music"] > 0.4
    assert sum(answers["loudness_class"]["summary"].values()) == pytest.approx(1, abs=1e-4)
