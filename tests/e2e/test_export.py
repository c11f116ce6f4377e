"""`earshot export` of the recordings of the demo: as docs/export.md prints it, and in each format."""

import re
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from earshot.cli import app
from earshot.cli.target import Target, of
from earshot.exporting.export_request import Form
from earshot.local.stack import running
from tests.e2e.test_demo import plain

PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text()
Run = Callable[[str], Result]


def shown(mark: str) -> tuple[str, str]:
    """A command of the page, and its output."""
    block = re.search(rf"<!-- {mark} -->\n```\n\$ (.*?)\n(.*?)```", PAGE, re.DOTALL)
    assert block
    return block.group(1), block.group(2)


@pytest.fixture(scope="module")
def stack(demo: tuple[Path, str]) -> Iterator[tuple[Path, Target]]:
    with running(demo[0], allow_private_addresses=True) as endpoints, of(endpoints) as target:
        yield demo[0], target


@pytest.fixture
def run(stack: tuple[Path, Target], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of the page in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(command: str) -> Result:
        return CliRunner().invoke(app, shlex.split(command)[1:], env={"EARSHOT_HOME": str(stack[0]), "COLUMNS": "120"})

    return run


def splits(text: str) -> dict[str, int]:
    """Recordings in each split."""
    return {row[0]: int(row[1]) for row in (line.split() for line in plain(text)[2:])}


def printed_here(target: Target, printed: str) -> dict[str, int]:
    """The page's splits, for a system with or without Chromaprint's library."""
    if not target.query("SELECT 1 AS one FROM audio_metadata WHERE fingerprint IS NOT NULL"):
        return splits(printed)
    counts = re.search(r"there are (\d+), (\d+) and (\d+) recordings", " ".join(PAGE.split()))
    assert counts
    return dict(zip(splits(printed), map(int, counts.groups()), strict=True))


def test_the_page_shows_what_an_export_prints(run: Run, stack: tuple[Path, Target]) -> None:
    command, printed = shown("export")
    result = run(command)
    assert result.exit_code == 0, result.output
    assert splits(result.stdout) == printed_here(stack[1], printed)
    assert (Path("corpus") / "licences.csv").read_text().splitlines() == shown("licences")[1].splitlines()
    assert sorted(path.name for path in Path("corpus").glob("[!.]*")) == sorted(shown("tree")[1].split())


@pytest.mark.parametrize("form", Form)
def test_every_recording_of_the_demo_is_exported_in_each_format(run: Run, form: Form) -> None:
    result = run(f"earshot export --format {form} --to out --shard-mb 1")
    assert result.exit_code == 0, result.output
    lines = (Path("out") / "ATTRIBUTION.csv").read_text().splitlines()
    assert len(lines) == 1 + 15


def test_an_export_to_a_bucket_is_the_one_to_a_folder(run: Run, stack: tuple[Path, Target]) -> None:
    assert run("earshot export --format webdataset --to out").exit_code == 0
    bucket = stack[1].bucket.name
    result = run(f"earshot export --format webdataset --to gs://{bucket}/exports/demo")
    assert result.exit_code == 0, result.output
    blob = stack[1].bucket.blob("exports/demo/SHA256SUMS")
    assert blob.download_as_bytes() == (Path("out") / "SHA256SUMS").read_bytes()
    for folder in ("", "/", "/audio/corpus"):  # the analyser would measure its files as new recordings
        refused = run(f"earshot export --to gs://{bucket}{folder}")
        assert refused.exit_code == 1
        assert "gs://" + bucket + "/exports/NAME" in refused.stderr


def test_a_relational_copy_has_the_rows_of_audio_info(run: Run) -> None:
    for _ in range(2):
        result = run("earshot export --to sqlite:///audio.db")
        assert result.exit_code == 0, result.output
    assert "15 rows of audio_info" in result.stderr
    with sqlite3.connect("audio.db") as database:
        found = database.execute("SELECT quality_label, COUNT(*) FROM audio_info GROUP BY 1 ORDER BY 1").fetchall()
    assert found == [(None, 11), ("Excellent", 1), ("Fair", 1), ("Good", 1), ("Poor", 1)]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ('--to out --sql "SELECT 1 AS one"', "neither gcp_url nor audio_id"),
        ("--to out --split a/b", "such as 90/5/5"),
        ("--to out --split 50/30", "adds up to 80, not to 100"),
        ("--to out --split 50/50 --split-by singer", "no column singer"),
        ("--to mysql://h/d", "mysql"),
        ("--to out --rate 16000", "needs transcode"),
    ],
)
def test_an_impossible_request_is_refused_in_one_sentence(run: Run, options: str, why: str) -> None:
    result = run(f"earshot export {options}")
    assert result.exit_code == 1
    assert why in result.stderr
    assert "Traceback" not in result.output
