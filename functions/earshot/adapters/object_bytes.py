"""Ranges of an object's bytes, of one generation, as a page asks for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound

from earshot.adapters.storage_errors import translated

if TYPE_CHECKING:
    from google.cloud.storage import Bucket as GcsBucket

CHUNK_BYTES = 512 * 1024  # held in memory for one listener
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Described:
    """What is known of an object without reading it."""

    name: str
    generation: int
    bytes: int
    content_type: str


class ObjectBytes:
    """Reads a bucket; changes nothing."""

    def __init__(self, bucket: "GcsBucket") -> None:
        self._bucket = bucket

    def describe(self, name: str) -> Described | None:
        """The object's current generation; None if it is gone."""
        with translated(f"describing {name}"):
            blob = self._bucket.get_blob(name, timeout=TIMEOUT_S)
        if blob is None:
            return None
        return Described(name, int(blob.generation), int(blob.size or 0), str(blob.content_type or ""))

    def read(self, name: str, generation: int | None, first: int, last: int) -> bytes | None:
        """Bytes `first` to `last` inclusive; None where that generation is gone."""
        blob = self._bucket.blob(name, generation=generation)
        with translated(f"reading {name}"):
            try:
                found: bytes = blob.download_as_bytes(start=first, end=last, timeout=TIMEOUT_S, checksum=None)
            except NotFound:
                return None
        return found

    def stream(self, kept: Described, first: int, last: int) -> Iterator[bytes]:
        """The same in chunks; ends early where the object is deleted meanwhile."""
        while first <= last:
            chunk = self.read(kept.name, kept.generation, first, min(first + CHUNK_BYTES - 1, last))
            if not chunk:
                return
            yield chunk
            first += len(chunk)
