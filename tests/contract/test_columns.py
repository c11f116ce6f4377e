"""The schema JSON, the Python row and the MERGE name the same columns."""

import re

import pytest

from earshot import settings
from earshot.adapters.schema import columns, conform, statement
from earshot.adapters.table import Table
from earshot.analysing import measure_object, refusal_row, undecodable_row
from earshot.audio import ObjectMetadata, Refusal, now
from earshot.configured_measures import Measures
from earshot.errors import Undecodable
from tests.sounds import encoded, tone
from tests.unit.fakes import AudioStore

FIVE = [
    ("gcp_url", "STRING", "REQUIRED"),
    ("file_name", "STRING", "REQUIRED"),
    ("duration_ms", "INTEGER", "REQUIRED"),
    ("loudness", "FLOAT", "REQUIRED"),
    ("classification", "STRING", "REQUIRED"),
]
ADDED = {"key_hash", "analysed_by"}
"""By the committer, and by the publisher of rows."""


@pytest.fixture(scope="module")
def row():
    """The row of a real recording, measured for real."""
    store = AudioStore()
    kept = store.drop("audio/tone.wav", encoded(tone(level_dbfs=-20.0)))
    measures = Measures(settings.Analyser(project="tests", bucket="audio"))
    return measure_object(kept, store=store, measures=measures, max_bytes=1_000_000).as_row()


def test_the_five_columns_its_users_know_come_first_and_are_required():
    assert [(column.name, column.type, column.mode) for column in columns("audio_metadata")[:5]] == FIVE


def test_every_further_column_is_nullable_and_described():
    for column in columns("audio_metadata")[5:]:
        assert column.mode == "NULLABLE"
        assert column.description.endswith(".")


def test_a_row_fills_every_column_and_no_other(row):
    assert set(row) | ADDED == {column.name for column in columns("audio_metadata")}
    conform(row, "audio_metadata")


def test_a_row_of_refusals_fills_every_column_and_no_other():
    store = AudioStore()
    store.refuse(Refusal(audio_id="0" * 32, stage="downloader", reason="empty", first_seen=now(), last_seen=now()))
    kept = store.describe(f"refused/{'0' * 32}.json")
    wanted = {column.name for column in columns("refusals")}
    assert set(refusal_row(kept, store, 1)) | ADDED == wanted
    assert set(undecodable_row(kept, Undecodable("lost sync"), 1)) | ADDED == wanted


def test_every_label_is_a_column():
    assert ObjectMetadata.model_fields.keys() <= {column.name for column in columns("audio_metadata")}


@pytest.mark.parametrize("table", ["audio_metadata", "refusals", "analyses"])
def test_the_merge_writes_every_column(table):
    seen = []

    class Client:
        project = "tests"

        def load_table_from_json(self, rows, table, job_config, timeout):
            return self

        def result(self, timeout):
            return None

        def query(self, sql, job_config, job_retry, timeout):
            seen.append(sql)
            raise SystemExit

    wanted = {column.name for column in columns(table)}
    values = {"STRING": "x", "INTEGER": 1, "FLOAT": 1.0}
    row = {column.name: values[column.type] for column in columns(table) if column.mode == "REQUIRED"}
    with pytest.raises(SystemExit):
        Table(Client(), "earshot", table, schema=table).upsert(
            {"generation": 1, "analyser_version": 1} | row | {"shard": 1}
        )
    (sql,) = seen
    inserted = re.search(r"INSERT \((.*?)\)", sql, re.DOTALL).group(1)
    assert {name.strip() for name in inserted.split(",")} == wanted
    assert set(re.findall(r"(\w+) = fresh\.\1\b", sql)) - {"gcp_url"} == wanted - {"gcp_url"}


def test_the_sql_takes_values_as_parameters_only():
    names = {
        name: name for name in ("table", "staging", "selected", "same", "newer", "assignments", "columns", "values")
    }
    for file in ("merge", "insert_new", "known_keys", "mark_removed"):
        text = re.sub("--.*", "", statement(file, **names))
        assert set(re.findall(r"@\w+", text)) <= {"@keys", "@shards"}
        assert not re.search(r"\b\d+\b", text)
