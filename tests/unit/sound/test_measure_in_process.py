"""The measures in an isolated process."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sounds import noise, written

from earshot.errors import NotAudio, TooLong
from earshot.sound.k_weighting import matrices
from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import ISOLATED, measure_isolated, write_features_isolated
from earshot.sound.measures import USUAL_RATES_HZ, measure, warm_up

LIMITS = Limits(wall_s=60)


def test_measures_are_the_same_apart(tmp_path: Path) -> None:
    path = written(tmp_path / "short.flac", noise(seconds=0.5), "flac")
    apart = measure_isolated(path, limits=LIMITS)
    assert apart.pop("cpu_ms") is not None
    assert apart == measure(path, limits=LIMITS)


def test_a_refusal_keeps_its_class_and_words(tmp_path: Path) -> None:
    page = tmp_path / "page.mp3"
    page.write_bytes(b"<html>")
    with pytest.raises(NotAudio, match="an HTML page"):
        measure_isolated(page, limits=LIMITS)
    with pytest.raises(TooLong, match=r"lasts more than 0\.1 s"):
        measure_isolated(written(tmp_path / "s.wav", noise()), limits=Limits(max_duration_s=0.1))


def test_the_process_that_forks_has_measured_already_and_holds_no_threads(tmp_path: Path) -> None:
    measure_isolated(written(tmp_path / "s.wav", noise()), limits=LIMITS)
    tasks = Path(f"/proc/{ISOLATED.start()}/task")
    if not tasks.exists():
        pytest.skip("no /proc: threads cannot be counted")
    assert len(list(tasks.iterdir())) == 1
    warm_up()
    before = matrices.cache_info().misses
    for rate_hz in USUAL_RATES_HZ:
        matrices(rate_hz)
    assert matrices.cache_info().misses == before


def test_features_are_written_apart(tmp_path: Path) -> None:
    path, out = written(tmp_path / "a.wav", noise()), tmp_path / "features.parquet"
    assert write_features_isolated(path, out, frame_ms=100, limits=LIMITS) == 10
    assert pq.read_metadata(out).num_rows == 10
    with pytest.raises(TooLong, match=r"lasts more than 0\.1 s"):
        write_features_isolated(path, out, frame_ms=100, limits=Limits(max_duration_s=0.1))
