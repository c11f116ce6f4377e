"""What the local stack makes is what Terraform makes: on our servers, on Google's emulator, on both engines."""

import uuid
from pathlib import Path

import pytest
from google.cloud import bigquery, pubsub_v1, storage

from earshot.adapters import google_clients
from earshot.adapters.add_columns import OtherType
from earshot.adapters.schema import KEYS, columns
from earshot.local import resources
from earshot.local.processes import Processes, free_ports


@pytest.fixture
def warehouse(bigquery_host: str) -> tuple[bigquery.Client, str]:
    client, dataset = google_clients.bigquery("tests"), f"d_{uuid.uuid4().hex}"
    resources.make_tables("tests", dataset)
    return client, dataset


@pytest.mark.parametrize("table", KEYS)
def test_a_table_has_the_columns_of_its_schema_file(warehouse: tuple[bigquery.Client, str], table: str) -> None:
    client, dataset = warehouse
    kept = client.get_table(f"tests.{dataset}.{table}")
    assert [(field.name, field.field_type, field.mode) for field in kept.schema] == [
        (column.name, column.type, column.mode) for column in columns(table)
    ]
    assert kept.clustering_fields == list(KEYS[table])


@pytest.mark.strict_engine
def test_a_table_is_partitioned_by_shard(bigquery_strict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded engine takes the partitioning and forgets it, so this needs the other."""
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery_strict)
    resources.make_tables("tests", "partitioned")
    kept = google_clients.bigquery("tests").get_table("tests.partitioned.audio_metadata").range_partitioning
    assert (kept.field, kept.range_.start, kept.range_.end, kept.range_.interval) == ("shard", 0, 1000, 1)


def test_making_all_again_keeps_the_rows(warehouse: tuple[bigquery.Client, str]) -> None:
    client, dataset = warehouse
    insert = f"INSERT INTO `tests.{dataset}.refusals` (gcp_url, shard, reason) VALUES ('gs://b/o', 7, 'empty')"
    client.query(insert).result()
    resources.make_tables("tests", dataset)
    rows = client.query(f"SELECT reason FROM `tests.{dataset}.refusals`").result()
    assert [row.reason for row in rows] == ["empty"]


@pytest.mark.refused_sql
def test_a_later_version_adds_its_columns_and_keeps_rows_and_columns_of_users(
    warehouse: tuple[bigquery.Client, str],
) -> None:
    client, dataset = warehouse
    table = f"tests.{dataset}.refusals"
    client.delete_table(table)
    kept = [bigquery.SchemaField("gcp_url", "STRING", "REQUIRED"), bigquery.SchemaField("own_note", "STRING")]
    client.create_table(bigquery.Table(table, schema=kept))
    client.query(f"INSERT INTO `{table}` (gcp_url, own_note) VALUES ('gs://b/o', 'mine')").result()
    resources.make_tables("tests", dataset)
    (row,) = client.query(f"SELECT gcp_url, own_note, reason FROM `{table}`").result()
    assert tuple(row) == ("gs://b/o", "mine", None)
    assert {column.name for column in columns("refusals")} < {field.name for field in client.get_table(table).schema}


def test_a_column_of_another_type_is_an_error_that_says_what_to_do(warehouse: tuple[bigquery.Client, str]) -> None:
    client, dataset = warehouse
    table = f"tests.{dataset}.refusals"
    client.delete_table(table)
    client.create_table(bigquery.Table(table, schema=[bigquery.SchemaField("gcp_url", "INTEGER", "REQUIRED")]))
    with pytest.raises(OtherType, match=r"gcp_url is INT.* remove the folder of the local stack"):
        resources.make_tables("tests", dataset)


def test_a_view_answers(warehouse: tuple[bigquery.Client, str]) -> None:
    client, dataset = warehouse
    client.query(
        f"INSERT INTO `tests.{dataset}.audio_metadata` (gcp_url, file_name, duration_ms, loudness, classification)"
        " VALUES ('gs://b/o', 'talk.wav', 1500, -20.5, 'Medium Energy')"
    ).result()
    rows = client.query(f"SELECT title, file_path, duration FROM `tests.{dataset}.audio_info`").result()
    assert [tuple(row) for row in rows] == [("talk.wav", "gs://b/o", 1.5)]


def test_a_name_without_a_dataset_means_the_default_one(warehouse: tuple[bigquery.Client, str]) -> None:
    client, dataset = warehouse
    config = bigquery.QueryJobConfig(default_dataset=f"tests.{dataset}")
    assert [row.n for row in client.query("SELECT COUNT(*) AS n FROM refusals", job_config=config).result()] == [0]


def test_tables_outlive_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    for visit in range(2):
        with Processes(tmp_path / "logs") as processes:
            server = processes.start(
                "bq", "earshot.local.bigquery_emulator", "--port", port, "--folder", tmp_path / "kept"
            )
            server.wait(f"http://127.0.0.1:{port}/healthz")
            resources.make_tables("tests", "earshot")
            client = google_clients.bigquery("tests")
            client.query(f"INSERT INTO `tests.earshot.refusals` (gcp_url, shard) VALUES ('gs://b/{visit}', 1)").result()
            rows = client.query("SELECT gcp_url FROM `tests.earshot.refusals` ORDER BY gcp_url").result()
            assert [row.gcp_url for row in rows] == [f"gs://b/{n}" for n in range(visit + 1)]


def test_a_table_of_another_version_is_made_anew(bigquery_embedded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery_embedded)
    client = google_clients.bigquery("tests")
    client.create_dataset("older")
    client.create_table(bigquery.Table("tests.older.refusals", schema=[bigquery.SchemaField("gcp_url", "STRING")]))
    resources.make_tables("tests", "older")
    client.query("INSERT INTO `tests.older.refusals` (gcp_url, shard) VALUES ('gs://b/o', 1)").result()
    kept = [field.name for field in client.get_table("tests.older.refusals").schema]
    assert kept == [column.name for column in columns("refusals")]


@pytest.mark.parametrize("server", ["stand_in", pytest.param("official", marks=pytest.mark.official)])
def test_topics_and_pushes_are_wired_as_in_the_cloud(
    server: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", request.getfixturevalue(f"pubsub_{server}"))
    project = f"p-{uuid.uuid4().hex}"
    for _ in range(2):
        resources.make_topics(project)
        functions = ("downloader", "analyser", "tagger", "committer")
        resources.make_pushes(project, {name: f"http://127.0.0.1:{n}/" for n, name in enumerate(functions, 1)})
    with pubsub_v1.SubscriberClient() as client:
        kept = {sub.name.split("/")[-1]: sub for sub in client.list_subscriptions(project=f"projects/{project}")}
    dead = {"audio-found-dead", "audio-stored-dead", "rows-dead"}
    assert kept.keys() == {"downloader", "analyser", "tagger", "committer", "rows"} | dead
    assert kept["rows"].enable_message_ordering
    assert kept["rows"].topic == kept["committer"].topic
    assert not kept["committer"].dead_letter_policy.dead_letter_topic
    assert [kept[function].enable_message_ordering for function in ("downloader", "analyser")] == [True, False]
    assert kept["downloader"].push_config.push_endpoint == f"http://127.0.0.1:1/projects/{project}/topics/audio-found"
    assert kept["analyser"].dead_letter_policy.dead_letter_topic == f"projects/{project}/topics/audio-stored-dead"
    assert kept["analyser"].ack_deadline_seconds == 600


def test_the_bucket_is_made_once(storage_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    name = f"b-{uuid.uuid4().hex}"
    resources.make_bucket("tests", name)
    storage.Client(project="tests").bucket(name).blob("audio/a").upload_from_string(b"x")
    resources.make_bucket("tests", name)
    assert storage.Client(project="tests").bucket(name).blob("audio/a").exists()
