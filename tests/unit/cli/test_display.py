"""Rows as people and programs read them."""

import json
from datetime import UTC, datetime

import pytest

from earshot.cli.display import Format, show, text

ROWS = [{"name": "[b]ü[/b], ", "n": 1.23456789, "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "none": None}]


def test_a_table_shows_untrusted_text_without_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS)
    out = capsys.readouterr().out
    assert "[b]ü[/b]" in out
    assert "1.23" in out
    assert "2026-01-02 03:04:05+00:00" in out


def test_csv_and_json_lose_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, Format.CSV)
    assert capsys.readouterr().out == ('name,n,at,none\r\n"[b]ü[/b], ",1.23456789,2026-01-02 03:04:05+00:00,\r\n')
    show(ROWS, Format.JSON)
    assert json.loads(capsys.readouterr().out) == [
        {"name": "[b]ü[/b], ", "n": 1.23456789, "at": "2026-01-02 03:04:05+00:00", "none": None}
    ]


def test_no_rows_are_shown_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    for form, out in {Format.TABLE: "No rows.\n", Format.CSV: "", Format.JSON: "[]\n"}.items():
        show([], form)
        assert capsys.readouterr().out == out


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (True, "True"), (3, "3"), (-20.004, "-20.00")])
def test_a_value_in_a_cell(value: object, shown: str) -> None:
    assert text(value) == shown
