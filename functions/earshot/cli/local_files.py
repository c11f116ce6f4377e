"""Finds audio among local files and folders: every file is either audio or left out with a reason."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from earshot.errors import GiveUp
from earshot.sound.sniff_container import HEAD_BYTES, JUNK_BYTES, is_undecided, sniff

SPECIAL = {
    stat.S_IFIFO: "a fifo, not a file",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
}


@dataclass(frozen=True)
class Local:
    """A file that is audio according to its first bytes."""

    path: Path
    sha256: str
    extension: str
    content_type: str

    @property
    def name(self) -> str:
        """Name of the object, a hash of the bytes: the same file is always the same object."""
        return f"{self.sha256[:32]}{self.extension}"


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that is not loaded, and why."""

    path: Path
    reason: str


def find_audio(paths: Iterable[Path]) -> Iterator[Local | LeftOut]:
    """Audio files among the paths and below folders of them, in order, and everything else with its reason."""
    for path in paths:
        for found in _regular_files(path):
            yield found if isinstance(found, LeftOut) else identify(found)


def identify(path: Path) -> Local | LeftOut:
    """Read a file: its container by the first bytes, and its SHA-256."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if is_undecided(head):
                head += file.read(JUNK_BYTES - len(head))
            container = sniff(head)
            file.seek(0)
            digest = file_digest(file, "sha256").hexdigest()
    except GiveUp as error:
        return LeftOut(path, str(error))
    except OSError as error:
        return LeftOut(path, _unreadable(error))
    return Local(path, digest, container.extension, container.content_type)


def regular_files(paths: Iterable[Path]) -> Iterator[Path | LeftOut]:
    """Regular files among the paths and below folders of them, and everything else with its reason."""
    for path in paths:
        yield from _regular_files(path)


def _regular_files(path: Path) -> Iterator[Path | LeftOut]:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        yield LeftOut(path, "a link to a file that does not exist" if path.is_symlink() else "does not exist")
        return
    except OSError as error:
        yield LeftOut(path, _unreadable(error))
        return
    if stat.S_ISREG(mode):
        yield path
    elif stat.S_ISDIR(mode):
        yield from _inside(path)
    else:
        yield LeftOut(path, SPECIAL.get(stat.S_IFMT(mode), "not a file"))


def _inside(folder: Path) -> Iterator[Path | LeftOut]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        yield LeftOut(folder, _unreadable(error))
        return
    for name in names:
        path = folder / name
        if name.startswith("."):
            yield LeftOut(path, "hidden")
        elif path.is_symlink() and path.is_dir():
            yield LeftOut(path, "a link to a folder; name the folder itself")
        else:
            yield from _regular_files(path)


def _unreadable(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}"
