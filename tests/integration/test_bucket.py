"""Our shelf against a real local Cloud Storage, through Google's client."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from google.cloud import storage

from earshot.adapters.bucket import Bucket
from earshot.audio import Labels, Refusal, audio_id, now
from earshot.errors import ComeAgain, TooLarge

URL = "https://example.org/a.wav"
ID = audio_id(URL)


@pytest.fixture
def shelf(storage_server, monkeypatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    return Bucket(storage.Client(project="tests").create_bucket(f"b-{uuid.uuid4().hex}"))


def put(shelf, body, labels=None, replaces=0):
    with shelf.incoming(ID) as incoming:
        with incoming.writer("audio/wav") as file:
            for start in range(0, len(body), 100_000):
                file.write(body[start : start + 100_000])
        labels = labels or Labels(source_url=URL, content_sha256=sha256(body).hexdigest())
        return incoming.put(f"audio/{ID}.wav", labels, "audio/wav", replaces=replaces)


def names(shelf):
    return sorted(blob.name for blob in shelf.bucket.list_blobs())


@pytest.mark.parametrize("size", [1, 100_000, 5_000_000])
def test_bytes_arrive_whole_and_nothing_is_left_on_the_way(shelf, size, tmp_path):
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    kept = put(shelf, body)
    assert shelf.download(kept, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == body
    assert (kept.bytes, kept.content_type, names(shelf)) == (size, "audio/wav", [f"audio/{ID}.wav"])


def test_an_object_appears_with_all_its_labels(shelf):
    labels = Labels(source_url=URL, page_title="Zwölf Ärzte", fetched_at=now(), http_status=200)
    assert put(shelf, b"x", labels).labels == labels
    assert shelf.find(ID).labels == labels


def test_of_two_deliveries_the_first_is_kept(shelf):
    first = put(shelf, b"first")
    assert put(shelf, b"second") is None
    assert shelf.find(ID) == first


def test_of_many_deliveries_at_once_exactly_one_is_kept(shelf):
    barrier = threading.Barrier(8)

    def deliver(n):
        barrier.wait()
        return put(shelf, bytes([n]))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(deliver, range(8)))
    assert sum(kept is not None for kept in outcomes) == 1
    assert names(shelf) == [f"audio/{ID}.wav"]


def test_new_bytes_replace_the_generation_they_name(shelf):
    first = put(shelf, b"first")
    second = put(shelf, b"second", replaces=first.generation)
    assert second.generation > first.generation
    assert put(shelf, b"third", replaces=first.generation) is None


@pytest.mark.parametrize("size", [10, 5_000_000])
def test_a_transfer_that_fails_leaves_nothing(shelf, size):
    def transfer():
        with shelf.incoming(ID) as incoming, incoming.writer("audio/wav") as file:
            file.write(bytes(size))
            raise TooLarge("enough")

    with pytest.raises(TooLarge):
        transfer()
    assert names(shelf) == []


def test_a_generation_that_was_replaced_is_not_read(shelf, tmp_path):
    first = put(shelf, b"first")
    put(shelf, b"second", replaces=first.generation)
    assert not shelf.download(first, tmp_path / "file")


def test_what_is_not_there_is_none(shelf):
    assert shelf.find(ID) is None
    assert shelf.describe("audio/none.wav") is None
    assert shelf.refusal(ID) is None


def test_a_refusal_is_kept_and_can_say_more_later(shelf):
    refusal = Refusal(audio_id=ID, stage="downloader", reason="source_gone", first_seen=now(), last_seen=now())
    shelf.refuse(refusal)
    shelf.refuse(refusal.model_copy(update={"attempts": 2}))
    assert shelf.refusal(ID).attempts == 2


def test_a_file_dropped_by_hand_is_described_without_labels(shelf):
    shelf.bucket.blob("audio/my talk.wav").upload_from_string(b"x", content_type="audio/wav")
    assert shelf.describe("audio/my talk.wav").labels == Labels()


def test_a_bucket_that_is_not_there_is_a_reason_to_come_again(shelf):
    nowhere = Bucket(shelf.bucket.client.bucket("nowhere"))
    with pytest.raises(ComeAgain, match="keeping refused"):
        nowhere.refuse(Refusal(audio_id=ID, stage="downloader", reason="empty", first_seen=now(), last_seen=now()))


def test_a_removed_recording_is_gone_whatever_its_extension_and_removing_it_again_is_harmless(shelf):
    put(shelf, b"sound")
    shelf.remove(ID)
    shelf.remove(ID)
    assert names(shelf) == []


def test_withdrawn_hosts_add_up(shelf):
    assert shelf.withdrawn_hosts() == frozenset()
    for host in ("b.example", "a.example", "b.example"):
        shelf.withdraw_host(host)
    assert shelf.withdrawn_hosts() == {"a.example", "b.example"}


def test_a_writer_that_meets_another_is_a_reason_to_come_again(shelf):
    with shelf.incoming(ID) as incoming:
        incoming.blob.upload_from_string(b"somebody else's")

        def write():
            with incoming.writer("audio/wav") as file:
                file.write(b"ours")

        with pytest.raises(ComeAgain, match="writing incoming"):
            write()


def test_other_labels_are_news_only_when_meant_to_be(shelf):
    kept = put(shelf, b"x" * 100)
    quiet = kept.labels.model_copy(update={"checked_at": now()})
    shelf.relabel(kept, quiet, as_news=False)
    after = shelf.find(ID)
    assert (after.generation, after.labels.checked_at is not None) == (kept.generation, True)
    shelf.relabel(after, after.labels.model_copy(update={"removed_at_source": now()}), as_news=True)
    gone = shelf.find(ID)
    assert gone.generation > kept.generation
    assert (gone.labels.removed_at_source is not None, gone.bytes, gone.content_type) == (True, 100, "audio/wav")


def test_labels_of_an_object_that_has_been_replaced_are_left_alone(shelf):
    kept = put(shelf, b"x" * 100)
    put(shelf, b"y" * 50, replaces=kept.generation)
    for as_news in (False, True):
        shelf.relabel(kept, kept.labels.model_copy(update={"rendition": "preview"}), as_news=as_news)
    assert (shelf.find(ID).bytes, shelf.find(ID).labels.rendition) == (50, None)


def test_names_that_begin_so_are_told_in_order(shelf):
    for name in ("references/b.wav", "references/a.wav", "references/a.flac", "audio/a.wav"):
        shelf.bucket.blob(name).upload_from_string(b"x")
    assert shelf.names("references/a.") == ["references/a.flac", "references/a.wav"]
    assert shelf.names("references/c.") == []
