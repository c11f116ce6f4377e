"""Unpack an archive that nobody here made: nothing lands outside its folder, and nothing grows without a limit."""

import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from earshot.errors import BadRequest

MOST_FILES = 500_000
_BLOCK = 1 << 20


class UnsafeArchive(BadRequest):
    """An archive whose members leave its folder, are no plain files, or unpack to more than is allowed."""


def unpack(archive: Path, folder: Path, most_bytes: int, *, nested: bool = True) -> int:
    """Unpack a ZIP or tar archive (plain, gzip, bzip2, xz) into a folder; returns the bytes written.

    Files that are there with their size are kept, so an interrupted run goes on. ZIP archives inside (one level) are
    unpacked beside themselves.

    Raises:
        UnsafeArchive: a path out of the folder, a link or device, too many files, or more than `most_bytes`.
        BadRequest: no archive.
    """
    written, count = 0, 0
    inner: list[Path] = []
    try:
        for name, size, reader in _members(archive):
            count += 1
            if count > MOST_FILES:
                raise UnsafeArchive(f"{archive.name} has more than {MOST_FILES} files")
            target = _inside(folder, name, archive)
            if written + size > most_bytes:
                raise UnsafeArchive(f"{archive.name} unpacks to more than {most_bytes} bytes")
            if target.is_file() and target.stat().st_size == size:
                written += size
            else:
                written += _write(reader, target, size, archive)
            if nested and target.suffix.lower() == ".zip":
                inner.append(target)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, (tarfile.TarError, EOFError)) and error.errno:
            raise
        raise BadRequest(f"{archive.name} is damaged or no archive: {error}") from error
    for each in inner:
        written += unpack(each, each.parent, most_bytes - written, nested=False)
    return written


def _members(archive: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Name, declared size and reader of each plain file.

    Raises:
        UnsafeArchive: a member is a link, a device, or encrypted.
    """
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for member in opened.infolist():
                kind = stat.S_IFMT(member.external_attr >> 16)
                if member.is_dir():
                    continue
                if kind not in (0, stat.S_IFREG) or member.flag_bits & 1:
                    raise UnsafeArchive(f"{archive.name}: {member.filename!r} is a link, a device, or encrypted")
                with opened.open(member) as reader:
                    yield member.filename, member.file_size, reader
        return
    with tarfile.open(archive) as opened:
        for part in opened:
            if part.isdir():
                continue
            source = opened.extractfile(part) if part.isreg() else None
            if source is None:
                raise UnsafeArchive(f"{archive.name}: {part.name!r} is a link or a device")
            yield part.name, part.size, source


def _inside(folder: Path, name: str, archive: Path) -> Path:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name or not path.parts:
        raise UnsafeArchive(f"{archive.name}: {name!r} would land outside its folder")
    target = folder.joinpath(*path.parts)
    for parent in [*target.relative_to(folder).parents][:-1]:
        if (folder / parent).is_symlink():
            raise UnsafeArchive(f"{archive.name}: {name!r} lies behind a link")
    return target


def _write(reader: IO[bytes], target: Path, size: int, archive: Path) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.part")
    written = 0
    with partial.open("wb") as file:
        while block := reader.read(_BLOCK):
            written += len(block)
            if written > size:
                raise UnsafeArchive(f"{archive.name}: {target.name} is larger than its {size} bytes")
            file.write(block)
    partial.replace(target)
    return written
