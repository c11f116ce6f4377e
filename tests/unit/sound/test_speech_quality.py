"""Estimates without a reference: speech is distinguished from the rest, and DNSMOS is as its authors compute it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sounds import Samples, joined, music, noise, silence, speech, written

from earshot.sound.limits_per_file import Limits
from earshot.sound.speech_quality import assess, mean_opinions, model, speech_probabilities

pytestmark = pytest.mark.skipif(
    model("silero_vad", "silero_vad", "data/silero_vad_16k_sequence.onnx") is None,
    reason="the extra tagger and silero-vad are not installed",
)
LIMITS = Limits()


def assessed(tmp_path: Path, samples: Samples) -> dict[str, object]:
    return dict(assess(written(tmp_path / "a.wav", samples, rate_hz=16000), limits=LIMITS))


def test_speech_is_speech(tmp_path: Path) -> None:
    facts = assessed(tmp_path, speech(seconds=12))
    assert float(str(facts["speech_ratio"])) > 0.4
    assert str(facts["speech_model"]).startswith("silero_vad 6.")
    assert 1 < float(str(facts["dnsmos_ovrl"])) < 5


@pytest.mark.parametrize(
    "sound",
    [music(seconds=6), noise(seconds=6, rate_hz=16000), silence(seconds=6, rate_hz=16000), silence(seconds=0.01)],
    ids=["music", "noise", "silence", "hardly anything"],
)
def test_what_is_no_speech_has_no_opinion(sound: Samples, tmp_path: Path) -> None:
    facts = assessed(tmp_path, sound)
    assert facts["speech_ratio"] == pytest.approx(0, abs=0.05)
    assert (facts["dnsmos_ovrl"], facts["dnsmos_model"]) == (None, None)


def test_half_a_recording_of_speech_has_half_the_share(tmp_path: Path) -> None:
    whole = float(str(assessed(tmp_path, speech(seconds=8))["speech_ratio"]))
    half = float(str(assessed(tmp_path, joined(speech(seconds=8), silence(seconds=8, rate_hz=16000)))["speech_ratio"]))
    assert half == pytest.approx(whole / 2, abs=0.05)


def test_probabilities_do_not_depend_on_how_many_frames_run_at_once() -> None:
    detector = model("silero_vad", "silero_vad", "data/silero_vad_16k_sequence.onnx")
    assert detector is not None
    samples = speech(seconds=4)[:, 0].astype(np.float32)
    at_once = speech_probabilities(samples, detector)
    assert speech_probabilities(samples, detector, frames_a_run=7) == pytest.approx(at_once, abs=1e-4)


def test_opinions_are_those_of_the_authors_package() -> None:
    dnsmos = pytest.importorskip("speechmos.dnsmos")
    samples = (speech(seconds=11.5) + noise(level_dbfs=-50, seconds=11.5, rate_hz=16000))[:, 0].astype(np.float32)
    theirs = dnsmos.run(samples, sr=16000)
    judge = model("speechmos", "dnsmos_p835", "dnsmos_models/sig_bak_ovr.onnx")
    assert judge is not None
    ours = mean_opinions(samples, judge)
    for name in ("sig", "bak", "ovrl"):
        assert ours[f"dnsmos_{name}"] == pytest.approx(float(theirs[f"{name}_mos"]), abs=1e-4)


def test_noise_lowers_the_opinion_of_the_background(tmp_path: Path) -> None:
    clean = assessed(tmp_path, speech(seconds=10))
    noisy = assessed(tmp_path, speech(seconds=10) + noise(level_dbfs=-34, seconds=10, rate_hz=16000))
    assert float(str(noisy["dnsmos_bak"])) < float(str(clean["dnsmos_bak"])) - 0.5


def test_silence_behind_speech_does_not_change_the_opinion(tmp_path: Path) -> None:
    alone = assessed(tmp_path, speech(seconds=12))
    padded = assessed(tmp_path, joined(speech(seconds=12), silence(seconds=40, rate_hz=16000)))
    for name in ("dnsmos_sig", "dnsmos_bak", "dnsmos_ovrl"):  # 0.27, 0.31 and 0.07 off where the silence counts
        assert float(str(padded[name])) == pytest.approx(float(str(alone[name])), abs=0.05)


def test_of_speech_that_is_repeated_to_fill_a_window_all_counts() -> None:
    judge = model("speechmos", "dnsmos_p835", "dnsmos_models/sig_bak_ovr.onnx")
    assert judge is not None
    samples = speech(seconds=8)[:, 0].astype(np.float32)
    first_half = np.arange(len(samples) // 512) < len(samples) // 1024
    assert mean_opinions(samples, judge, first_half) == mean_opinions(samples, judge)


@pytest.mark.parametrize("seconds", [2.0, 60.0])
def test_too_little_speech_by_time_or_by_share_has_no_opinion(seconds: float, tmp_path: Path) -> None:
    sound = speech(seconds=2.5) if seconds < 3 else joined(speech(seconds=8), silence(seconds=112, rate_hz=16000))
    facts = assessed(tmp_path, sound)
    assert float(str(facts["speech_ratio"])) > 0
    assert facts["dnsmos_ovrl"] is None


def test_without_the_models_there_is_no_estimate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "silero_vad", None)  # as where the extra is not installed
    model.cache_clear()
    assert set(assessed(tmp_path, speech(seconds=4)).values()) == {None}
    assert model("no_such_package", "x", "x.onnx") is None


@pytest.fixture(autouse=True)
def own_models() -> Iterator[None]:
    """No test leaves another what it loaded, or did not find."""
    yield
    model.cache_clear()
