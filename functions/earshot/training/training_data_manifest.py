"""A manifest: one JSON line a labelled stretch of a recording; what every source of data becomes before training."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Row:
    """One labelled stretch.

    Attributes:
        path: relative to the manifest's folder.
        labels: what is heard; empty for none of the task's labels.
        start_ms, end_ms: the stretch.
        group: voice, artist or recording; a group is never split between train, validation and test.
        split: train, validation or test.
        licence: of the audio.
        sha256: of the 16-bit samples at 16 kHz.
        unknown: labels that nobody judged here; the loss leaves them out.
        uri: gs://… of the recording, where it is in the bucket.
        picture: of the spectrogram, relative to the manifest's folder.

    `uri` and `picture` are not written where they are empty.
    """

    path: str
    labels: tuple[str, ...]
    start_ms: int
    end_ms: int
    group: str
    split: str
    licence: str
    sha256: str
    unknown: tuple[str, ...] = ()
    uri: str = ""
    picture: str = ""

    def as_json(self) -> str:
        """The row as one line of a manifest."""
        fields = asdict(self)
        for name in ("uri", "picture"):
            if not fields[name]:
                del fields[name]
        return json.dumps(fields, ensure_ascii=False, sort_keys=True)

    @classmethod
    def of_file(
        cls, path: str, wave: npt.NDArray[np.float32], labels: tuple[str, ...], group: str, split: str, licence: str
    ) -> "Row":
        """A row for a whole recording at 16 kHz."""
        pcm = np.round(wave * 32768).astype("<i2").tobytes()
        return cls(path, labels, 0, len(wave) * 1000 // 16_000, group, split, licence, hashlib.sha256(pcm).hexdigest())


def write_manifest(path: Path, rows: Iterable[Row]) -> Path:
    """Write the rows in the order of their paths and starts; the same rows give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = sorted(rows, key=lambda row: (row.path, row.start_ms, row.labels))
    path.write_text(manifest_text(ordered), encoding="utf-8")
    return path


def manifest_text(rows: Iterable[Row]) -> str:
    """The rows as lines of JSON."""
    return "".join(row.as_json() + "\n" for row in rows)


def read_manifest(path: Path) -> list[Row]:
    """Rows of a manifest.

    Raises:
        ValueError: a line is no row, or a group is in two splits.
    """
    return parse_manifest(path.read_text(encoding="utf-8"), str(path))


def parse_manifest(text: str, name: str) -> list[Row]:
    """Rows of a manifest's text; `name` is what errors call it.

    Raises:
        ValueError: a line is no row, or a group is in two splits.
    """
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            fields = json.loads(line)
            rows.append(
                Row(**{**fields, "labels": tuple(fields["labels"]), "unknown": tuple(fields.get("unknown", ()))})
            )
        except (TypeError, KeyError, json.JSONDecodeError) as error:
            raise ValueError(f"{name}, line {number}: {error}") from error
    split_of: dict[str, str] = {}
    for row in rows:
        if split_of.setdefault(row.group, row.split) != row.split:
            raise ValueError(
                f"{name}: group {row.group} is in both {split_of[row.group]} and {row.split}; split by group"
            )
    return rows


def data_sha256(rows: Iterable[Row]) -> str:
    """A hash of all the rows, whatever their order."""
    lines = sorted(row.as_json() for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
