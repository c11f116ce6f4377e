"""The plan of an export, in SQLite: which recordings, in which split and shard, and the outcome of each.

It is written before the first audio is copied, and each shard is marked once it is at the destination. So an export
that was killed continues with the rows of its first start, and the next export knows which shards need no writing.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from earshot.audio.selected_recording import SelectedRecording
from earshot.exporting.types_and_protocols import Sample

TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE items (
  gcp_url TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, audio_id TEXT NOT NULL, split TEXT NOT NULL,
  grouped TEXT NOT NULL, fetched_at TEXT NOT NULL, cost INTEGER NOT NULL, chosen TEXT NOT NULL,
  license TEXT NOT NULL, license_url TEXT, shard INTEGER, outcome TEXT, file TEXT, extension TEXT,
  sample_rate_hz INTEGER, channels INTEGER, frames INTEGER
);
CREATE INDEX by_shard ON items (split, shard, key);
CREATE INDEX by_group ON items (grouped, fetched_at, gcp_url);
CREATE TABLE shards (split TEXT, number INTEGER, fingerprint TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (split, number));
CREATE TABLE files (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, split TEXT, number INTEGER);
CREATE TABLE written_names (name TEXT PRIMARY KEY);
"""
KEPT = "kept"


@dataclass(frozen=True)
class Shard:
    """Recordings that are packed into one file."""

    split: str
    number: int

    @property
    def name(self) -> str:
        """Name of its files, without extension."""
        return f"{self.split}-{self.number:05d}"


@dataclass(frozen=True)
class Placed:
    """A file of the export, with size and checksum."""

    name: str
    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path, name: str) -> "Placed":
        """Size and checksum of the file at `path`, under its name in the export."""
        digest = sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return cls(name, path.stat().st_size, digest.hexdigest())


class Plan:
    """The plan of one export; open it with `opened`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator["Plan"]:
        """Open the plan in that file; creates it if there is none."""
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path)
        try:
            database.execute("PRAGMA journal_mode = WAL")  # survives a kill as well, with far fewer disk syncs
            database.execute("PRAGMA synchronous = NORMAL")
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone():
                database.executescript(TABLES)
            yield cls(database)
        finally:
            database.close()

    def note(self, **facts: Any) -> None:
        """Store facts about the export as a whole."""
        with self.database:
            rows = [(name, json.dumps(value)) for name, value in facts.items()]
            self.database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)

    def fact(self, name: str) -> Any:
        """A fact stored before; None if it was not."""
        found = self.database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return json.loads(found[0]) if found else None

    def add(self, chosen: SelectedRecording, split: str, cost: int) -> None:
        """Add a recording; a second row of the same one is ignored. `cost` is its approximate size in bytes."""
        key = chosen.audio_id
        if self.database.execute("SELECT 1 FROM items WHERE key = ?", (key,)).fetchone():
            key = sha256(chosen.gcp_url.encode()).hexdigest()[:32]  # two objects of one identity
        self.database.execute(
            "INSERT OR IGNORE INTO items (gcp_url, key, audio_id, split, grouped, fetched_at, cost, chosen, license,"
            " license_url, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(chosen.gcp_url, key, chosen.audio_id, split, chosen.group, chosen.fetched_at or "", cost),
                *(json.dumps(asdict(chosen)), chosen.license or "unknown", chosen.license_url, chosen.withdrawn),
            ),
        )

    def chosen(self, shard: Shard) -> list[tuple[str, SelectedRecording]]:
        """Key and recording of everything to pack into a shard, in the order of keys."""
        found = self.database.execute(
            "SELECT key, chosen FROM items WHERE split = ? AND shard = ? AND COALESCE(outcome, 'kept') = 'kept'"
            " ORDER BY key",
            (shard.split, shard.number),
        )
        return [(key, SelectedRecording(**json.loads(text))) for key, text in found]

    def shards(self) -> list[tuple[Shard, bool]]:
        """All shards, and whether each is at the destination."""
        found = self.database.execute("SELECT split, number, done FROM shards ORDER BY split, number")
        return [(Shard(split, number), bool(done)) for split, number, done in found]

    def note_names(self, names: Iterable[str]) -> None:
        """Note names of files that may be at the destination; those not part of the export are deleted at its end."""
        with self.database:
            self.database.executemany("INSERT OR IGNORE INTO written_names VALUES (?)", [(name,) for name in names])

    def written_names(self) -> set[str]:
        """Names of all files that this export, or unfinished ones before it, may have written."""
        return {name for (name,) in self.database.execute("SELECT name FROM written_names")}

    def withdraw(self, gcp_url: str, why: str) -> None:
        """Remove a recording that was withdrawn during the export: its shard is packed again without it."""
        with self.database:
            self.database.execute(
                "UPDATE shards SET done = 0 WHERE (split, number) IN"
                " (SELECT split, shard FROM items WHERE gcp_url = ? AND COALESCE(outcome, 'kept') = 'kept')",
                (gcp_url,),
            )
            self.database.execute(
                "UPDATE items SET outcome = ? WHERE gcp_url = ? AND COALESCE(outcome, 'kept') = 'kept'",
                (why, gcp_url),
            )

    def finish_shard(
        self, shard: Shard, samples: Iterable[Sample], lost: Mapping[str, str], files: Iterable[Placed]
    ) -> None:
        """Mark a shard as done: its samples, the keys left out with their reasons, and its files."""
        here = (shard.split, shard.number)
        held = [(KEPT, s.file, s.extension, s.sample_rate_hz, s.channels, s.frames, s.key) for s in samples]
        with self.database:
            self.database.executemany(
                "UPDATE items SET outcome = ?, file = ?, extension = ?, sample_rate_hz = ?, channels = ?, frames = ?"
                " WHERE key = ?",
                held,
            )
            self.database.executemany(
                "UPDATE items SET outcome = ? WHERE key = ?", [(why, key) for key, why in lost.items()]
            )
            self.database.execute("DELETE FROM files WHERE split = ? AND number = ?", here)
            self.database.executemany(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?)",
                [(placed.name, placed.bytes, placed.sha256, *here) for placed in files],
            )
            self.database.execute("UPDATE shards SET done = 1 WHERE split = ? AND number = ?", here)

    def kept(self, split: str | None = None) -> Iterator[Sample]:
        """The samples of the export by split and shard, without the audio."""
        found = self.database.execute(
            "SELECT key, split, extension, sample_rate_hz, channels, frames, chosen, file FROM items"
            " WHERE outcome = ? AND (? IS NULL OR split = ?) ORDER BY split, shard, key",
            (KEPT, split, split),
        )
        for key, of, extension, rate_hz, channels, frames, text, file in found:
            yield Sample(
                key, of, Path(), extension, rate_hz, channels, frames, SelectedRecording(**json.loads(text)), file
            )

    def files(self) -> list[Placed]:
        """Files at the destination, by name."""
        return [Placed(*row) for row in self.database.execute("SELECT name, bytes, sha256 FROM files ORDER BY name")]

    def counts(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query of the plan itself."""
        return self.database.execute(sql).fetchall()

    def left_out(self) -> dict[str, int]:
        """Number of recordings selected but not packed, by reason."""
        sql = "SELECT outcome, COUNT(*) FROM items WHERE outcome <> 'kept' GROUP BY outcome ORDER BY outcome"
        return dict(self.counts(sql))
