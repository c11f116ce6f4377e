"""Archives of public sets over a local server: resumed, checked, and said to be moved or changed."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from earshot.adapters import download_dataset_archives
from earshot.adapters.download_dataset_archives import (
    Archive,
    ArchiveChanged,
    ArchiveMoved,
    download,
    kaggle_archive,
    kaggle_key,
    web_archives,
    zenodo_archives,
)
from earshot.errors import BadRequest, ComeAgain

BODY = bytes(range(256)) * 4000
MD5 = hashlib.md5(BODY).hexdigest()


class Publisher(ThreadingHTTPServer):
    """Serves one archive; `cut` answers break off after that many bytes."""

    def __init__(self) -> None:
        self.body, self.cut, self.ranges, self.user = BODY, [], [], ""
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Publisher

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/api/records/7":
            files = [{"key": "set.tgz", "size": len(BODY), "checksum": f"md5:{MD5}"}]
            self._send(200, json.dumps({"files": files}).encode(), "application/json")
        elif path == "/page":
            self._send(200, b"<html>", "text/html; charset=utf-8")
        elif path.startswith("/api/v1/datasets/download/") and not self.headers.get("Authorization", ""):
            self._send(403, b"{}", "application/json")
        elif path.startswith(("/api/records/7/files", "/api/v1/datasets", "/set.tgz")):
            self._archive()
        else:
            self._send(404, b"", "text/plain")

    def _archive(self) -> None:
        body, start = self.server.body, 0
        tag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
        asked = self.headers.get("Range")
        if asked:
            self.server.ranges.append(asked)
        if asked and self.headers.get("If-Range") == tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        part = body[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", "application/gzip")
        self.send_header("Content-Length", str(len(part)))
        self.send_header("ETag", tag)
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.server.cut:
            self.wfile.write(part[: self.server.cut.pop(0)])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
        else:
            self.wfile.write(part)

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def publisher(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Publisher()
    yield server
    server.shutdown()
    server.server_close()


def silently(_done: int, _of: int) -> None:
    return


def the_archive(publisher, **fields) -> Archive:
    return Archive(
        **({"url": f"{publisher.url}/set.tgz", "name": "set.tgz", "size": 0, "checksum": "", "page": "p"} | fields)
    )


def test_a_record_of_zenodo_names_sizes_and_checksums(publisher, tmp_path) -> None:
    (archive,) = zenodo_archives("7", ("set.tgz",), "page", publisher.url)
    assert (archive.size, archive.checksum) == (len(BODY), f"md5:{MD5}")
    assert download(archive, tmp_path / "set.tgz", silently).read_bytes() == BODY


def test_a_download_that_breaks_off_goes_on_where_it_did(publisher, tmp_path) -> None:
    publisher.cut = [300_000, 200_000]
    seen: list[int] = []
    path = download(the_archive(publisher), tmp_path / "set.tgz", lambda done, _of: seen.append(done))
    assert path.read_bytes() == BODY
    first, second = (int(asked.removeprefix("bytes=")[:-1]) for asked in publisher.ranges)
    assert 300_000 - download_dataset_archives.BLOCK < first <= 300_000 < second <= 500_000
    assert seen[-1] == len(BODY)


def test_what_changed_between_two_parts_is_fetched_from_its_start(publisher, tmp_path) -> None:
    publisher.cut = [300_000]
    monkey = the_archive(publisher)
    partial = tmp_path / "set.tgz.part"
    partial.write_bytes(b"old" * 1000)
    (tmp_path / "set.tgz.part.etag").write_text('"older"')
    assert download(monkey, tmp_path / "set.tgz", silently).read_bytes() == BODY


def test_another_checksum_than_the_publisher_s_is_an_error(publisher, tmp_path) -> None:
    with pytest.raises(ArchiveChanged, match="its publisher says 00"):
        download(the_archive(publisher, checksum="md5:00"), tmp_path / "set.tgz", silently)
    assert not (tmp_path / "set.tgz").exists()
    with pytest.raises(ArchiveChanged, match="larger than the 10 bytes"):
        download(the_archive(publisher, size=10), tmp_path / "set.tgz", silently)


def test_an_archive_that_changed_since_it_was_first_fetched_says_so(publisher, tmp_path) -> None:
    path = download(the_archive(publisher), tmp_path / "set.tgz", silently)
    path.unlink()
    publisher.body = BODY[::-1]
    with pytest.raises(ArchiveChanged, match="has changed since it was first fetched"):
        download(the_archive(publisher), tmp_path / "set.tgz", silently)


def test_an_archive_that_moved_says_so_and_names_its_page(publisher, tmp_path) -> None:
    for address in ("/gone.tgz", "/page"):
        with pytest.raises(ArchiveMoved, match=r"has moved.*see-here"):
            web_archives((f"{publisher.url}{address}",), "see-here")
    with pytest.raises(ArchiveMoved, match=r"other\.tgz is no longer in the record; it has set\.tgz"):
        zenodo_archives("7", ("other.tgz",), "page", publisher.url)


def test_a_server_that_never_finishes_is_worth_another_run(publisher, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(download_dataset_archives.time, "sleep", lambda _s: None)
    publisher.cut = [100_000] * download_dataset_archives.MOST_TRIES
    with pytest.raises(ComeAgain):
        download(the_archive(publisher), tmp_path / "set.tgz", silently)
    assert (tmp_path / "set.tgz.part").stat().st_size > 0
    assert download(the_archive(publisher), tmp_path / "set.tgz", silently).read_bytes() == BODY


def test_kaggle_wants_a_key_that_only_its_owner_reads(publisher, tmp_path) -> None:
    (archive,) = kaggle_archive("owner/set", "page", publisher.url)
    key = tmp_path / "kaggle.json"
    with pytest.raises(BadRequest, match="Create New Token"):
        kaggle_key(key)
    key.write_text(json.dumps({"username": "me", "key": "secret"}))
    key.chmod(0o644)
    with pytest.raises(BadRequest, match="chmod 600"):
        kaggle_key(key)
    key.chmod(0o600)
    assert download(archive, tmp_path / "set.zip", silently, kaggle_key(key)).read_bytes() == BODY


def test_an_archive_larger_than_the_disk_is_refused_before_it_is_fetched(publisher, tmp_path) -> None:
    with pytest.raises(BadRequest, match="bytes free"):
        download(the_archive(publisher, size=1 << 60), tmp_path / "set.tgz", silently)
