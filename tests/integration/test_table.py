"""The statements of a commit on real engines: the embedded one, and the stricter second one where it is installed."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from earshot.adapters import google_clients
from earshot.adapters.mark_removed_rows import Removals
from earshot.adapters.table import Table
from earshot.audio import shard
from earshot.local import resources

MOMENT = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def table(bigquery_host):
    client, dataset = google_clients.bigquery("tests"), f"d_{uuid.uuid4().hex}"
    resources.make_tables("tests", dataset)
    table = Table(client, dataset, "audio_metadata", schema="audio_metadata")
    table.rows = lambda: [dict(row) for row in client.query(f"SELECT * FROM `{table.id}` ORDER BY gcp_url").result()]
    return table


def row(name="a", generation=1, version=1, **more):
    url = f"gs://recordings/audio/{name}"
    return {
        "gcp_url": url,
        "file_name": f"{name}.wav",
        "duration_ms": 1000,
        "loudness": -20.0,
        "classification": "Medium Energy",
        "shard": shard(url),
        "generation": generation,
        "analyser_version": version,
        **more,
    }


def test_a_new_key_is_inserted_with_its_types(table):
    name = "Zwölf 'Ärzte' \\ \"—\" \N{PILE OF POO}"
    table.upsert(row(name, analysed_at=MOMENT, is_silent=False, pesq=4.5, bytes=2**53 + 1))
    (kept,) = table.rows()
    assert kept["file_name"] == f"{name}.wav"
    assert (kept["analysed_at"], kept["is_silent"], kept["pesq"]) == (MOMENT, False, 4.5)
    assert (kept["bytes"], kept["codec"]) == (2**53 + 1, None)


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ((1, 1), (2, 1), "fresh"),  # newer bytes
        ((2, 1), (1, 9), "kept"),  # older bytes, whatever the analyser
        ((1, 1), (1, 2), "fresh"),  # newer definitions
        ((1, 2), (1, 1), "kept"),  # older definitions
        ((1, 1), (1, 1), "fresh"),  # the same again, perhaps under new thresholds
    ],
)
def test_the_newest_measurement_wins(table, before, after, kept):
    table.upsert(row(generation=before[0], version=before[1], codec="kept"))
    table.upsert(row(generation=after[0], version=after[1], codec="fresh"))
    assert [found["codec"] for found in table.rows()] == [kept]


def test_a_row_replaces_all_of_the_old_one(table):
    table.upsert(row(page_title="old", codec="mp3"))
    table.upsert(row(generation=2, codec="flac"))
    (kept,) = table.rows()
    assert (kept["page_title"], kept["codec"]) == (None, "flac")


def test_many_rows_of_new_and_known_keys_are_all_there_once(table):
    assert table.commit([row(str(n), generation=n % 3) for n in range(60)]) == []
    assert table.commit([row(str(n % 80), generation=n) for n in range(20, 120)]) == []
    rows = table.rows()
    assert len(rows) == 80
    newest = {str(n): max(m for m in (n % 3, n, n + 80) if m < 120 and (m >= 20 or m < 3)) for n in range(80)}
    assert {kept["file_name"].removesuffix(".wav"): kept["generation"] for kept in rows} == newest


def test_a_row_that_is_no_newer_than_the_one_of_many_is_left_out(table):
    table.commit([row(str(n), generation=5) for n in range(40)])
    table.commit([row(str(n), generation=4 if n % 2 else 6) for n in range(40)])
    assert {kept["generation"] for kept in table.rows()} == {5, 6}


def test_commits_of_several_threads_leave_one_row_a_key(table):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: table.commit([row(str(m), generation=n) for m in range(20)]), range(4)))
    assert {(kept["file_name"], kept["generation"]) for kept in table.rows()} == {(f"{m}.wav", 3) for m in range(20)}


@pytest.fixture
def marks(table):
    return Removals(table.client, table.id.split(".")[1], "audio_metadata", schema="audio_metadata")


def mark(name="a", generation=1, because="deleted", day=1):
    url = f"gs://recordings/audio/{name}"
    moment = datetime(2026, 11, day, tzinfo=UTC)
    return {
        "gcp_url": url,
        "shard": shard(url),
        "generation": generation,
        "removed_at": moment,
        "removed_because": because,
    }


def test_the_first_mark_stays_and_the_measures_with_it(table, marks):
    table.upsert(row(page_title="Talks", pesq=4.5))
    marks.upsert(mark(day=1))
    marks.upsert(mark(day=2))
    (kept,) = table.rows()
    assert (kept["removed_because"], kept["removed_at"].day) == ("deleted", 1)
    assert (kept["page_title"], kept["pesq"], kept["file_name"]) == ("Talks", 4.5, "a.wav")


def test_of_a_withdrawn_recording_no_words_are_kept(table, marks):
    table.upsert(row(page_title="Talks", author="Ada", pesq=4.5, audio_id="0" * 32))
    marks.upsert(mark(because="deleted", day=1))
    marks.upsert(mark(because="withdrawn", day=2))
    (kept,) = table.rows()
    texts = {name: value for name, value in kept.items() if isinstance(value, str)}
    assert texts == {
        "gcp_url": "gs://recordings/audio/a",
        "file_name": "0" * 32,
        "classification": "Medium Energy",
        "audio_id": "0" * 32,
        "removed_because": "withdrawn",
    }
    assert (kept["pesq"], kept["removed_at"].day) == (4.5, 2)


def test_a_newer_generation_keeps_its_row_and_what_has_no_row_gets_none(table, marks):
    table.upsert(row(generation=2))
    marks.upsert(mark(generation=1))
    marks.upsert(mark("b"))
    (kept,) = table.rows()
    assert kept["removed_at"] is None


def test_a_fresh_row_of_a_newer_generation_has_no_mark(table, marks):
    table.upsert(row(generation=1))
    marks.upsert(mark(generation=1))
    table.upsert(row(generation=2))
    (kept,) = table.rows()
    assert kept["removed_at"] is None
