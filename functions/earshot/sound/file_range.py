"""A byte range of a file as a file of its own, for decoders that read from a file object."""

import io
from pathlib import Path


class FileRange(io.RawIOBase):
    """Reads the bytes from `start` to `end` of a file; positions count from `start`."""

    def __init__(self, path: Path, start: int, end: int | None = None) -> None:
        """Open the file.

        Args:
            path: the file.
            start: offset of the range's first byte.
            end: offset behind its last byte; None for the end of the file.
        """
        self._file = path.open("rb")
        size = self._file.seek(0, io.SEEK_END)
        self._start = start
        self._length = max(min(size, size if end is None else end) - start, 0)
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position within the range."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, and return it."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(origin + offset, 0)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes from the position on, all that are left for a negative size."""
        left = max(self._length - self._position, 0)
        self._file.seek(self._start + self._position)
        body = self._file.read(left if size < 0 else min(size, left))
        self._position += len(body)
        return body

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Fill a buffer; return how many bytes were read."""
        body = self.read(len(buffer))
        buffer[: len(body)] = body
        return len(body)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
