"""Rows as people and programs read them."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from earshot.cli.display import Format, show, text
from earshot.cli.row_formats import printable
from earshot.errors import BadRequest

ROWS = [{"name": "[b]ü[/b], ", "n": 1.23456789, "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "none": None}]
WIDE = [{f"column_{number}": f"value {number}" for number in range(40)}]
HOSTILE = "\x1b[2J=cmd|' /C calc'!A0\x9b31m\u202egpj"


def shown(capsys: pytest.CaptureFixture[str], *arguments: object, **options: object) -> str:
    show(*arguments, **options)  # type: ignore[arg-type]
    return capsys.readouterr().out


def test_a_table_shows_untrusted_text_without_markup(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, ROWS)
    assert "[b]ü[/b]" in out
    assert "1.23" in out
    assert "2026-01-02 03:04:05+00:00" in out


def test_csv_and_json_lose_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, ROWS, Format.CSV) == 'name,n,at,none\n"[b]ü[/b], ",1.23456789,2026-01-02T03:04:05+00:00,\n'
    assert json.loads(shown(capsys, ROWS, Format.JSON)) == [
        {"name": "[b]ü[/b], ", "n": 1.23456789, "at": "2026-01-02T03:04:05+00:00", "none": None}
    ]


def test_csv_has_json_for_lists_and_structures_and_words_for_booleans(capsys: pytest.CaptureFixture[str]) -> None:
    row = {
        "list": [1, 2],
        "struct": {"a": "ü", "at": date(2026, 1, 2)},
        "yes": True,
        "bytes": b"ab",
        "exact": Decimal("1.50"),
        "nan": [float("nan")],
    }
    (read,) = csv.DictReader(io.StringIO(shown(capsys, [row], Format.CSV)))
    assert read == {
        "list": "[1, 2]",
        "struct": '{"a": "ü", "at": "2026-01-02"}',
        "yes": "true",
        "bytes": "YWI=",
        "exact": "1.50",
        "nan": "[null]",
    }


def test_no_rows_are_shown_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    for form, out in {Format.TABLE: "No rows.\n", Format.CSV: "a,b\n", Format.JSON: "[\n]\n"}.items():
        assert shown(capsys, [], form, columns=("a", "b")) == out


def test_a_wide_result_is_one_record_per_block(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = shown(capsys, WIDE * 2).splitlines()
    assert lines[0].startswith("─[ 1 ]")
    assert "column_7   value 7" in lines
    assert len(lines) == 2 * 41


def test_a_table_is_never_squeezed_or_wrapped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    url = "gs://earshot-local-earshot-audio/audio/" + "0a" * 40 + ".wav"
    assert url in shown(capsys, [{"url": url, "n": 1}], Format.TABLE)
    assert f"url  {url}\n" in shown(capsys, [{"url": url, "n": 1}])
    assert "column_39" in shown(capsys, WIDE, Format.TABLE)


@pytest.mark.parametrize("form", [Format.TABLE, Format.VERTICAL, Format.CSV, Format.JSON])
def test_text_of_strangers_cannot_control_the_terminal(capsys: pytest.CaptureFixture[str], form: Format) -> None:
    out = shown(capsys, [{"title": HOSTILE}], form)
    assert not set(out) & {"\x1b", "\x9b", "\u202e"}
    assert "[2J" in out


def test_text_of_strangers_is_no_formula_in_csv(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"title": formula, "n": -1} for formula in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1")]
    read = list(csv.reader(io.StringIO(shown(capsys, rows, Format.CSV))))[1:]
    assert all(title.startswith("'") and number == "-1" for title, number in read)


def test_raw_leaves_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    read = list(csv.reader(io.StringIO(shown(capsys, [{"title": HOSTILE}], Format.CSV, raw=True))))
    assert read[1] == [HOSTILE]


def test_a_file_appears_once_it_is_complete(tmp_path: Path) -> None:
    def rows():
        yield ROWS[0]
        assert not (tmp_path / "rows.json").exists()
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        show(rows(), out=tmp_path / "rows.json")
    assert list(tmp_path.iterdir()) == []
    show(ROWS, out=tmp_path / "rows.json")
    assert json.loads((tmp_path / "rows.json").read_text())[0]["n"] == 1.23456789
    with pytest.raises(BadRequest, match="--out"):
        show(ROWS, Format.PARQUET)


@pytest.mark.parametrize(
    ("value", "expected"), [(None, ""), (True, "true"), (3, "3"), (-20.004, "-20.00"), ([1, "a"], '[1, "a"]')]
)
def test_a_value_in_a_cell(value: object, expected: str) -> None:
    assert text(value) == expected


def test_control_characters_become_visible() -> None:
    assert printable("a\x1bb\x00c\td\ne") == "a\\x1bb\\x00c\td\ne"
