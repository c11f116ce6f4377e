"""Rows published and pulled, on the Pub/Sub stand-in through Google's client."""

from datetime import UTC, datetime

import pytest

from earshot.adapters import google_clients
from earshot.adapters.row_publisher import RowPublisher
from earshot.adapters.row_queue import RowQueue
from earshot.adapters.schema import ORDER, columns
from earshot.audio import shard
from earshot.local import resources
from earshot.local.pubsub.grpc_server import Server

URL = "gs://recordings/audio/a.wav"
MOMENT = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def topic(monkeypatch):
    server = Server()
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.host)
    resources.make_topics("tests")
    publisher = google_clients.publisher()
    with google_clients.subscriber() as subscriber:
        queue = RowQueue(lambda: subscriber, lambda: publisher, "tests", "rows")
        yield RowPublisher(lambda: publisher, "tests", "rows", commit="0123456789ab"), queue
    publisher.stop()
    server.stop()


def row(url=URL, **more):
    return {
        "gcp_url": url,
        "file_name": "a.wav",
        "duration_ms": 1000,
        "loudness": -20.0,
        "classification": "Medium Energy",
        "shard": shard(url),
        "generation": 1,
        "analyser_version": 1,
        "analysed_at": MOMENT,
        **more,
    }


def test_a_row_arrives_with_its_types(topic):
    publisher, queue = topic
    publisher.table("audio_metadata").upsert(row(bytes=2**53 + 1, is_silent=False, pesq=float("nan")))
    (queued,) = queue.pull(10)
    assert (queued.kind, queued.table, queued.error) == ("audio_metadata", "audio_metadata", None)
    assert (queued.row["analysed_at"], queued.row["bytes"], queued.row["is_silent"]) == (MOMENT, 2**53 + 1, False)
    assert "pesq" not in queued.row


@pytest.mark.parametrize("table", ORDER)
def test_a_row_of_every_table_names_the_commit_that_produced_it(topic, table):
    publisher, queue = topic
    wanted = {column.name for column in columns(table)}
    key = {"task": "content", "reason": "source_gone", "stage": "downloader"}
    publisher.table(table).upsert({name: value for name, value in (row() | key).items() if name in wanted})
    assert [queued.row["analysed_by"] for queued in queue.pull(10)] == ["0123456789ab"]


def test_a_row_that_does_not_fit_its_table_is_not_published(topic):
    publisher, queue = topic
    with pytest.raises(ValueError, match="volume"):
        publisher.table("audio_metadata").upsert(row(volume=11))
    assert queue.pull(10) == []


def test_a_mark_comes_after_the_row_that_it_marks(topic):
    publisher, queue = topic
    mark = {"gcp_url": URL, "shard": shard(URL), "generation": 1, "removed_at": MOMENT, "removed_because": "deleted"}
    publisher.table("audio_metadata").upsert(row())
    publisher.removals("audio_metadata").upsert(mark)
    (first,) = queue.pull(1)
    queue.release([first])
    (again,) = queue.pull(1)
    assert again.kind == "audio_metadata"
    queue.acknowledge([again])
    (second,) = queue.pull(10)
    assert (second.kind, second.row["removed_at"]) == ("removals", MOMENT)


def test_a_released_row_comes_again_and_an_acknowledged_one_does_not(topic):
    publisher, queue = topic
    publisher.table("audio_metadata").upsert(row())
    queue.release(queue.pull(10))
    pulled = queue.pull(10)
    assert len(pulled) == 1
    queue.acknowledge(pulled)
    assert queue.pull(10) == []


def test_a_rejected_row_is_a_dead_letter_with_the_reason(topic):
    publisher, queue = topic
    publisher.table("audio_metadata").upsert(row())
    (queued,) = queue.pull(10)
    queue.reject(queued, "too loud")
    assert queue.pull(10) == []
    dead = queue.subscriber.pull(subscription="projects/tests/subscriptions/rows-dead", max_messages=10, timeout=10)
    (letter,) = dead.received_messages
    assert (letter.message.data, letter.message.attributes["reason"]) == (queued.data, "too loud")
    assert letter.message.attributes["kind"] == "audio_metadata"


@pytest.mark.parametrize("data", [b"\xff", b"[]", b'{"analysed_at": "yesterday"}'])
def test_a_message_that_cannot_be_read_carries_the_error(topic, data):
    publisher, queue = topic
    publisher.client.publish(publisher.path, data, kind="audio_metadata", table="audio_metadata").result(10)
    (queued,) = queue.pull(10)
    assert queued.error
    assert queued.data == data
