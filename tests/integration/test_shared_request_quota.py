"""What the scraper keeps in and reads from Cloud Storage: the budget that all instances share, lists of URLs."""

import gzip
import threading
import uuid
from pathlib import Path

import pytest
from google.cloud import storage

from earshot.adapters.shared_request_quota import RequestQuota, StoredObject
from earshot.adapters.url_list_reader import UrlListReader
from earshot.errors import BadUrl, ComeAgain, SourceGone


@pytest.fixture
def bucket(storage_server: str, monkeypatch: pytest.MonkeyPatch) -> storage.Bucket:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    return storage.Client(project="tests").create_bucket(f"b-{uuid.uuid4().hex}")


def test_instances_that_ask_at_once_share_one_budget(bucket: storage.Bucket) -> None:
    taken: list[int] = []
    refused: list[float | None] = []

    def instance() -> None:
        store = StoredObject(lambda: bucket, "budgets/api.json")
        quota = RequestQuota(store, per_minute=10, per_day=100, sleep=lambda seconds: None)
        for _ in range(4):
            try:
                quota.take()
            except ComeAgain as error:
                refused.append(error.retry_after_s)
            else:
                taken.append(1)

    threads = [threading.Thread(target=instance) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 10
    assert all(wait_s is None or 0 < wait_s <= 60 for wait_s in refused)


def test_a_list_in_a_bucket_is_read_line_by_line(bucket: storage.Bucket) -> None:
    bucket.blob("urls.txt").upload_from_string("http://a.example/\r\nhttp://b.example/ü\n\nlast")
    bucket.blob("urls.txt.gz").upload_from_string(gzip.compress(b"http://c.example/\n" * 10_000))
    bucket.blob("broken.gz").upload_from_string(b"http://c.example/\n")
    client = bucket.client
    lists = UrlListReader(lambda: client)
    name = f"gs://{bucket.name}"
    assert list(lists.lines(f"{name}/urls.txt")) == ["http://a.example/", "http://b.example/ü", "", "last"]
    assert sum(1 for _ in lists.lines(f"{name}/urls.txt.gz")) == 10_000
    with pytest.raises(SourceGone):
        list(lists.lines(f"{name}/none.txt"))
    with pytest.raises(BadUrl):
        list(lists.lines(f"{name}/broken.gz"))


def test_a_file_of_this_machine_is_a_list_only_for_a_person_at_it(tmp_path: Path) -> None:
    path = tmp_path / "urls.txt"
    path.write_text("http://a.example/\n")
    nobody = UrlListReader(lambda: pytest.fail("no bucket is asked"))
    with pytest.raises(BadUrl):
        list(nobody.lines(str(path)))
    person = UrlListReader(lambda: pytest.fail("no bucket is asked"), local=True)
    assert list(person.lines(f"file://{path}")) == list(person.lines(str(path))) == ["http://a.example/"]
