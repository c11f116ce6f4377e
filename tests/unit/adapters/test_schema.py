import math

import pytest

from earshot.adapters.schema import columns, conform, view_query, views

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
