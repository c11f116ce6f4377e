"""Frame features: a row a frame, whatever the length of the file, each column by its definition."""

import fcntl
import re
import subprocess
import sys
import time
from pathlib import Path

import librosa
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sounds import Samples, joined, noise, silence, speech, tone, written

from earshot.sound import frame_features
from earshot.sound.frame_features import write_features


def table(tmp_path: Path, sound: Samples, *, frame_ms: int = 200, rate_hz: int = 22050) -> pa.Table:
    out = tmp_path / "features.parquet"
    rows = write_features(written(tmp_path / "a.wav", sound, "wavf32", rate_hz=rate_hz), out, frame_ms=frame_ms)
    read = pq.read_table(out)
    assert read.num_rows == rows
    return read


def column(read: pa.Table, name: str) -> np.ndarray:
    return np.asarray(read[name].to_numpy())


@pytest.mark.parametrize(("frame_ms", "rows"), [(200, 25), (20, 250), (1000, 5)])
def test_a_row_for_each_whole_frame(tmp_path: Path, frame_ms: int, rows: int) -> None:
    read = table(tmp_path, speech(seconds=5.01, rate_hz=22050), frame_ms=frame_ms)
    assert column(read, "frame").tolist() == list(range(rows))
    assert column(read, "start_ms").tolist() == [frame_ms * frame for frame in range(rows)]
    assert read.schema.metadata[b"frame_ms"] == str(frame_ms).encode()


def test_there_are_all_features(tmp_path: Path) -> None:
    names = set(table(tmp_path, speech(seconds=2, rate_hz=22050)).column_names)
    assert {
        "loudness_dbfs",
        "loudness_stevens",
        "onset_strength",
        "onsets",
        "mfcc_13",
        "mel_db_40",
        "chroma_12",
    } <= names


def test_level_is_that_of_the_tone(tmp_path: Path) -> None:
    read = table(tmp_path, joined(tone(440, level_dbfs=-20, rate_hz=22050), silence(rate_hz=22050)))
    assert column(read, "loudness_dbfs")[:4] == pytest.approx(-20, abs=0.05)
    assert column(read, "loudness_dbfs")[-1] == -120


def test_chroma_names_the_note(tmp_path: Path) -> None:
    read = table(tmp_path, tone(440, seconds=2, rate_hz=22050))
    chroma = np.stack([column(read, f"chroma_{index:02d}") for index in range(1, 13)])
    assert set(chroma.argmax(axis=0).tolist()) == {9}  # C is the first, so A is the tenth


def test_the_loudest_mel_band_rises_with_the_tone(tmp_path: Path) -> None:
    read = table(tmp_path, joined(*[tone(hz, rate_hz=22050) for hz in (200, 1000, 4000)]))
    mel = np.stack([column(read, f"mel_db_{index:02d}") for index in range(1, 41)])
    loudest = mel.argmax(axis=0)
    assert loudest[2] < loudest[7] < loudest[12]


def test_onsets_are_found_where_they_are(tmp_path: Path) -> None:
    click = joined(noise(level_dbfs=-10, seconds=0.1, rate_hz=22050), silence(seconds=0.9, rate_hz=22050))
    read = table(tmp_path, joined(silence(seconds=0.5, rate_hz=22050), *[click] * 5), frame_ms=100)
    frames = np.flatnonzero(column(read, "onsets"))
    assert frames.tolist() == [pytest.approx(5 + 10 * number, abs=1) for number in range(5)]
    assert column(read, "onset_strength")[frames].min() > column(read, "onset_strength").mean()


def test_frames_that_samples_do_not_divide_stay_where_they_say(tmp_path: Path) -> None:
    click = joined(silence(seconds=59.5, rate_hz=22050), noise(level_dbfs=-10, seconds=0.5, rate_hz=22050))
    read = table(tmp_path, click, frame_ms=29)  # 639.45 samples
    first = int(np.flatnonzero(column(read, "loudness_dbfs") > -30)[0])
    assert column(read, "start_ms")[first] == pytest.approx(59_500, abs=29)


def test_an_onset_behind_the_last_whole_frame_is_in_none(tmp_path: Path) -> None:
    click = joined(silence(seconds=2.5, rate_hz=22050), noise(level_dbfs=-10, seconds=0.4, rate_hz=22050))
    read = table(tmp_path, click, frame_ms=1000)
    assert column(read, "onset_strength").tolist() == [0.0, 0.0]


def test_chunks_leave_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = speech(seconds=12, rate_hz=22050) + noise(level_dbfs=-60, seconds=12, rate_hz=22050)
    whole = table(tmp_path, sound)
    monkeypatch.setattr(frame_features, "CHUNK_S", 4.0)
    cut = table(tmp_path, sound)
    for name in whole.column_names:
        allowed = 0.05 * float(np.ptp(column(whole, name))) if name == "onset_strength" else 1e-3
        assert column(cut, name) == pytest.approx(column(whole, name), abs=allowed), name


def test_less_than_a_frame_has_no_rows(tmp_path: Path) -> None:
    read = table(tmp_path, noise(seconds=0.1, rate_hz=22050))
    assert (read.num_rows, len(read.column_names)) == (0, 71)


def test_a_frame_length_out_of_range_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frames of 5 ms; 20 to 10000"):
        write_features(tmp_path / "a.wav", tmp_path / "b.parquet", frame_ms=5)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/locks says who waits for a lock")
def test_processes_compile_one_after_the_other() -> None:
    """numba's folder of machine code breaks when several processes write it at a time."""
    code = "from earshot.sound.frame_features import load_compiled_code; load_compiled_code()"
    with Path(librosa.__file__).open("rb") as installation:
        fcntl.flock(installation, fcntl.LOCK_EX)
        other = subprocess.Popen([sys.executable, "-c", code])
        waits = re.compile(rf"-> FLOCK .* {other.pid} ")
        while not waits.search(Path("/proc/locks").read_text()):
            assert other.poll() is None, "it compiled while this process held the lock"
            time.sleep(0.05)
    assert other.wait(120) == 0
