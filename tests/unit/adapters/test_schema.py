import math
from datetime import datetime, timedelta, timezone
from hashlib import sha256

import pytest

from earshot.adapters.schema import KEYS, ORDER, columns, conform, key_hash, view_query, views

REQUIRED = {
    "gcp_url": "gs://recordings/audio/a.wav",
    "file_name": "a.wav",
    "duration_ms": 1000,
    "loudness": -20.0,
    "classification": "Medium Energy",
}


def test_absent_columns_are_null():
    row = conform(REQUIRED, "audio_metadata")
    assert list(row) == [column.name for column in columns("audio_metadata")]
    assert row["pesq"] is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_never_reach_a_row(value):
    assert conform(REQUIRED | {"pesq": value}, "audio_metadata")["pesq"] is None


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_required_column_is_named(name):
    with pytest.raises(ValueError, match=name):
        conform({key: value for key, value in REQUIRED.items() if key != name}, "audio_metadata")


def test_a_required_column_that_is_not_a_number_is_named():
    with pytest.raises(ValueError, match="loudness"):
        conform(REQUIRED | {"loudness": math.nan}, "audio_metadata")


@pytest.mark.parametrize(("name", "value"), [("duration_ms", 1.5), ("duration_ms", True), ("pesq", "4"), ("codec", 7)])
def test_a_value_of_another_type_is_named(name, value):
    with pytest.raises(ValueError, match=name):
        conform(REQUIRED | {name: value}, "audio_metadata")


def test_an_unknown_column_is_named():
    with pytest.raises(ValueError, match="volume"):
        conform(REQUIRED | {"volume": 11}, "audio_metadata")


def test_a_view_is_rendered_as_terraform_does_and_json_paths_stay() -> None:
    assert "FROM `p.earshot.audio_metadata`" in view_query("audio_info", "p.earshot")
    assert "${" not in "".join(view_query(name, "p.earshot") for name in views())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bytes", 2**63),
        ("bytes", -(2**63) - 1),
        ("bytes", 10**400),
        ("pesq", 10**400),
        ("analysed_at", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
        ("analysed_at", datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-1)))),
    ],
)
def test_a_number_or_moment_that_bigquery_cannot_hold_is_null(name, value):
    assert conform(REQUIRED | {name: value}, "audio_metadata")[name] is None


def test_the_largest_numbers_that_bigquery_holds_are_kept():
    row = conform(REQUIRED | {"bytes": 2**63 - 1, "pesq": 1.7e308}, "audio_metadata")
    assert (row["bytes"], row["pesq"]) == (2**63 - 1, 1.7e308)


def test_a_required_number_that_bigquery_cannot_hold_is_named():
    with pytest.raises(ValueError, match="duration_ms"):
        conform(REQUIRED | {"duration_ms": 10**26}, "audio_metadata")


def test_a_lone_surrogate_becomes_a_question_mark():
    assert conform(REQUIRED | {"codec": "a\ud800b"}, "audio_metadata")["codec"] == "a?b"


def test_a_key_hash_is_what_the_documented_sql_gives():
    digits = sha256(REQUIRED["gcp_url"].encode()).hexdigest()[:15]
    assert key_hash(REQUIRED, "audio_metadata") == int(digits, 16)


@pytest.mark.parametrize("table", ORDER)
def test_a_table_of_the_write_path_has_a_shard_a_key_hash_and_its_order(table):
    names = {column.name for column in columns(table)}
    assert {"shard", "key_hash", *ORDER[table], *KEYS[table]} <= names
