"""An upload whose metadata are known only at its end: bytes in, an object that appears complete or not at all out.

A body of at most `CHUNK_BYTES` is kept in memory and uploaded in one conditional request, metadata included. A longer
one is streamed to `incoming/{audio_id}/{uuid}`, which causes no notification, and renamed server-side at its end.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from google.api_core.exceptions import PreconditionFailed

from earshot.adapters.storage_errors import FOREIGN, translated
from earshot.audio import ObjectMetadata

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Bucket

CHUNK_BYTES = 2 * 1024 * 1024  # what one transfer holds in memory; of a resumable upload a multiple of 256 KiB


class IncomingUpload:
    """An upload in progress: written in blocks, then given its final name and metadata in one step, or discarded."""

    def __init__(self, bucket: "Bucket", audio_id: str, *, timeout_s: float) -> None:
        """Nothing is sent yet."""
        self.bucket = bucket
        self.blob = bucket.blob(f"incoming/{audio_id}/{uuid4().hex}")
        self.timeout_s = timeout_s
        self.small: bytes | None = b""
        """All bytes; None of a body that is in `incoming/`."""

    @contextmanager
    def writer(self, content_type: str) -> Iterator["Writer"]:
        """A file to write to, at most one chunk of it in memory; leaving by an error abandons it."""
        with translated(f"writing {self.blob.name}"):
            file = Writer(self, content_type)
            try:
                yield file
                file.close()
            except BaseException:
                with suppress(*FOREIGN):
                    file.abandon()
                raise

    def put(self, name: str, metadata: ObjectMetadata, content_type: str, *, replaces: int = 0) -> "Blob | None":
        """Give the bytes their final name and metadata in one atomic step.

        Args:
            replaces: generation that this may replace; 0 for "there is none yet".

        Returns:
            The new object; None if another delivery, or an earlier try of this request, has stored it already.
        """
        target = self.bucket.blob(name)
        target.metadata = metadata.as_metadata()
        target.content_type = content_type
        with translated(f"putting {name}"):
            try:
                if self.small is None:
                    self._rename(target, replaces)
                else:
                    target.upload_from_string(
                        self.small, content_type, if_generation_match=replaces, timeout=self.timeout_s
                    )
            except PreconditionFailed:
                return None
        return target

    def discard(self) -> None:
        """Delete what is in `incoming/`, if anything is; should that fail, the bucket's lifecycle does it in a day."""
        if self.small is None:
            with suppress(*FOREIGN):
                self.blob.delete(timeout=self.timeout_s)

    def _rename(self, target: "Blob", replaces: int) -> None:
        token = None
        while True:  # large objects that move between locations or classes take several calls
            token, _, _ = target.rewrite(self.blob, token=token, if_generation_match=replaces, timeout=self.timeout_s)
            if not token:
                return


class Writer:
    """Keeps a small body in memory, and opens an upload session for a larger one."""

    def __init__(self, upload: IncomingUpload, content_type: str) -> None:
        self.upload = upload
        self.content_type = content_type
        self.buffer = io.BytesIO()
        self.session: IO[bytes] | None = None

    def write(self, block: bytes) -> int:
        """Append bytes; returns their number."""
        if self.session:
            return self.session.write(block)
        if self.buffer.tell() + len(block) > CHUNK_BYTES:
            self.upload.small = None
            self.session = self.upload.blob.open(
                "wb",
                chunk_size=CHUNK_BYTES,
                content_type=self.content_type,
                if_generation_match=0,
                timeout=self.upload.timeout_s,
            )
            self.session.write(self.buffer.getvalue())
            self.buffer = io.BytesIO()
            return self.session.write(block)
        return self.buffer.write(block)

    def close(self) -> None:
        """End the body."""
        if self.session:
            self.session.close()
        else:
            self.upload.small = self.buffer.getvalue()

    def abandon(self) -> None:
        """End the upload without an object: a collected session closes itself, and so uploads, for two minutes."""
        if self.session:
            self.session.terminate()  # type: ignore[attr-defined]
