"""Archives that nobody here made: what they may not do, and nested ones."""

import io
import tarfile
import zipfile

import pytest

from earshot.errors import BadRequest
from earshot.training.unpack_archive import UnsafeArchive, unpack

MOST = 10_000


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def tarred(path, members):
    with tarfile.open(path, "w:gz") as made:
        for member, content in members:
            made.addfile(member, io.BytesIO(content) if content is not None else None)
    return path


def member(name, content=b"", kind=tarfile.REGTYPE, link=""):
    made = tarfile.TarInfo(name)
    made.size, made.type, made.linkname = len(content or b""), kind, link
    return made, content


def test_files_land_in_their_folders(tmp_path):
    unpack(zipped(tmp_path / "a.zip", {"set/a.wav": b"abc", "set/b/c.csv": b"x"}), tmp_path / "out", MOST)
    assert (tmp_path / "out/set/a.wav").read_bytes() == b"abc"
    unpack(tarred(tmp_path / "b.tgz", [member("set/d.wav", b"de")]), tmp_path / "out", MOST)
    assert (tmp_path / "out/set/d.wav").read_bytes() == b"de"


def test_archives_inside_are_unpacked_one_level(tmp_path):
    inner = zipped(tmp_path / "banjo.zip", {"banjo/banjo_A3_long_forte_normal.mp3": b"m"}).read_bytes()
    unpack(zipped(tmp_path / "all.zip", {"all/banjo.zip": inner}), tmp_path / "out", MOST)
    assert (tmp_path / "out/all/banjo/banjo_A3_long_forte_normal.mp3").read_bytes() == b"m"


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:\\evil", "..\\evil"])
def test_no_path_leaves_the_folder(tmp_path, name):
    with pytest.raises(UnsafeArchive, match="outside its folder"):
        unpack(tarred(tmp_path / "a.tgz", [member(name, b"x")]), tmp_path / "out", MOST)
    if not name.startswith("/"):
        with pytest.raises(UnsafeArchive, match="outside its folder"):
            unpack(zipped(tmp_path / "a.zip", {name: b"x"}), tmp_path / "out", MOST)
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    with pytest.raises(UnsafeArchive, match="link or a device"):
        unpack(tarred(tmp_path / "a.tgz", [member("a", None, kind, "/etc/passwd")]), tmp_path / "out", MOST)


def test_a_link_in_a_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        info = zipfile.ZipInfo("a")
        info.external_attr = 0o120777 << 16
        made.writestr(info, "/etc/passwd")
    with pytest.raises(UnsafeArchive, match="is a link"):
        unpack(tmp_path / "a.zip", tmp_path / "out", MOST)


def test_a_bomb_ends_at_the_limit(tmp_path):
    bomb = zipped(tmp_path / "a.zip", {"a": b"\0" * 5_000_000})
    assert bomb.stat().st_size < MOST
    with pytest.raises(UnsafeArchive, match="unpacks to more than 10000 bytes"):
        unpack(bomb, tmp_path / "out", MOST)
    inner = bomb.read_bytes()
    with pytest.raises(UnsafeArchive, match="unpacks to more than"):
        unpack(zipped(tmp_path / "b.zip", {"inner.zip": inner}), tmp_path / "out", MOST)


def test_what_is_there_is_kept_and_what_broke_off_is_written_again(tmp_path):
    made = zipped(tmp_path / "a.zip", {"a": b"abc", "b": b"def"})
    unpack(made, tmp_path / "out", MOST)
    (tmp_path / "out/b").write_bytes(b"d")
    before = (tmp_path / "out/a").stat().st_mtime_ns
    assert unpack(made, tmp_path / "out", MOST) == 6
    assert (tmp_path / "out/b").read_bytes() == b"def"
    assert (tmp_path / "out/a").stat().st_mtime_ns == before


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "a.tgz").write_bytes(b"no archive at all" * 100)
    with pytest.raises(BadRequest, match="damaged or no archive"):
        unpack(tmp_path / "a.tgz", tmp_path / "out", MOST)
    whole = tarred(tmp_path / "b.tgz", [member("a", bytes(5000))]).read_bytes()
    (tmp_path / "c.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadRequest, match="damaged or no archive"):
        unpack(tmp_path / "c.tgz", tmp_path / "out", MOST)
