"""Files of the local bucket."""

from pathlib import Path

import pytest

from earshot.local.storage.folder import Folder


@pytest.mark.parametrize("name", ["../outside", "bucket/../../outside", "/bucket/../../../etc/passwd"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        Folder(tmp_path / "root").write_bytes(name, b"x")


def test_what_a_crash_left_unfinished_is_cleared_away(tmp_path: Path) -> None:
    Folder(tmp_path)
    (tmp_path / ".unfinished" / "half").write_bytes(b"x")
    assert Folder(tmp_path).listdir(".unfinished") == []


def test_deleting_the_last_file_leaves_the_bucket_and_no_empty_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write_bytes("bucket/incoming/a/1", b"x")
    folder.remove_file("bucket/incoming/a/1")
    assert (folder.listdir("bucket"), folder.listdir()) == ([], [".unfinished", "bucket"])


def test_appending_counts_up(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert [folder.append_bytes("a/b", b"12"), folder.append_bytes("a/b", b"345")] == [2, 5]
    assert (folder.read_bytes("a/b"), folder.size("a/b"), folder.size("a/c")) == (b"12345", 5, 0)


@pytest.mark.parametrize("absent", ["a", "a/b"])
def test_what_is_not_there_is_not_found(tmp_path: Path, absent: str) -> None:
    folder = Folder(tmp_path)
    for look in (folder.read_bytes, folder.remove_file, folder.remove_tree):
        with pytest.raises(FileNotFoundError):
            look(absent)
