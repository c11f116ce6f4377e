"""The bucket adapter against a real local Cloud Storage, through Google's client."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from google.cloud import storage

from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.incoming_upload import CHUNK_BYTES
from earshot.adapters.withdrawn_hosts import CACHED_S, WithdrawnHosts
from earshot.audio import ObjectMetadata, Refusal, audio_id, now
from earshot.errors import ComeAgain, TooLarge

URL = "https://example.org/a.wav"
ID = audio_id(URL)


@pytest.fixture
def store(storage_server, monkeypatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    return Bucket(storage.Client(project="tests").create_bucket(f"b-{uuid.uuid4().hex}"))


def put(store, body, metadata=None, replaces=0):
    with store.incoming(ID) as incoming:
        with incoming.writer("audio/wav") as file:
            for start in range(0, len(body), 100_000):
                file.write(body[start : start + 100_000])
        metadata = metadata or ObjectMetadata(source_url=URL, content_sha256=sha256(body).hexdigest())
        return incoming.put(f"audio/{ID}.wav", metadata, "audio/wav", replaces=replaces)


def names(store):
    return sorted(blob.name for blob in store.bucket.list_blobs())


@pytest.mark.parametrize("size", [1, 100_000, 5_000_000])
def test_bytes_arrive_whole_and_nothing_is_left_on_the_way(store, size, tmp_path):
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    kept = put(store, body)
    assert store.download(kept, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == body
    assert (kept.bytes, kept.content_type, names(store)) == (size, "audio/wav", [f"audio/{ID}.wav"])


def test_an_object_appears_with_all_its_metadata(store):
    metadata = ObjectMetadata(source_url=URL, page_title="Zwölf Ärzte", fetched_at=now(), http_status=200)
    assert put(store, b"x", metadata).metadata == metadata
    assert store.find(ID).metadata == metadata


def test_of_two_deliveries_the_first_is_kept(store):
    first = put(store, b"first")
    assert put(store, b"second") is None
    assert store.find(ID) == first


def test_of_many_deliveries_at_once_exactly_one_is_kept(store):
    barrier = threading.Barrier(8)

    def deliver(n):
        barrier.wait()
        return put(store, bytes([n]))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(deliver, range(8)))
    assert sum(kept is not None for kept in outcomes) == 1
    assert names(store) == [f"audio/{ID}.wav"]


def test_new_bytes_replace_the_generation_they_name(store):
    first = put(store, b"first")
    second = put(store, b"second", replaces=first.generation)
    assert second.generation > first.generation
    assert put(store, b"third", replaces=first.generation) is None


@pytest.mark.parametrize("size", [10, 5_000_000])
def test_a_transfer_that_fails_leaves_nothing(store, size):
    def transfer():
        with store.incoming(ID) as incoming, incoming.writer("audio/wav") as file:
            file.write(bytes(size))
            raise TooLarge("enough")

    with pytest.raises(TooLarge):
        transfer()
    assert names(store) == []


def test_a_generation_that_was_replaced_is_not_read(store, tmp_path):
    first = put(store, b"first")
    put(store, b"second", replaces=first.generation)
    assert not store.download(first, tmp_path / "file")


def test_what_is_not_there_is_none(store):
    assert store.find(ID) is None
    assert store.describe("audio/none.wav") is None
    assert store.refusal(ID) is None


def test_a_refusal_is_kept_and_can_say_more_later(store):
    refusal = Refusal(audio_id=ID, stage="downloader", reason="source_gone", first_seen=now(), last_seen=now())
    store.refuse(refusal)
    store.refuse(refusal.model_copy(update={"attempts": 2}))
    assert store.refusal(ID).attempts == 2


def test_a_file_dropped_by_hand_is_described_without_metadata(store):
    store.bucket.blob("audio/my talk.wav").upload_from_string(b"x", content_type="audio/wav")
    assert store.describe("audio/my talk.wav").metadata == ObjectMetadata()


def test_a_bucket_that_is_not_there_is_a_reason_to_come_again(store):
    nowhere = Bucket(store.bucket.client.bucket("nowhere"))
    with pytest.raises(ComeAgain, match="keeping refused"):
        nowhere.refuse(Refusal(audio_id=ID, stage="downloader", reason="empty", first_seen=now(), last_seen=now()))


def test_a_removed_recording_is_gone_whatever_its_extension_and_removing_it_again_is_harmless(store):
    put(store, b"sound")
    store.remove(ID)
    store.remove(ID)
    assert names(store) == []


def hosts(store, clock=lambda: 0.0, slept=None):
    return WithdrawnHosts(store.bucket, timeout_s=10, clock=clock, sleep=(slept if slept is not None else []).append)


def test_withdrawn_hosts_add_up(store):
    withdrawn = hosts(store)
    assert withdrawn.read() == frozenset()
    for host in ("b.example", "a.example", "b.example"):
        withdrawn.add(host)
    assert withdrawn.read() == {"a.example", "b.example"}


def test_a_list_of_withdrawn_hosts_is_read_again_after_some_seconds(store):
    moment = [100.0]
    reader = hosts(store, clock=lambda: moment[0])
    assert reader.read() == frozenset()
    hosts(store).add("a.example")
    moment[0] += CACHED_S - 0.01
    assert reader.read() == frozenset()
    moment[0] += 0.01
    assert reader.read() == {"a.example"}


def test_a_withdrawal_of_a_host_waits_until_no_process_uses_a_list_without_it(store):
    slept = []
    hosts(store, slept=slept).add("a.example")
    assert slept == [CACHED_S]


def requests_of(store, monkeypatch):
    """Method and path of each request, as they come."""
    sent = []
    session = store.bucket.client._http
    request = session.request

    def counted(method, url, **more):
        sent.append((method, urlsplit(url).path))
        return request(method, url, **more)

    monkeypatch.setattr(session, "request", counted)
    return sent


def test_a_small_recording_is_stored_by_one_request(store, monkeypatch):
    sent = requests_of(store, monkeypatch)
    put(store, bytes(CHUNK_BYTES))
    assert sent == [("POST", f"/upload/storage/v1/b/{store.bucket.name}/o")]


def test_a_recording_that_is_larger_than_a_chunk_is_staged_and_renamed(store, monkeypatch):
    sent = requests_of(store, monkeypatch)
    kept = put(store, bytes(CHUNK_BYTES + 1))
    assert kept.bytes == CHUNK_BYTES + 1
    assert [method for method, path in sent if "/rewriteTo/" in path] == ["POST"]
    assert [method for method, _path in sent] == ["POST", "PUT", "PUT", "POST", "DELETE"]


@pytest.mark.parametrize("size", [100, CHUNK_BYTES + 1])
def test_bytes_that_are_not_put_leave_nothing(store, size):
    with store.incoming(ID) as incoming, incoming.writer("audio/wav") as file:
        file.write(bytes(size))
    assert names(store) == []


def test_an_object_that_is_not_found_causes_one_request(store, monkeypatch):
    client = google_clients.storage("tests")
    sent = requests_of(Bucket(client.bucket(store.bucket.name)), monkeypatch)
    assert Bucket(client.bucket(store.bucket.name)).refusal(ID) is None
    assert len(sent) == 1


def test_a_writer_that_meets_another_is_a_reason_to_come_again(store):
    with store.incoming(ID) as incoming:
        incoming.upload.blob.upload_from_string(b"somebody else's")

        def write():
            with incoming.writer("audio/wav") as file:
                file.write(bytes(CHUNK_BYTES + 1))

        with pytest.raises(ComeAgain, match="writing incoming"):
            write()


def test_other_metadata_notify_only_when_meant_to(store):
    kept = put(store, b"x" * 100)
    quiet = kept.metadata.model_copy(update={"checked_at": now()})
    store.update_metadata(kept, quiet, notify=False)
    after = store.find(ID)
    assert (after.generation, after.metadata.checked_at is not None) == (kept.generation, True)
    store.update_metadata(after, after.metadata.model_copy(update={"removed_at_source": now()}), notify=True)
    gone = store.find(ID)
    assert gone.generation > kept.generation
    assert (gone.metadata.removed_at_source is not None, gone.bytes, gone.content_type) == (True, 100, "audio/wav")


def test_metadata_of_an_object_that_has_been_replaced_are_left_alone(store):
    kept = put(store, b"x" * 100)
    put(store, b"y" * 50, replaces=kept.generation)
    for notify in (False, True):
        store.update_metadata(kept, kept.metadata.model_copy(update={"rendition": "preview"}), notify=notify)
    assert (store.find(ID).bytes, store.find(ID).metadata.rendition) == (50, None)


def test_names_that_begin_so_are_listed_in_order(store):
    for name in ("references/b.wav", "references/a.wav", "references/a.flac", "audio/a.wav"):
        store.bucket.blob(name).upload_from_string(b"x")
    assert store.names("references/a.") == ["references/a.flac", "references/a.wav"]
    assert store.names("references/c.") == []
