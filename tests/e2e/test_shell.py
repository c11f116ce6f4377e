"""The command line in a real shell: pipes that end early, export lines, files as output, a missing package."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from earshot.cli import app
from tests.e2e.conftest import Stack

EARSHOT = f"{sys.executable} -m earshot"


def shell(stack: Stack, script: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EARSHOT_", "GOOGLE_"))}
    kept = {name: value for name, value in kept.items() if not name.endswith("_EMULATOR_HOST")}
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail\nearshot() {{ {EARSHOT} "$@"; }}\n{script}'],
        env=kept | {"EARSHOT_HOME": str(stack.home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("form", ["table", "vertical", "csv", "json"])
def test_a_reader_that_ends_early_ends_the_command_without_a_word(stack: Stack, form: str) -> None:
    rows = "SELECT number, REPEAT('x', 100) AS text FROM UNNEST(GENERATE_ARRAY(1, 20000)) AS number"
    done = shell(stack, f'earshot sql "{rows}" --format {form} | head -n 2')
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""


def test_the_environment_that_env_prints_leads_other_programs_to_the_stack(stack: Stack) -> None:
    program = (
        "from google.cloud import storage; import os;"
        "print([bucket.name for bucket in storage.Client().list_buckets()], os.environ['EARSHOT_DATASET'])"
    )
    done = shell(stack, f'eval "$(earshot env)" && {sys.executable} -c "{program}"')
    assert done.stderr == ""
    assert stack.bucket.name in done.stdout
    assert stack.endpoints.dataset in done.stdout


@pytest.mark.parametrize("arguments", [["--format", "parquet"], []])
def test_parquet_is_written_to_the_file_that_is_named(stack: Stack, tmp_path: Path, arguments: list[str]) -> None:
    out = tmp_path / "rows.parquet"
    query = "SELECT 1 AS one, 'a' AS two, [1.5, 2.5] AS three, CAST(NULL AS TIMESTAMP) AS four"
    command = ["sql", "--data-dir", str(stack.home), query, "--out", str(out), *arguments]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.stderr
    assert pq.read_table(out).to_pylist() == [{"one": 1, "two": "a", "three": [1.5, 2.5], "four": None}]
    assert list(tmp_path.iterdir()) == [out]


def test_parquet_needs_a_file(stack: Stack) -> None:
    result = CliRunner().invoke(app, ["sql", "--data-dir", str(stack.home), "SELECT 1", "--format", "parquet"])
    assert (result.exit_code, "--format parquet needs --out FILE" in result.stderr) == (1, True)


def test_a_file_takes_its_format_from_its_name(stack: Stack, tmp_path: Path) -> None:
    for name, read in (("a.json", json.loads), ("a.csv", str.splitlines)):
        done = shell(stack, f"earshot sql 'SELECT 1 AS one' --out {tmp_path / name}")
        assert (done.returncode, done.stdout) == (0, "")
        assert read((tmp_path / name).read_text()) in ([{"one": 1}], ["one", "1"])


def test_a_relational_copy_without_sqlalchemy_says_what_brings_it(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)  # as in the environment of the demo
    monkeypatch.delitem(sys.modules, "earshot.adapters.copy_to_sql_database", raising=False)
    command = ["export", "--data-dir", str(stack.home), "--to", f"sqlite:///{tmp_path / 'audio.db'}"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "sqlalchemy is not installed" in result.stderr
    assert "make extra NAME=exporter" in result.stderr
