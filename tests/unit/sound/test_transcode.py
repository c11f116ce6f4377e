"""One channel, 16 bits, the rate and format of one's choice."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from sounds import faded, noise, tone, written

from earshot.errors import GiveUp
from earshot.sound.limits_per_file import Limits
from earshot.sound.measures import measure
from earshot.sound.transcode import LOSSLESS, LOSSY, counted, transcode

LIMITS = Limits()


@pytest.mark.parametrize("form", LOSSLESS)
@pytest.mark.parametrize("rate_hz", [None, 16_000, 44_100])
def test_a_lossless_copy_is_mono_16_bit_at_the_rate_asked_for(tmp_path: Path, form: str, rate_hz: int | None) -> None:
    source = written(tmp_path / "a.wav", tone(1000, level_dbfs=-20, seconds=1.5, rate_hz=48_000, channels=2))
    rate, frames = transcode(source, tmp_path / "out", form, rate_hz=rate_hz, limits=LIMITS)
    info = soundfile.info(tmp_path / "out")
    assert (info.samplerate, info.channels, info.subtype) == (rate_hz or 48_000, 1, "PCM_16")
    assert (rate, frames) == (info.samplerate, info.frames)
    assert info.frames == pytest.approx(1.5 * info.samplerate, abs=1)


def test_level_and_pitch_stay(tmp_path: Path) -> None:
    source = written(tmp_path / "a.wav", tone(1000, level_dbfs=-20, seconds=1.0, rate_hz=48_000, channels=2))
    transcode(source, tmp_path / "out", "flac", rate_hz=16_000, limits=LIMITS)
    samples, _rate = soundfile.read(tmp_path / "out")
    steady = samples[1600:-1600]
    assert 20 * np.log10((steady**2).mean() ** 0.5) == pytest.approx(-20, abs=0.01)
    crossings = ((steady[:-1] < 0) & (steady[1:] >= 0)).sum()
    assert crossings == pytest.approx(len(steady) / 16, abs=1)


@pytest.mark.parametrize(
    ("form", "container", "codec"),
    [
        ("mp3", "mp3", "mp3"),
        ("ogg", "ogg", "vorbis"),
        ("opus", "ogg", "opus"),
        ("m4a", "mp4", "aac"),
    ],
)
def test_a_lossy_copy_is_mono_at_the_rate_asked_for_with_its_tags(
    tmp_path: Path, form: str, container: str, codec: str
) -> None:
    path = written(tmp_path / "a.m4a", tone(440, seconds=3, rate_hz=44_100, channels=2), "m4a", rate_hz=44_100)
    out = tmp_path / "b"
    tags = {"title": "Rain = 'wet'", "artist": "ann", "copyright": "CC-BY-4.0"}
    _rate, frames = transcode(path, out, form, rate_hz=16_000, limits=LIMITS, tags=tags)
    facts = measure(out, limits=LIMITS)
    assert (facts["container"], facts["codec"], facts["channels"]) == (container, codec, 1)
    assert facts["duration_ms"] == pytest.approx(3000, abs=2)
    assert facts["loudness"] == pytest.approx(-9.03, abs=0.5)  # LAME takes 0.45 dB away, lest it clip
    assert frames == counted(out, LIMITS)[2]
    with av.open(str(out)) as file:
        written_tags = {
            name.lower(): text for name, text in {**file.metadata, **file.streams.audio[0].metadata}.items()
        }
    assert tags.items() <= written_tags.items()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.m4a", "b"]


@pytest.mark.parametrize("form", [*LOSSLESS, *LOSSY])
def test_equal_recordings_give_equal_bytes(tmp_path: Path, form: str) -> None:
    path = written(tmp_path / "a.wav", noise(seconds=0.5))
    for name in ("b", "c"):
        transcode(path, tmp_path / name, form, rate_hz=16_000, limits=LIMITS)
    assert (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()


def test_what_is_too_high_for_the_new_rate_is_gone_rather_than_folded(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", faded(tone(6000, seconds=1)))
    transcode(path, tmp_path / "b.wav", "wav", rate_hz=8000, limits=LIMITS)
    assert float(str(measure(tmp_path / "b.wav", limits=LIMITS)["loudness"])) < -60


def test_loud_floats_are_cut_rather_than_wrapped(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(100, amplitude=3.0), "wavf32")
    transcode(path, tmp_path / "b.wav", "wav", rate_hz=48_000, limits=LIMITS)
    samples, _ = soundfile.read(tmp_path / "b.wav")
    assert np.abs(np.diff(samples)).max() < 0.1


def test_a_format_that_cannot_be_written_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="wma cannot be written, only wav, flac, mp3, ogg, opus, m4a"):
        transcode(written(tmp_path / "a.wav", noise()), tmp_path / "b", "wma", rate_hz=8000, limits=LIMITS)


def test_what_cannot_be_decoded_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"\xff\xfb\x90\x00" + bytes(900))
    with pytest.raises(GiveUp):
        transcode(tmp_path / "a.mp3", tmp_path / "b", "mp3", rate_hz=8000, limits=LIMITS)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp3"]
