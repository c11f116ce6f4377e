"""Files under one folder, by relative path with forward slashes; each is written whole or not at all."""

import os
import shutil
from contextlib import suppress
from pathlib import Path, PurePosixPath
from uuid import uuid4


class Folder:
    """The store that the emulator expects, on disk. What is not there raises FileNotFoundError."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._unfinished = self.root / ".unfinished"
        shutil.rmtree(self._unfinished, ignore_errors=True)
        self._unfinished.mkdir(parents=True)

    def path(self, name: str) -> Path:
        """Where a name lies.

        Raises:
            ValueError: the name leads out of the folder.
        """
        parts = [part for part in PurePosixPath(name.strip("/")).parts if part != "."]
        if ".." in parts:
            raise ValueError(f"{name!r} leads out of {self.root}")
        return self.root.joinpath(*parts)

    def makedirs(self, name: str) -> None:
        """Make a folder and those above it."""
        self.path(name).mkdir(parents=True, exist_ok=True)

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file; a reader, or the next start after a crash, sees the old content or the new."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._unfinished / uuid4().hex
        unfinished.write_bytes(content)
        unfinished.replace(path)

    def append_bytes(self, name: str, content: bytes) -> int:
        """Add to a file, made if need be; returns its size in bytes."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(content)
            return file.tell()

    def read_bytes(self, name: str) -> bytes:
        """The content of a file."""
        path = self.path(name)
        if not path.is_file():
            raise FileNotFoundError(name)
        return path.read_bytes()

    def size(self, name: str) -> int:
        """Bytes of a file, 0 if there is none."""
        path = self.path(name)
        return path.stat().st_size if path.is_file() else 0

    def exists_file(self, name: str) -> bool:
        """Whether there is such a file."""
        return self.path(name).is_file()

    def remove_file(self, name: str) -> None:
        """Delete a file, and the folders that this leaves empty, but for the topmost (the bucket's)."""
        path = self.path(name)
        if not path.is_file():
            raise FileNotFoundError(name)
        path.unlink()
        for parent in path.relative_to(self.root).parents[:-2]:
            with suppress(OSError):
                os.rmdir(self.root / parent)  # noqa: PTH106  Path.rmdir is the same; written once, it fails if not empty

    def remove_tree(self, name: str) -> None:
        """Delete a folder and all in it."""
        path = self.path(name)
        if not path.exists():
            raise FileNotFoundError(name)
        shutil.rmtree(path)

    def listdir(self, name: str = "") -> list[str]:
        """The names in a folder, sorted."""
        return sorted(entry.name for entry in self.path(name).iterdir())
