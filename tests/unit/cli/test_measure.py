"""`earshot measure`: files in, measures out, nothing stored."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from earshot.adapters.schema import columns
from earshot.cli import app
from earshot.cli.measure import measured_rows
from earshot.sound.measure_in_process import ISOLATED
from tests.sounds import encoded, tone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.wav").write_bytes(encoded(tone(level_dbfs=-20.0, seconds=0.5)))
    (tmp_path / "b.wav").write_bytes(encoded(tone(level_dbfs=-30.0, seconds=0.5)))
    return tmp_path


def measure(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["measure", *map(str, arguments)], env={"GOOGLE_CLOUD_PROJECT": ""})


def test_json_is_one_object_a_file_with_the_columns_of_the_table(folder: Path) -> None:
    result = measure(folder, "--json")
    assert result.exit_code == 0, result.output
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["file"] == str(folder / "a.wav")
    assert first["loudness"] == pytest.approx(-20.0, abs=0.05)
    assert (second["classification"], second["duration_ms"]) == ("Low Energy", 500)
    assert first.keys() - {"file"} <= {column.name for column in columns("audio_metadata")}
    assert len(first) > 40


def test_csv_has_a_line_a_file_and_the_table_every_measure(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(measure(folder, "--format", "csv").stdout)))
    assert [Path(row["file"]).name for row in rows] == ["a.wav", "b.wav"]
    assert "loudness" in measure(folder / "a.wav").stdout


def test_a_reference_gives_pesq(folder: Path) -> None:
    result = measure(folder / "a.wav", "--reference", folder / "a.wav", "--json")
    assert json.loads(result.stdout)["pesq_status"] != "no_reference"


def test_a_refusal_has_the_reason_of_the_cloud(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "page.mp3").write_text("<!doctype html>")
    result = measure(folder, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout.splitlines()[-1])["reason"] == "not_audio"
    assert "2 files measured, 1 refused, 0 left out." in result.stderr
    monkeypatch.setenv("EARSHOT_MAX_AUDIO_BYTES", "10")
    assert "too_large" in measure(folder / "a.wav").stderr


def test_the_order_is_that_of_the_names_however_long_each_takes(tmp_path: Path) -> None:
    lengths_s = [20.0, *(0.1 * number for number in range(1, 9))]
    for number, seconds in enumerate(lengths_s):
        (tmp_path / f"{number}.wav").write_bytes(encoded(tone(level_dbfs=-20.0, seconds=seconds)))
    rows = [json.loads(line) for line in measure(tmp_path, "--json").stdout.splitlines()]
    assert [row["file"] for row in rows] == [str(tmp_path / f"{number}.wav") for number in range(9)]
    assert [row["duration_ms"] for row in rows] == [round(1000 * seconds) for seconds in lengths_s]


def test_what_is_not_wanted_any_more_is_not_measured_to_the_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aborted: list[bool] = []
    monkeypatch.setattr(ISOLATED, "abort", lambda: aborted.append(True))
    rows = measured_rows(sorted(folder.iterdir()), reference=None)
    assert next(rows)["duration_ms"] == 500
    rows.close()
    assert aborted == [True]
