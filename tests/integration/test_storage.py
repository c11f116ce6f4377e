"""What the local Cloud Storage promises, through Google's client."""

import base64
import hashlib
import http.client
import json
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud import pubsub_v1, storage
from google.cloud.storage.exceptions import InvalidResponse

from earshot.local.storage.server import Server

PATIENCE_S = 30


@dataclass
class ReceivedNotifications:
    """A subscription to the changes of one bucket."""

    client: pubsub_v1.SubscriberClient
    name: str

    def next(self, count: int = 1) -> list[dict[str, Any]]:
        got: list[dict[str, Any]] = []
        while len(got) < count:
            request = {"subscription": self.name, "max_messages": 1}
            for received in self.client.pull(request=request, timeout=PATIENCE_S).received_messages:
                self.client.acknowledge(request={"subscription": self.name, "ack_ids": [received.ack_id]})
                resource = json.loads(received.message.data)
                got.append({**received.message.attributes, "resource": resource})
        return got


@pytest.fixture
def bucket(storage_server: str, monkeypatch: pytest.MonkeyPatch) -> storage.Bucket:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    return storage.Client(project="tests").create_bucket(f"b-{uuid.uuid4().hex}")


@pytest.fixture
def notifications(
    bucket: storage.Bucket, pubsub_stand_in: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ReceivedNotifications]:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub_stand_in)
    client = pubsub_v1.SubscriberClient()
    name = f"projects/tests/subscriptions/s-{uuid.uuid4().hex}"
    mine = f'attributes.bucketId = "{bucket.name}"'
    client.create_subscription(request={"name": name, "topic": "projects/tests/topics/changes", "filter": mine})
    yield ReceivedNotifications(client, name)
    client.close()


def content(size: int, seed: int = 0) -> bytes:
    return hashlib.shake_256(seed.to_bytes(4)).digest(size)


def upload(bucket: storage.Bucket, name: str, data: bytes = b"x", **conditions: Any) -> storage.Blob:
    blob = bucket.blob(name)
    blob.upload_from_string(data, **conditions)
    return blob


def stream(bucket: storage.Bucket, name: str, data: bytes, **options: Any) -> storage.Blob:
    blob = bucket.blob(name)
    with blob.open("wb", chunk_size=256 * 1024, **options) as file:
        for start in range(0, len(data), 100_000):
            file.write(data[start : start + 100_000])
    return blob


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, 256 * 1024 + 1, 3_000_000])
def test_what_is_streamed_in_comes_out_unchanged(bucket: storage.Bucket, size: int) -> None:
    stream(bucket, "audio/a", content(size))
    kept = bucket.get_blob("audio/a")
    assert kept.size == size
    assert kept.md5_hash == base64.b64encode(hashlib.md5(content(size)).digest()).decode()
    assert kept.download_as_bytes() == content(size)
    assert kept.download_as_bytes(start=0, end=9) == content(size)[:10] if size else True


def test_metadata_outside_latin_1_survive_upload_and_download(bucket: storage.Bucket) -> None:
    blob = bucket.blob("audio/a")
    blob.metadata = {"page_title": "Übung, 日本語"}
    blob.upload_from_string(b"x", content_type="audio/flac")
    kept = bucket.get_blob("audio/a")
    assert (kept.metadata, kept.content_type) == ({"page_title": "Übung, 日本語"}, "audio/flac")
    assert kept.download_as_bytes() == b"x"


def test_only_the_first_upload_may_create(bucket: storage.Bucket) -> None:
    first = upload(bucket, "audio/a", b"first", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        upload(bucket, "audio/a", b"second", if_generation_match=0)
    assert bucket.get_blob("audio/a").generation == first.generation
    assert first.download_as_bytes() == b"first"


def test_an_upload_may_replace_the_generation_that_it_knows(bucket: storage.Bucket) -> None:
    first = upload(bucket, "audio/a", b"1")
    second = upload(bucket, "audio/a", b"2", if_generation_match=first.generation)
    assert second.generation > first.generation
    with pytest.raises(PreconditionFailed):
        upload(bucket, "audio/a", b"3", if_generation_match=first.generation)


def test_the_condition_of_a_streamed_upload_is_checked_when_it_ends(bucket: storage.Bucket) -> None:
    late = bucket.blob("audio/a").open("wb", chunk_size=256 * 1024, if_generation_match=0)
    late.write(content(600_000))
    upload(bucket, "audio/a", b"was quicker")
    with pytest.raises(InvalidResponse, match="412"):
        late.close()
    assert bucket.blob("audio/a").download_as_bytes() == b"was quicker"


@pytest.mark.parametrize("way", [upload, stream])
def test_of_writers_that_race_exactly_one_creates(bucket: storage.Bucket, way: Any) -> None:
    writers, start = 8, Barrier(8)

    def race(n: int) -> bool:
        start.wait(PATIENCE_S)
        try:
            way(bucket, "audio/a", content(300_000, n), if_generation_match=0)
        except (PreconditionFailed, InvalidResponse):
            return False
        return True

    with ThreadPoolExecutor(writers) as pool:
        won = list(pool.map(race, range(writers)))
    assert won.count(True) == 1
    assert bucket.blob("audio/a").download_as_bytes() == content(300_000, won.index(True))


def test_a_later_finish_is_a_newer_generation_whatever_began_first(bucket: storage.Bucket) -> None:
    early = bucket.blob("audio/a").open("wb", chunk_size=256 * 1024)
    early.write(content(300_000))
    meanwhile = upload(bucket, "audio/a", b"meanwhile")
    early.close()
    assert bucket.get_blob("audio/a").generation > meanwhile.generation


def test_an_upload_that_fails_midway_leaves_nothing(bucket: storage.Bucket) -> None:
    def break_off() -> None:
        with bucket.blob("audio/a").open("wb", chunk_size=256 * 1024) as file:
            file.write(content(600_000))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()
    assert bucket.get_blob("audio/a") is None


def test_a_rewrite_takes_its_metadata_from_the_destination(bucket: storage.Bucket) -> None:
    source = stream(bucket, "incoming/a/1", content(600_000), content_type="application/octet-stream")
    target = bucket.blob("audio/a.flac")
    target.metadata, target.content_type = {"source_url": "https://example.org/a"}, "audio/flac"
    assert target.rewrite(source, if_generation_match=0) == (None, 600_000, 600_000)
    kept = bucket.get_blob("audio/a.flac")
    assert (kept.metadata, kept.content_type) == ({"source_url": "https://example.org/a"}, "audio/flac")
    assert kept.download_as_bytes() == content(600_000)
    with pytest.raises(PreconditionFailed):
        bucket.blob("audio/a.flac").rewrite(source, if_generation_match=0)
    assert bucket.get_blob("audio/a.flac").generation == kept.generation


def test_a_rewrite_from_a_generation_that_is_gone_is_refused(bucket: storage.Bucket) -> None:
    source = upload(bucket, "incoming/a", b"old")
    upload(bucket, "incoming/a", b"new")
    with pytest.raises(NotFound):
        bucket.blob("audio/a").rewrite(source, if_source_generation_match=source.generation)
    assert bucket.get_blob("audio/a") is None


def test_copy_keeps_metadata_and_compose_joins_bytes(bucket: storage.Bucket) -> None:
    first = bucket.blob("incoming/1")
    first.metadata = {"language": "de"}
    first.upload_from_string(b"one ", content_type="audio/wav")
    copied = bucket.copy_blob(first, bucket, "audio/copy")
    assert (copied.metadata, copied.content_type) == ({"language": "de"}, "audio/wav")
    joined = bucket.blob("audio/joined")
    joined.compose([first, upload(bucket, "incoming/2", b"two")], if_generation_match=0)
    assert joined.download_as_bytes() == b"one two"
    with pytest.raises(PreconditionFailed):
        joined.compose([first], if_generation_match=0)


def test_a_delete_or_a_patch_may_name_the_generation_it_means(bucket: storage.Bucket) -> None:
    old = upload(bucket, "audio/a", b"old")
    new = upload(bucket, "audio/a", b"new")
    with pytest.raises(PreconditionFailed):
        bucket.blob("audio/a").delete(if_generation_match=old.generation)
    new.metadata = {"reference": "gs://b/r"}
    with pytest.raises(PreconditionFailed):
        new.patch(if_generation_match=old.generation)
    new.patch(if_metageneration_match=1)
    kept = bucket.get_blob("audio/a")
    assert (kept.metadata, kept.metageneration, kept.generation) == ({"reference": "gs://b/r"}, 2, new.generation)
    kept.delete(if_generation_match=new.generation)
    assert bucket.get_blob("audio/a") is None


def test_a_replaced_generation_cannot_be_read(bucket: storage.Bucket) -> None:
    old = upload(bucket, "audio/a", b"old")
    upload(bucket, "audio/a", b"new")
    with pytest.raises(NotFound):
        bucket.blob("audio/a", generation=old.generation).download_as_bytes()
    with pytest.raises(PreconditionFailed):
        bucket.blob("audio/a").download_as_bytes(if_generation_match=old.generation)


def test_a_list_knows_prefixes_and_comes_in_pages(bucket: storage.Bucket) -> None:
    for name in ("audio/c", "audio/b", "audio/a", "refused/d"):
        upload(bucket, name)
    pages = [[blob.name for blob in page] for page in bucket.list_blobs(prefix="audio/", page_size=2).pages]
    assert pages == [["audio/a", "audio/b"], ["audio/c"]]
    assert [blob.name for blob in bucket.list_blobs(prefix="audio/", max_results=1)] == ["audio/a"]


def test_the_notification_of_a_finished_object_is_what_the_service_sends(
    bucket: storage.Bucket, notifications: ReceivedNotifications
) -> None:
    upload(bucket, "incoming/unwatched")
    blob = stream(bucket, "audio/a.wav", content(600_000), content_type="audio/wav")
    (message,) = notifications.next()
    resource = message.pop("resource")
    assert message == {
        "notificationConfig": f"projects/_/buckets/{bucket.name}/notificationConfigs/1",
        "eventType": "OBJECT_FINALIZE",
        "payloadFormat": "JSON_API_V1",
        "bucketId": bucket.name,
        "objectId": "audio/a.wav",
        "objectGeneration": str(bucket.get_blob("audio/a.wav").generation),
        "eventTime": resource["updated"],
    }
    assert (resource["size"], resource["contentType"], resource["generation"]) == (
        "600000",
        "audio/wav",
        message["objectGeneration"],
    )
    assert blob.name == resource["name"]


def test_a_rewrite_to_a_watched_name_is_one_notification(
    bucket: storage.Bucket, notifications: ReceivedNotifications
) -> None:
    source = stream(bucket, "incoming/a", content(300_000))
    target = bucket.blob("audio/a")
    target.metadata = {"language": "de"}
    target.rewrite(source, if_generation_match=0)
    source.delete()
    upload(bucket, "refused/last.json")
    message = notifications.next(2)
    assert [(one["eventType"], one["objectId"]) for one in message] == [
        ("OBJECT_FINALIZE", "audio/a"),
        ("OBJECT_FINALIZE", "refused/last.json"),
    ]
    assert message[0]["resource"]["metadata"] == {"language": "de"}


def test_replacing_and_deleting_are_message_with_both_generations(
    bucket: storage.Bucket, notifications: ReceivedNotifications
) -> None:
    old = upload(bucket, "audio/a", b"old")
    new = upload(bucket, "audio/a", b"new")
    new.delete()
    facts = ("eventType", "objectGeneration", "overwroteGeneration", "overwrittenByGeneration")
    message = [tuple(one.get(fact) for fact in facts) for one in notifications.next(4)]
    assert message == [
        ("OBJECT_FINALIZE", str(old.generation), None, None),
        ("OBJECT_DELETE", str(old.generation), None, str(new.generation)),
        ("OBJECT_FINALIZE", str(new.generation), str(old.generation), None),
        ("OBJECT_DELETE", str(new.generation), None, None),
    ]


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(tmp_path)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.host)
    before = storage.Client(project="tests").create_bucket("kept").blob("audio/a")
    before.metadata = {"language": "de"}
    before.upload_from_string(b"x")
    server.stop()
    server = Server(tmp_path)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.host)
    kept = storage.Client(project="tests").bucket("kept").get_blob("audio/a")
    assert (kept.generation, kept.metadata, kept.download_as_bytes()) == (before.generation, before.metadata, b"x")
    server.stop()


def test_a_request_whose_sender_was_killed_changes_nothing(storage_server, bucket):
    """A short body must not be taken for a shorter object."""
    host, port = storage_server.removeprefix("http://").split(":")
    head = (
        f"POST /upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=torn HTTP/1.1\r\n"
        f"Host: {host}\r\nContent-Type: audio/wav\r\nContent-Length: 100\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as sender:
        sender.sendall(head.encode() + b"only this")
        sender.shutdown(socket.SHUT_WR)
        assert sender.recv(1024) == b""
    assert not bucket.blob("torn").exists()


def test_a_connection_serves_many_requests_and_ends_with_the_server(tmp_path: Path) -> None:
    server = Server(tmp_path)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    connection.connect()
    sock = connection.sock
    for path in ("/storage/v1/b/none/o/none", "/storage/v1/b/none"):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, connection.sock) == (404, sock)
    server.stop()
    assert sock.recv(1) == b""
