"""A file that is still being written, as one to read: a read waits for bytes, or for the file to be complete."""

import time
from pathlib import Path
from typing import IO

POLL_S = 0.02
STALLED_S = 60.0  # a sender that is silent for so long has gone


class GrowingFile:
    """Read while it comes, as a stream of bytes; `done` is a file that appears when it is complete."""

    def __init__(self, path: Path, done: Path) -> None:
        """Both need not exist yet."""
        self._path, self._done = path, done
        while not path.exists():
            time.sleep(POLL_S)
        self._file: IO[bytes] = path.open("rb")

    def read1(self, size: int = -1, /) -> bytes:
        """At most so many bytes, as soon as there are any; empty at the end.

        Raises:
            TimeoutError: nothing has come for a minute.
        """
        end = time.monotonic() + STALLED_S
        while True:
            is_complete = self._done.exists()  # before the read: what came between is read yet
            data = self._file.read(size)
            if data or is_complete:
                return data
            if time.monotonic() > end:
                raise TimeoutError("nothing more has come for a minute")
            time.sleep(POLL_S)

    def close(self) -> None:
        """Close it."""
        self._file.close()
