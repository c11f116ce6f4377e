"""Nasty inputs: each ends in a row or a refusal with the expected reason, and none harms the next."""

import math
from pathlib import Path

import pytest
from nasty import NASTY, ROW, Nasty
from sounds import noise, written

from earshot.errors import GiveUp
from earshot.sound.limits import Limits
from earshot.sound.worker import NURSERY, measure_apart

LIMITS = Limits(max_duration_s=1800, wall_s=60, memory_bytes=512 << 20)


def test_there_are_at_least_sixty() -> None:
    assert len({nasty.name for nasty in NASTY}) == len(NASTY) >= 60


@pytest.mark.parametrize("nasty", NASTY, ids=lambda nasty: nasty.name)
def test_a_nasty_input_comes_to_its_end(nasty: Nasty, tmp_path: Path) -> None:
    path = tmp_path / "nasty"
    path.write_bytes(nasty.made())
    before = NURSERY.start()
    try:
        facts = measure_apart(path, limits=LIMITS)
    except GiveUp as refusal:
        end, words = refusal.reason, str(refusal)
        assert words
    else:
        end = ROW
        assert all(math.isfinite(value) for value in facts.values() if isinstance(value, float))
        assert int(str(facts["duration_ms"])) >= 0
    assert end in nasty.ends if isinstance(nasty.ends, tuple) else end == nasty.ends
    assert NURSERY.start() == before


def test_after_all_of_them_a_file_is_measured_as_ever(tmp_path: Path) -> None:
    assert measure_apart(written(tmp_path / "a.wav", noise()), limits=LIMITS)["duration_ms"] == 1000
