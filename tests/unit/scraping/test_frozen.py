"""The frozen carriers of tests/pages: each holds what is expected of it, and nothing else."""

import pytest

from tests.bench.discovery import EXPECTED, PAGES, ours


@pytest.mark.parametrize("name", EXPECTED)
def test_a_frozen_carrier_holds_what_is_expected(name: str) -> None:
    carrier = EXPECTED[name]
    assert ours((PAGES / name).read_bytes(), carrier["url"]) == set(carrier["audio"])


def test_every_frozen_carrier_is_expected_to_hold_something() -> None:
    assert {path.name for path in PAGES.iterdir()} == {*EXPECTED, "expected.json"}
