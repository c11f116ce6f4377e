"""Every known signal measures as theory or a standard demands."""

from pathlib import Path

import pytest
from truths import TRUTHS, Truth, got


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
def test_a_known_signal_measures_as_it_must(truth: Truth, tmp_path: Path) -> None:
    value = got(truth, tmp_path)
    assert truth.holds(value), f"{truth.column} is {value}, expected {truth.expected}"
