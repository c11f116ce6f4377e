"""Where exports go: a folder, and a prefix of a bucket on a real local server."""

import uuid

import pytest

from earshot.adapters import google_clients
from earshot.adapters.export_destination import Buckets, Folder, Prefix
from earshot.errors import BadRequest


@pytest.fixture
def storage(storage_server, monkeypatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    return google_clients.storage("tests")


@pytest.fixture(params=["folder", "prefix"])
def destination(request, tmp_path):
    if request.param == "folder":
        return Folder(tmp_path / "out")
    storage = request.getfixturevalue("storage")
    name = f"out-{uuid.uuid4().hex}"
    storage.create_bucket(name)
    return Prefix(storage, f"gs://{name}/corpus/v1/")


def test_a_file_is_moved_to_the_destination(destination, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"sound")
    destination.put(path, "audio/train/a.wav")
    assert destination.read("audio/train/a.wav") == b"sound"
    assert destination.size("audio/train/a.wav") == 5
    assert not path.exists()


def test_a_missing_file_has_no_size_and_its_deletion_is_harmless(destination):
    assert destination.read("none") is None
    assert destination.size("none") is None
    destination.delete("none")


@pytest.mark.parametrize("url", ["gs://", "gs:///folder", "gs://-a/b", "gs://A b/c"])
def test_an_address_without_a_bucket_is_refused(storage, url):
    with pytest.raises(BadRequest, match="names no bucket"):
        Prefix(storage, url)


def test_deleting_removes_empty_folders(tmp_path):
    (tmp_path / "file").write_bytes(b"sound")
    folder = Folder(tmp_path / "out")
    folder.put(tmp_path / "file", "audio/train/aa/a.wav")
    folder.delete("audio/train/aa/a.wav")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_name_cannot_leave_the_folder(tmp_path):
    with pytest.raises(BadRequest, match="outside"):
        Folder(tmp_path / "out").delete("../precious")


def test_exactly_the_requested_generation_is_downloaded(storage, tmp_path):
    bucket = storage.create_bucket(f"bucket-{uuid.uuid4().hex}")
    blob = bucket.blob("audio/a.wav")
    blob.upload_from_string(b"first")
    first = int(blob.generation)
    url, path = f"gs://{bucket.name}/audio/a.wav", tmp_path / "a.wav"
    assert Buckets(storage).fetch(url, first, path)
    assert path.read_bytes() == b"first"
    blob.upload_from_string(b"second")
    assert not Buckets(storage).fetch(url, first, path)
