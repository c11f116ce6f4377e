"""`earshot columns`: tables by their schema files, views by their SQL."""

import json

import pytest
from typer.testing import CliRunner, Result

from earshot.adapters.schema import columns, views
from earshot.cli import app
from earshot.cli.view_columns import view_columns, view_comment


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["columns", *arguments])


def test_a_table_is_listed_by_its_schema() -> None:
    listed = json.loads(run("refusals", "--format", "json").stdout)
    assert [row["column"] for row in listed] == [column.name for column in columns("refusals")]


def test_a_column_of_a_view_is_defined_by_the_column_of_the_table_or_by_its_formula() -> None:
    result = run("audio_info", "--format", "json")
    assert "six columns of a plain speech collection" in " ".join(result.stderr.split())
    found = {row["column"]: row for row in json.loads(result.stdout)}
    assert list(found) == ["id", "title", "file_path", "duration", "pesq_score", "quality_label"]
    defined = {column.name: column.description for column in columns("audio_metadata")}
    assert found["pesq_score"]["meaning"] == defined["pesq"]
    assert (found["duration"]["type"], found["duration"]["meaning"]) == ("FLOAT", "= recording.duration_ms / 1000")


@pytest.mark.parametrize("name", views())
def test_every_view_says_what_it_is_for_and_has_columns_with_a_meaning(name: str) -> None:
    assert len(view_comment(name)) > 40
    listed = view_columns(name)
    assert len({column.name for column in listed}) == len(listed) > 2
    assert [column.name for column in listed if not column.description or column.description == "= "] == []


def test_what_is_neither_is_wrong_usage_and_the_nearest_is_suggested() -> None:
    result = run("audio_infos")
    assert result.exit_code == 2
    assert "did you mean audio_info?" in " ".join(result.stderr.replace("│", " ").split())
