"""Destinations of an export: a local folder, or a prefix of a bucket. Files appear completely or not at all."""

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound

from earshot.adapters.bucket import Bucket
from earshot.adapters.storage_errors import translated
from earshot.audio import AudioObject
from earshot.errors import BadRequest

if TYPE_CHECKING:
    from google.cloud.storage import Client

GS = "gs://"
BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")  # the characters and lengths that Cloud Storage allows
UPLOAD_S = 600.0  # one request of a shard


class Folder:
    """A local folder; files moved into it must be on the same file system, so that the move is atomic."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def is_empty(self) -> bool:
        """Whether it does not exist, or has no files but those of the export's state (names with a dot)."""
        return not self.root.exists() or all(path.name.startswith(".") for path in self.root.iterdir())

    def put(self, path: Path, name: str) -> None:
        """Move the file into the folder under that name."""
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)

    def read(self, name: str) -> bytes | None:
        """Content of a small file; None if it does not exist."""
        path = self._path(name)
        return path.read_bytes() if path.exists() else None

    def size(self, name: str) -> int | None:
        """Size in bytes; None if it does not exist."""
        path = self._path(name)
        return path.stat().st_size if path.exists() else None

    def delete(self, name: str) -> None:
        """Delete the file if it exists, and folders that this leaves empty."""
        path = self._path(name)
        path.unlink(missing_ok=True)
        with suppress(OSError):
            for parent in path.parents:
                if parent == self.root:
                    break
                parent.rmdir()

    def _path(self, name: str) -> Path:
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise BadRequest(f"{name} is outside of {self.root}")  # names are read from a file that anybody may edit
        return path


class Prefix:
    """Objects of a bucket below a prefix.

    Raises:
        BadRequest: the URL names no bucket.
    """

    def __init__(self, client: "Client", url: str) -> None:
        bucket, _, prefix = url.removeprefix(GS).partition("/")
        if not BUCKET.fullmatch(bucket):
            raise BadRequest(f"{url} names no bucket: gs://bucket/folder")
        self.bucket = client.bucket(bucket)
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def is_empty(self) -> bool:
        """Whether there is no object below the prefix."""
        with translated(f"listing {self.prefix}"):
            return not any(self.bucket.list_blobs(prefix=self.prefix, max_results=1))

    def put(self, path: Path, name: str) -> None:
        """Upload the file."""
        with translated(f"writing {self.prefix}{name}"):
            self.bucket.blob(self.prefix + name).upload_from_filename(str(path), checksum="crc32c", timeout=UPLOAD_S)
        path.unlink()

    def read(self, name: str) -> bytes | None:
        """Content of a small object; None if it does not exist."""
        with translated(f"reading {self.prefix}{name}"):
            try:
                return bytes(self.bucket.blob(self.prefix + name).download_as_bytes())
            except NotFound:
                return None

    def size(self, name: str) -> int | None:
        """Size in bytes; None if it does not exist."""
        with translated(f"describing {self.prefix}{name}"):
            blob = self.bucket.get_blob(self.prefix + name)
            return int(blob.size) if blob else None

    def delete(self, name: str) -> None:
        """Delete the object if it exists."""
        with translated(f"deleting {self.prefix}{name}"), suppress(NotFound):
            self.bucket.blob(self.prefix + name).delete()


class Buckets:
    """Audio objects of any bucket, by exact generation."""

    def __init__(self, client: "Client") -> None:
        self.client = client

    def fetch(self, gcp_url: str, generation: int, path: Path) -> bool:
        """Download exactly that generation to `path`; False if it was deleted or replaced."""
        bucket, _, name = gcp_url.removeprefix(GS).partition("/")
        kept = AudioObject(bucket=bucket, name=name, generation=generation, bytes=0)
        return Bucket(self.client.bucket(bucket)).download(kept, path)
