"""Audio on standard input as a file that a decoder can seek in."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def as_file() -> Iterator[Path]:
    """All of standard input in a file, for as long as the block lasts."""
    with TemporaryDirectory(prefix="earshot-") as folder:
        path = Path(folder, "input")
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield path
