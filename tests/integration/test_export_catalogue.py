"""What an export asks, on each local engine."""

import pytest

from earshot.adapters.export_catalogue import Catalogue
from earshot.errors import BadRequest
from tests.recorded import RECORDINGS


@pytest.fixture
def catalogue(world):
    return Catalogue(world.client, world.name)


def test_a_query_selects_its_own_columns_and_the_facts_of_the_tables(catalogue):
    answer = catalogue.select("SELECT gcp_url, loudness, found_at FROM audio_metadata -- all;\n;", None)
    found = {one.gcp_url: one for one in answer.recordings()}
    assert found.keys() == {row["gcp_url"] for row in RECORDINGS}
    for row in RECORDINGS:
        one = found[row["gcp_url"]]
        assert (one.audio_id, one.generation, one.duration_ms) == (
            row["audio_id"],
            row["generation"],
            row["duration_ms"],
        )
        assert one.row["loudness"] == row["loudness"]
        assert one.withdrawn == row.get("removed_because")


def test_types_are_known_before_the_first_row(catalogue):
    answer = catalogue.select("SELECT gcp_url, [1, 2] AS list, found_at, 1.5 AS number FROM audio_metadata", None)
    assert {column.name: column.type for column in answer.columns} == {
        "gcp_url": "STRING",
        "list": "STRING",
        "found_at": "TIMESTAMP",
        "number": "FLOAT",
    }
    assert next(answer.recordings()).row["list"] == "[1, 2]"


def test_what_is_heard_selects_recordings_and_is_exported_with_them(catalogue):
    answer = catalogue.select(
        "SELECT gcp_url, music_ratio, speech_ratio, top_label, segments FROM predictions_current"
        " WHERE task = 'content' AND music_ratio >= 0.5",
        None,
    )
    found = {one.title: one.row for one in answer.recordings()}
    assert {name: row["music_ratio"] for name, row in found.items()} == {"one.flac": 1.0, "copy.mp3": 0.9}
    assert (found["one.flac"]["speech_ratio"], found["one.flac"]["top_label"]) == (0.25, "music")
    assert '"music"' in found["one.flac"]["segments"]


@pytest.mark.parametrize("sql", ["SELECT audio_id FROM recordings", "SELECT file_path, title FROM audio_info"])
def test_a_query_may_name_recordings_by_other_columns(catalogue, sql):
    standing = {row["gcp_url"] for row in RECORDINGS if not row.get("removed_at")}
    assert {one.gcp_url for one in catalogue.select(sql, None).recordings()} == standing


def test_a_query_may_begin_with_names_of_its_own(catalogue):
    sql = "WITH long AS (SELECT gcp_url FROM audio_metadata WHERE duration_ms > 0) SELECT * FROM long ORDER BY gcp_url"
    assert len(list(catalogue.select(sql, None).recordings())) == len(RECORDINGS)


def test_copies_are_one_group(catalogue):
    groups = {one.title: one.group for one in catalogue.select("SELECT gcp_url FROM recordings", None).recordings()}
    assert groups["one.flac"] == groups["copy.mp3"]
    assert len(set(groups.values())) == len(groups) - 1


def test_a_limit_takes_the_same_ones_and_a_larger_one_more(catalogue):
    two, four = (
        {one.gcp_url for one in catalogue.select("SELECT gcp_url FROM audio_metadata", limit).recordings()}
        for limit in (2, 4)
    )
    assert len(two) == 2
    assert len(four) == 4
    assert two < four


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT 1 AS one", "neither gcp_url nor audio_id"),
        ("DELETE FROM audio_metadata WHERE TRUE", "SELECT"),
        ("SELECT gcp_url FROM audio_metadata; DROP TABLE audio_metadata", "a single SELECT"),
        pytest.param("SELECT gcp_url FROM nowhere", "there is no table", marks=pytest.mark.refused_sql),
        ("SELECT gcp_url, 1 AS earshot_group FROM audio_metadata", "begin with earshot_"),
    ],
)
def test_a_query_that_cannot_be_exported_is_refused_with_a_reason(catalogue, sql, why):
    with pytest.raises(BadRequest, match=why):
        catalogue.select(sql, None)


def test_withdrawn_recordings_are_those_of_the_view(catalogue, world):
    assert [url for _id, url, *_ in catalogue.withdrawn()] == [row["gcp_url"] for row in world.view("withdrawn")]
