"""What an export handles: recordings chosen, and their audio at hand; and the ports it needs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from earshot.audio.selected_recording import Column, SelectedRecording


@dataclass(frozen=True)
class Sample:
    """A recording whose audio is at hand, as it is going to be handed out."""

    key: str
    split: str
    path: Path
    """Of a temporary file."""
    extension: str
    """With its dot; of a name without any it is empty."""
    sample_rate_hz: int
    channels: int
    frames: int
    chosen: SelectedRecording
    holder: str = ""
    """The file of the export that holds the audio; empty where it is one of its own."""

    @property
    def file(self) -> str:
        """The file of the export in which the audio lies."""
        return self.holder or self.file_name

    @property
    def duration_s(self) -> float:
        """Of the audio handed out."""
        return self.frames / self.sample_rate_hz

    @property
    def file_name(self) -> str:
        """Of the audio, where it lies as a file of its own; two digits of the key keep folders small."""
        return f"audio/{self.split}/{self.key[:2]}/{self.key}{self.extension}"


class Selection(Protocol):
    """The answer of the warehouse to an export's question."""

    @property
    def columns(self) -> tuple[Column, ...]: ...
    @property
    def snapshot(self) -> datetime: ...
    def recordings(self) -> Iterator[SelectedRecording]: ...


class Catalogue(Protocol):
    """The warehouse."""

    def select(self, sql: str, limit: int | None) -> Selection: ...
    def withdrawn(self) -> Iterable[tuple[str | None, str | None, str, str]]:
        """audio_id, gcp_url, since when, why: of everything that must no longer be used."""
        ...


class AudioStore(Protocol):
    """Where the audio lies; False if that very generation is no longer there."""

    def fetch(self, gcp_url: str, generation: int, path: Path) -> bool: ...


class Destination(Protocol):
    """Where the export goes; a file is there whole or not at all."""

    def put(self, path: Path, name: str) -> None: ...
    def read(self, name: str) -> bytes | None: ...
    def size(self, name: str) -> int | None: ...
    def delete(self, name: str) -> None: ...
