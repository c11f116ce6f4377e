"""`earshot load` while the disk of the local stack runs full: a real file system of a few MiB, and a real server."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from earshot.adapters import google_clients
from earshot.cli.local_files import Local, find_audio
from earshot.cli.target import CliSettings, Target
from earshot.cli.upload_files import DiskFull, check_space, upload
from earshot.local.storage.server import Server
from tests.sounds import encoded, tone

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MiB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a file system can be mounted by root only: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def target(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    server = Server(small_disk / "storage")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.host)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "tests")
    google_clients.storage("tests").create_bucket("recordings")
    yield Target(CliSettings(bucket="recordings"), is_local=True)
    server.stop()


def files(folder: Path, *levels: float) -> list[Local]:
    folder.mkdir()
    for level in levels:
        (folder / f"{-level:g}.wav").write_bytes(encoded(tone(level_dbfs=level, seconds=40.0)))
    return [found for found in find_audio([folder]) if isinstance(found, Local)]


def test_a_disk_that_runs_full_during_an_upload_ends_it_at_once_and_nothing_is_lost(
    target: Target, small_disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, others = files(tmp_path / "first", -20.0), files(tmp_path / "others", -21.0, -22.0)
    (before,) = upload(target, first, home=small_disk).files
    statistics = os.statvfs(small_disk)
    filler = small_disk / "something else"
    filler.write_bytes(b"\0" * (statistics.f_bavail * statistics.f_frsize - MIB))
    with pytest.raises(DiskFull, match=r"is full: free some space and repeat the command; 2 files of 2 not uploaded"):
        upload(target, others, home=small_disk)
    kept = target.bucket.get_blob(before.removeprefix("gs://recordings/"))
    assert kept is not None
    assert kept.download_as_bytes() == first[0].path.read_bytes()
    assert [blob.name for blob in target.bucket.list_blobs()] == [kept.name]
    filler.unlink()
    assert len(upload(target, others, home=small_disk).files) == 2
    assert len(list(target.bucket.list_blobs())) == 3


def test_files_for_which_there_is_no_space_are_not_begun(small_disk: Path, tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match=r"has 2\d MiB free, and 1 file with a reserve .* nothing was uploaded"):
        check_space(small_disk, files(tmp_path / "files", -20.0))
