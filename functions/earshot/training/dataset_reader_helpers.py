"""What the readers of public sets share: a stretch, errors of layout, and splits by a hash of the group."""

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


class UnknownLayout(ValueError):
    """The folder is not laid out as the set's archive is: moved, changed, or not unpacked."""


@dataclass(frozen=True)
class Stretch:
    """A file of a set before it is a row."""

    path: Path
    labels: tuple[str, ...]
    group: str
    split: str
    licence: str
    unknown: tuple[str, ...] = ()


Reader = Callable[[Path], Iterator[Stretch]]


def files(folder: Path, pattern: str) -> list[Path]:
    """Files of a folder by pattern, sorted.

    Raises:
        UnknownLayout: the folder is missing.
    """
    if not folder.is_dir():
        raise UnknownLayout(f"{folder} is missing; is the archive unpacked in its own layout?")
    return sorted(folder.glob(pattern))


def table(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Rows of a CSV file.

    Raises:
        UnknownLayout: the file or one of the columns is missing.
    """
    if not path.exists():
        raise UnknownLayout(f"{path} is missing")
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        missing = set(columns) - set(reader.fieldnames or ())
        if missing:
            raise UnknownLayout(f"{path} has no column {', '.join(sorted(missing))}")
        yield from reader


def split_of(group: str) -> str:
    """Train, validation (a tenth) or test (a tenth), by the group's hash alone."""
    share = share_of(group)
    return "validation" if share < 0.1 else "test" if share < 0.2 else "train"


def share_of(text: str) -> float:
    """A number in [0, 1) that follows from the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32
