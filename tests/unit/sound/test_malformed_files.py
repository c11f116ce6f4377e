"""Malformed inputs: each ends in a row or a refusal with the expected reason, and none harms the next."""

import math
from pathlib import Path

import pytest
from malformed_files import MALFORMED, ROW, Malformed
from sounds import noise, written

from earshot.errors import GiveUp
from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import ISOLATED, measure_isolated

LIMITS = Limits(max_duration_s=1800, wall_s=60, memory_bytes=512 << 20)


def test_there_are_at_least_sixty() -> None:
    assert len({malformed.name for malformed in MALFORMED}) == len(MALFORMED) >= 60


@pytest.mark.parametrize("malformed", MALFORMED, ids=lambda malformed: malformed.name)
def test_a_nasty_input_comes_to_its_end(malformed: Malformed, tmp_path: Path) -> None:
    path = tmp_path / "malformed"
    path.write_bytes(malformed.made())
    before = ISOLATED.start()
    try:
        facts = measure_isolated(path, limits=LIMITS)
    except GiveUp as refusal:
        end, words = refusal.reason, str(refusal)
        assert words
    else:
        end = ROW
        assert all(math.isfinite(value) for value in facts.values() if isinstance(value, float))
        assert int(str(facts["duration_ms"])) >= 0
    assert end in malformed.ends if isinstance(malformed.ends, tuple) else end == malformed.ends
    assert ISOLATED.start() == before


def test_after_all_of_them_a_file_is_measured_as_ever(tmp_path: Path) -> None:
    assert measure_isolated(written(tmp_path / "a.wav", noise()), limits=LIMITS)["duration_ms"] == 1000
