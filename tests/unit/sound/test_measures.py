"""A file in, facts out: the contract with the row."""

import json
from pathlib import Path

import pytest
from sounds import encoded, noise, silence, tone, written

from earshot.errors import Empty, NotAudio, TooLong, Undecodable
from earshot.sound import measures
from earshot.sound.limits_per_file import Limits

LIMITS = Limits()
SCHEMA = Path(measures.__file__).parents[1] / "adapters" / "audio_metadata.schema.json"
TYPES = {"STRING": str, "INTEGER": int, "FLOAT": float, "BOOLEAN": bool}


def test_every_fact_is_a_column_of_its_type(tmp_path: Path) -> None:
    columns = {column["name"]: TYPES.get(column["type"]) for column in json.loads(SCHEMA.read_text())}
    facts = measures.measure(written(tmp_path / "a.wav", noise(channels=2)), limits=LIMITS)
    assert {name: type(value) for name, value in facts.items() if value is not None} == {
        name: columns.get(name) for name, value in facts.items() if value is not None
    }
    assert facts.keys() <= columns.keys()


def test_the_file_is_described(tmp_path: Path) -> None:
    path = written(tmp_path / "a.bin", noise(seconds=2, rate_hz=44100, channels=2), "flac", rate_hz=44100)
    facts = measures.measure(path, limits=LIMITS)
    assert facts["duration_ms"] == 2000
    assert (facts["container"], facts["codec"]) == ("flac", "flac")
    assert (facts["sample_rate_hz"], facts["channels"]) == (44100, 2)


@pytest.mark.parametrize("level_dbfs", [-60.0, -20.0, -3.02])
def test_loudness_of_a_tone_is_its_rms_level(tmp_path: Path, level_dbfs: float) -> None:
    path = written(tmp_path / "a.wav", tone(level_dbfs=level_dbfs), "wavf32")
    assert measures.measure(path, limits=LIMITS)["loudness"] == pytest.approx(level_dbfs, abs=0.001)


def test_silence_is_clamped_and_said(tmp_path: Path) -> None:
    facts = measures.measure(written(tmp_path / "a.wav", silence()), limits=LIMITS)
    assert (facts["loudness"], facts["is_silent"]) == (-120.0, True)


def test_a_page_named_mp3_is_not_audio(tmp_path: Path) -> None:
    page = tmp_path / "a.mp3"
    page.write_bytes(b"<!doctype html><title>Gone</title>")
    with pytest.raises(NotAudio, match="an HTML page"):
        measures.measure(page, limits=LIMITS)


def test_a_header_without_samples_is_empty(tmp_path: Path) -> None:
    with pytest.raises(Empty):
        measures.measure(written(tmp_path / "a.wav", silence(seconds=0)), limits=LIMITS)


def test_a_file_cut_within_its_header_is_undecodable(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    path.write_bytes(encoded(noise(), "m4a")[:200])
    with pytest.raises(Undecodable):
        measures.measure(path, limits=LIMITS)


def test_what_lasts_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLong, match="lasts more than 3 s"):
        measures.measure(written(tmp_path / "a.wav", silence(seconds=4)), limits=Limits(max_duration_s=3))


def test_an_id3_tag_larger_than_any_head_is_stepped_over(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    size = 300_000
    tag = b"ID3\x03\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)
    path.write_bytes(tag + encoded(noise(seconds=2), "mp3"))
    assert measures.measure(path, limits=LIMITS)["duration_ms"] == 2000
    path.write_bytes(tag)
    with pytest.raises(NotAudio, match="no audio behind it"):
        measures.measure(path, limits=LIMITS)
