"""One channel, 16 bits, the rate and format of one's choice."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from sounds import faded, noise, tone, written

from earshot.sound.limits import Limits
from earshot.sound.measures import measure
from earshot.sound.transcode import transcode

LIMITS = Limits()


@pytest.mark.parametrize("form", ["wav", "flac", "ogg", "mp3"])
def test_any_recording_becomes_mono_at_the_rate_and_in_the_format_asked_for(form: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.m4a", tone(440, seconds=3, rate_hz=44100, channels=2), "m4a", rate_hz=44100)
    out = tmp_path / f"b.{form}"
    segment = transcode(path, out, rate_hz=16000, limits=LIMITS)
    facts = measure(out, limits=LIMITS)
    assert (facts["container"], facts["channels"], facts["sample_rate_hz"]) == (form, 1, 16000)
    assert facts["duration_ms"] == pytest.approx(3000, abs=30)
    assert facts["loudness"] == pytest.approx(-9.03, abs=0.3)
    assert (len(segment), segment.sample_width) == (3000, 2)


def test_wav_and_flac_have_16_bits(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", noise(channels=2), "wavf32")
    for form in ("wav", "flac"):
        transcode(path, tmp_path / f"b.{form}", rate_hz=8000, limits=LIMITS)
        assert soundfile.info(tmp_path / f"b.{form}").subtype == "PCM_16"


def test_what_is_too_high_for_the_new_rate_is_gone_rather_than_folded(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", faded(tone(6000, seconds=1)))
    transcode(path, tmp_path / "b.wav", rate_hz=8000, limits=LIMITS)
    assert float(str(measure(tmp_path / "b.wav", limits=LIMITS)["loudness"])) < -60


def test_loud_floats_are_cut_rather_than_wrapped(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(100, amplitude=3.0), "wavf32")
    transcode(path, tmp_path / "b.wav", rate_hz=48000, limits=LIMITS)
    samples, _ = soundfile.read(tmp_path / "b.wav")
    assert np.abs(np.diff(samples)).max() < 0.1


def test_a_format_that_nobody_writes_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match=r"b\.wma: without ffmpeg only wav, flac, ogg, mp3"):
        transcode(written(tmp_path / "a.wav", noise()), tmp_path / "b.wma", rate_hz=8000, limits=LIMITS)
