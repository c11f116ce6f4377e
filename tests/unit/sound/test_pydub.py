"""The level is pydub's, in every container; pydub decodes with the ffmpeg command."""

import io
from pathlib import Path

import imageio_ffmpeg
import pytest
from pydub import AudioSegment
from sounds import BY_FFMPEG, BY_LIBSNDFILE, music, noise, written

from earshot.sound.limits_per_file import Limits
from earshot.sound.measures import measure

KINDS = sorted((BY_FFMPEG.keys() | BY_LIBSNDFILE.keys()) - {"wv", "tta"})  # those two: lossless, tested as such


@pytest.mark.parametrize("kind", KINDS)
def test_loudness_is_pydubs_dbfs_within_a_hundredth(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AudioSegment, "converter", imageio_ffmpeg.get_ffmpeg_exe())
    rate_hz, channels = (8000, 1) if kind == "amr" else (44100, 2)
    sound = music(seconds=3, rate_hz=rate_hz) + noise(level_dbfs=-40, seconds=3, rate_hz=rate_hz, channels=channels)
    path = written(tmp_path / f"a.{kind}", sound, kind, rate_hz=rate_hz)
    facts = measure(path, limits=Limits())
    segment = AudioSegment.from_file_using_temporary_files(io.BytesIO(path.read_bytes()))
    assert facts["loudness"] == pytest.approx(segment.dBFS, abs=0.01)
    assert facts["duration_ms"] == pytest.approx(len(segment), abs=1)
