"""The types of an export (samples: recordings with their audio in a local file) and the protocols it needs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from earshot.audio.selected_recording import Column, SelectedRecording


@dataclass(frozen=True)
class Sample:
    """A recording as it is exported, with its audio in a local file."""

    key: str
    split: str
    path: Path
    """A temporary file."""
    extension: str
    """With its dot; empty if the name has none."""
    sample_rate_hz: int
    channels: int
    frames: int
    chosen: SelectedRecording
    container_file: str = ""
    """Name of the shard that contains the audio; empty if the audio is a file of its own."""

    @property
    def file(self) -> str:
        """Name of the exported file that contains the audio."""
        return self.container_file or self.file_name

    @property
    def duration_s(self) -> float:
        """Duration of the exported audio in seconds."""
        return self.frames / self.sample_rate_hz

    @property
    def file_name(self) -> str:
        """Name of the audio as a file of its own; two digits of the key keep folders small."""
        return f"audio/{self.split}/{self.key[:2]}/{self.key}{self.extension}"


class Selection(Protocol):
    """The rows of an export's query."""

    @property
    def columns(self) -> tuple[Column, ...]: ...
    @property
    def snapshot(self) -> datetime: ...
    def recordings(self) -> Iterator[SelectedRecording]: ...


class Catalogue(Protocol):
    """The warehouse."""

    def select(self, sql: str, limit: int | None) -> Selection: ...
    def withdrawn(self) -> Iterable[tuple[str | None, str | None, str, str]]:
        """audio_id, gcp_url, time and reason of everything that was withdrawn or deleted."""
        ...


class AudioStore(Protocol):
    """Downloads audio; False if that generation no longer exists."""

    def fetch(self, gcp_url: str, generation: int, path: Path) -> bool: ...


class Destination(Protocol):
    """Where the export is written; files appear completely or not at all."""

    def is_empty(self) -> bool: ...
    def put(self, path: Path, name: str) -> None: ...
    def read(self, name: str) -> bytes | None: ...
    def size(self, name: str) -> int | None: ...
    def delete(self, name: str) -> None: ...
