"""The verbs of the command line, on a stack that runs."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from earshot.cli import app
from earshot.local.demo_site.recordings import write_pairs
from tests.e2e.conftest import Stack
from tests.sites import Site, answer
from tests.sounds import encoded, tone

Earshot = Callable[..., Result]


@pytest.fixture
def earshot(stack: Stack) -> Earshot:
    """Run a command on the local stack."""

    def run(verb: str, *arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [verb, "--data-dir", str(stack.home), *map(str, arguments)])

    return run


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def page(site: Site, *paths: str) -> str:
    site.routes["/"] = answer("".join(f'<a href="{path}">x</a>' for path in paths).encode(), content_type="text/html")
    return site.url("/")


def wav(path: Path, level_dbfs: float, seconds: float = 0.5) -> Path:
    path.write_bytes(encoded(tone(level_dbfs=level_dbfs, seconds=seconds)))
    return path


def test_crawl_waits_for_the_outcome_of_each_recording(stack: Stack, earshot: Earshot, site: Site) -> None:
    site.routes["/a.wav"] = answer(encoded(tone(level_dbfs=-10.0)))
    result = earshot("crawl", page(site, "/a.wav", "/gone.wav"))
    assert result.exit_code == 0
    assert "1 page read, 2 links to audio, 2 recordings published." in result.stderr
    assert "1 in audio_metadata, 1 in refusals." in result.stderr
    assert stack.rows("audio_metadata", source_url=site.url("/a.wav"))[0]["classification"] == "High Energy"


def test_crawl_names_the_page_that_cannot_be_read(earshot: Earshot, site: Site) -> None:
    result = earshot("crawl", site.url("/absent"))
    assert result.exit_code == 1
    assert f"{site.url('/absent')}: source_gone" in result.stderr.replace("\n", "")


def test_crawl_here_reads_a_list_of_this_machine(stack: Stack, earshot: Earshot, site: Site, tmp_path: Path) -> None:
    site.routes["/listed.wav"] = answer(encoded(tone(level_dbfs=-10.0)))
    (tmp_path / "urls.txt").write_text(f"# one\n{site.url('/listed.wav')}\n")
    result = earshot("crawl", "--here", "--list", tmp_path / "urls.txt")
    assert result.exit_code == 0
    assert stack.rows("audio_metadata", source_url=site.url("/listed.wav"))[0]["found_by"] == "list"


def test_load_uploads_audio_and_lists_what_is_not(stack: Stack, earshot: Earshot, tmp_path: Path) -> None:
    wav(tmp_path / "loaded soft.wav", -33.0)
    (tmp_path / "notes.txt").write_text("not a sound")
    result = earshot("load", tmp_path)
    assert result.exit_code == 0
    assert "left out" in result.stderr
    assert "notes.txt" in result.stderr
    row = stack.row("audio_metadata", file_name="loaded soft.wav")
    assert row["loudness"] == pytest.approx(-33.0, abs=0.05)
    again = earshot("load", tmp_path / "loaded soft.wav")
    assert again.exit_code == 0
    assert stack.row("audio_metadata", file_name="loaded soft.wav") == row


def test_a_loaded_file_with_a_reference_gets_a_quality(stack: Stack, earshot: Earshot, tmp_path: Path) -> None:
    reference, versions = write_pairs(tmp_path)
    telephone = next(path for path in versions if path.name == "telephone.wav")
    assert earshot("load", telephone).exit_code == 0
    assert stack.row("audio_metadata", file_name="telephone.wav")["quality_label"] is None
    assert earshot("load", telephone, "--reference", reference).exit_code == 0
    assert stack.row("audio_metadata", file_name="telephone.wav", quality_label="Good")["pesq"] > 3
    assert stack.rows("audio_metadata", file_name=reference.name) == []


def test_features_are_stored_in_the_bucket_and_not_computed_twice(
    stack: Stack, earshot: Earshot, tmp_path: Path
) -> None:
    assert earshot("load", wav(tmp_path / "long.wav", -15.0, seconds=3.0)).exit_code == 0
    chosen = ("--where", "file_name = 'long.wav'")
    recording = stack.row("audio_metadata", file_name="long.wav")
    first, again, finer = (earshot("features", *chosen, *more) for more in ((), (), ("--frame-ms", "50")))
    assert "1 recording: 1 written (15 frames of 200 ms), 0 had them already" in first.stderr
    assert "0 written (0 frames of 200 ms), 1 had them already" in again.stderr
    assert "1 written (60 frames of 50 ms)" in finer.stderr
    (tmp_path / "f.parquet").write_bytes(
        stack.bucket.blob(f"features/{recording['audio_id']}.parquet").download_as_bytes()
    )
    frames = pq.read_table(tmp_path / "f.parquet")
    assert frames.num_rows == 60
    assert frames["loudness_dbfs"].to_pylist()[10:50] == pytest.approx([recording["loudness"]] * 40, abs=0.2)
    assert stack.rows("refusals", gcp_url=f"gs://{stack.bucket.name}/features/{recording['audio_id']}.parquet") == []


def test_features_with_an_invalid_condition_are_an_error(earshot: Earshot) -> None:
    result = earshot("features", "--where", "TRUE); DROP TABLE prices; SELECT (1")
    assert result.exit_code == 1
    assert "only a single SELECT" in result.stderr


def test_load_again_heals_an_interrupted_load(stack: Stack, earshot: Earshot, tmp_path: Path) -> None:
    """Files uploaded by a load whose notifications were lost get their rows by the next one."""
    path = wav(tmp_path / "interrupted.wav", -12.5)
    assert earshot("load", path).exit_code == 0
    row = stack.row("audio_metadata", file_name="interrupted.wav")
    table_id = f"`{stack.endpoints.project}.{stack.endpoints.dataset}.audio_metadata`"
    stack.bigquery.query(f"DELETE FROM {table_id} WHERE gcp_url = '{row['gcp_url']}'").result()
    result = earshot("load", path, "--wait", "300")
    assert result.exit_code == 0, result.stderr
    assert "1 file of an earlier load had no row: submitted again." in result.stderr
    stack.bigquery.query(f"DELETE FROM {table_id} WHERE gcp_url = '{row['gcp_url']}'").result()
    result = earshot("classify", "--missing", "--wait", "300")
    assert result.exit_code == 0, result.stderr
    assert "1 recording to be measured again, 0 refusals to be read again." in result.stderr
    assert stack.row("audio_metadata", file_name="interrupted.wav")["loudness"] == row["loudness"]


def test_refused_files_are_listed_with_what_to_do(stack: Stack, earshot: Earshot, tmp_path: Path) -> None:
    (tmp_path / "header only.wav").write_bytes(encoded(tone())[:44])
    wav(tmp_path / "first.wav", -13.5)
    wav(tmp_path / "second.wav", -13.5)
    result = earshot("load", tmp_path)
    assert result.exit_code == 0
    assert "second.wav has the same bytes as" in result.stderr.replace("\n", " ")
    assert "header only.wav" in result.stdout
    assert "nothing: there is no sound in it" in result.stdout
    assert stack.row("refusals", file_name="header only.wav")["reason"] == "empty"
    listed = json.loads(earshot("refusals", "--reason", "empty", "--format", "json").stdout)
    assert "header only.wav" in [row["what"] for row in listed]


def test_what_was_withdrawn_is_counted_as_withdrawn(stack: Stack, earshot: Earshot, site: Site) -> None:
    site.routes["/withdrawn.wav"] = answer(encoded(tone(level_dbfs=-11.0)))
    address = page(site, "/withdrawn.wav")
    assert earshot("crawl", address).exit_code == 0
    assert earshot("forget", "--yes", site.url("/withdrawn.wav")).exit_code == 0
    result = earshot("crawl", address)
    assert "0 in audio_metadata, 0 in refusals, 1 withdrawn." in result.stderr


def test_a_project_in_the_environment_is_not_worked_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-prod")
    for command in (
        ["load", str(wav(tmp_path / "a.wav", -3.0))],
        ["forget", "--yes", "example.org"],
        ["sql", "SELECT 1"],
    ):
        result = CliRunner().invoke(app, [command[0], "--data-dir", str(tmp_path), *command[1:]])
        assert result.exit_code == 1
        assert "no stack is running" in result.stderr
        assert "my-prod" not in result.stderr


def test_a_change_in_the_cloud_names_the_project_and_asks(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in stack.endpoints.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EARSHOT_TARGET", "cloud")
    change = ["sql", "--write", "UPDATE policies SET threshold = threshold WHERE name = 'default'"]
    refused = CliRunner().invoke(app, change, input="n\n")
    assert refused.exit_code == 1
    assert f"Run this statement in project {stack.endpoints.project}?" in refused.stderr
    changed = CliRunner().invoke(app, [*change, "--yes"])
    assert changed.exit_code == 0
    assert "rows changed." in changed.stderr
    gone = CliRunner().invoke(app, ["forget", "https://example.org/never.wav"], input="n\n")
    assert f"in project {stack.endpoints.project}" in gone.stderr
    assert gone.exit_code == 1


def test_load_of_nothing_that_is_audio_fails(earshot: Earshot, tmp_path: Path) -> None:
    (tmp_path / "page.mp3").write_text("<!doctype html>")
    result = earshot("load", tmp_path)
    assert result.exit_code == 1
    assert "HTML" in result.stderr


def test_classify_measures_again_what_the_condition_selects(stack: Stack, earshot: Earshot, tmp_path: Path) -> None:
    chosen, other = wav(tmp_path / "chosen.wav", -15.0), wav(tmp_path / "other.wav", -16.0)
    assert earshot("load", chosen, other).exit_code == 0
    before = {name: stack.row("audio_metadata", file_name=name) for name in ("chosen.wav", "other.wav")}
    result = earshot("classify", "--where", "file_name = 'chosen.wav'")
    assert result.exit_code == 0
    assert "1 recording: 1 in audio_metadata, 0 in refusals." in result.stderr
    after = {name: stack.row("audio_metadata", file_name=name) for name in ("chosen.wav", "other.wav")}
    assert after["other.wav"] == before["other.wav"]
    assert after["chosen.wav"]["analysed_at"] > before["chosen.wav"]["analysed_at"]
    assert after["chosen.wav"]["loudness"] == before["chosen.wav"]["loudness"]


def test_classify_without_a_condition_restores_lost_rows_from_the_bucket(
    stack: Stack, earshot: Earshot, site: Site
) -> None:
    site.routes["/kept.wav"] = answer(encoded(tone(level_dbfs=-15.0)))
    lost = {"audio_metadata": site.url("/kept.wav"), "refusals": site.url("/lost.wav")}
    assert earshot("crawl", page(site, "/kept.wav", "/lost.wav")).exit_code == 0
    for table, url in lost.items():
        table_id = f"`{stack.endpoints.project}.{stack.endpoints.dataset}.{table}`"
        stack.bigquery.query(f"DELETE FROM {table_id} WHERE source_url = '{url}'").result()
        assert stack.rows(table, source_url=url) == []
    assert earshot("classify").exit_code == 0
    for table, url in lost.items():
        assert len(stack.rows(table, source_url=url)) == 1


def test_sql_writes_tables_csv_and_json(earshot: Earshot) -> None:
    query = "SELECT 1 AS one, 'a,b' AS two, CAST(NULL AS FLOAT64) AS none"
    assert "a,b" in earshot("sql", query).stdout
    as_csv = list(csv.reader(io.StringIO(earshot("sql", query, "--format", "csv").stdout)))
    assert as_csv == [["one", "two", "none"], ["1", "a,b", ""]]
    assert json.loads(earshot("sql", query, "--format", "json").stdout) == [{"one": 1, "two": "a,b", "none": None}]


def test_sql_finds_tables_by_their_bare_names(earshot: Earshot) -> None:
    result = earshot("sql", "SELECT COUNT(*) AS n FROM refusals JOIN audio_info ON FALSE", "--format", "json")
    assert json.loads(result.stdout) == [{"n": 0}]


def test_a_query_changes_nothing_without_write(earshot: Earshot) -> None:
    rule = "UPDATE policies SET threshold = threshold WHERE FALSE"
    result = earshot("sql", rule)
    assert (result.exit_code, "only a SELECT is run here, not UPDATE" in result.stderr) == (1, True)
    assert earshot("sql", "--write", rule).exit_code == 0


@pytest.mark.refused_sql
def test_a_query_that_fails_is_reported_in_one_sentence(earshot: Earshot) -> None:
    result = earshot("sql", "SELECT nothing FROM refusals")
    assert result.exit_code == 1
    assert "nothing" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_same_verbs_work_with_a_project_from_the_environment(
    stack: Stack, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of the local stack stands in for a project: its state folder is not read."""
    monkeypatch.setenv("EARSHOT_ID_TOKEN", "a-token")
    site.routes["/cloud.wav"] = answer(encoded(tone(level_dbfs=-10.0)))
    result = CliRunner().invoke(app, ["crawl", "--cloud", page(site, "/cloud.wav")])
    assert result.exit_code == 0
    assert f"project {stack.endpoints.project}" in result.stderr
    result = CliRunner().invoke(app, ["sql", "--cloud", "SELECT COUNT(*) AS n FROM audio_metadata", "--format", "csv"])
    assert int(result.stdout.split()[1]) >= 1


def test_without_a_stack_or_a_project_the_message_explains_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    result = CliRunner().invoke(app, ["crawl", "--data-dir", str(tmp_path), "https://example.org/"])
    assert result.exit_code == 1
    assert "earshot up" in result.stderr
