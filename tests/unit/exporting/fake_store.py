"""In-memory doubles for exports: recordings with computed audio, and a store that can be killed."""

import os
import signal
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from earshot.adapters.export_destination import Folder
from earshot.audio.selected_recording import Column, SelectedRecording
from earshot.exporting.export import export
from earshot.exporting.export_request import ExportRequest
from tests.sounds import encoded, tone

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
WAV = encoded(tone(440, level_dbfs=-20, seconds=0.1, rate_hz=8000, channels=2), rate_hz=8000)
COLUMNS = (Column("gcp_url", "STRING"), Column("loudness", "FLOAT"), Column("found_at", "TIMESTAMP"))


def recording(name: str, **facts: object) -> SelectedRecording:
    """A tenth of a second of stereo at 8 kHz, alone in its group, but for what is given."""
    url = f"gs://bucket/audio/{name}"
    chosen = SelectedRecording(
        gcp_url=url,
        audio_id=sha256(url.encode()).hexdigest()[:32],
        generation=1,
        bytes=len(WAV),
        duration_ms=100,
        sample_rate_hz=8000,
        channels=2,
        group=f"samples of {name}",
        title=name,
        license="CC-BY-4.0",
        license_url="https://example.org/by",
        author="A. Nyone",
        host="a.example.org",
        fetched_at="2026-11-01T00:00:00+00:00",
        row={"gcp_url": url, "loudness": -20.0, "found_at": "2026-11-01T01:00:00+00:00"},
    )
    return replace(chosen, **facts)


def many(count: int, start: int = 0) -> list[SelectedRecording]:
    return [recording(f"{number}.wav") for number in range(start, start + count)]


@dataclass
class Catalogue:
    """The recordings that every query selects, and those withdrawn."""

    chosen: list[SelectedRecording]
    gone: dict[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] = COLUMNS
    snapshot: datetime = MOMENT

    def select(self, sql, limit):
        return self

    def recordings(self):
        yield from (replace(one, withdrawn=self.gone.get(one.gcp_url)) for one in self.chosen[::-1])

    def withdrawn(self):
        return [("id", url, "2026-11-02", why) for url, why in self.gone.items()]


@dataclass
class AudioStore:
    """All recordings have the same audio; the process is killed before the fetch after `most_fetches`."""

    lacking: set[str] = field(default_factory=set)
    bodies: dict[str, bytes] = field(default_factory=dict)
    most_fetches: int | None = None
    fetched: list[str] = field(default_factory=list)

    def fetch(self, gcp_url: str, generation: int, path: Path) -> bool:
        if self.most_fetches is not None and len(self.fetched) >= self.most_fetches:
            os.kill(os.getpid(), signal.SIGKILL)
        self.fetched.append(gcp_url)
        if gcp_url in self.lacking:
            return False
        path.write_bytes(self.bodies.get(gcp_url, WAV))
        return True


def write(
    folder: Path, catalogue: Catalogue, store: AudioStore | None = None, *, force: bool = False, **request: object
):
    """An export into a folder, and its report."""
    return export(
        ExportRequest(sql="SELECT gcp_url, loudness, found_at FROM recordings", **request),
        catalogue=catalogue,
        store=store or AudioStore(),
        destination=Folder(folder),
        state=folder / ".earshot-export",
        now=lambda: MOMENT,
        workers=2,
        force=force,
    )


def files(folder: Path) -> dict[str, str]:
    """Name and checksum of each exported file."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".earshot-export" not in path.parts
    }
