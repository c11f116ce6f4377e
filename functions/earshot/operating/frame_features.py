"""Take an SQL condition and write a Parquet file of frame features for each recording that it selects."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from earshot.audio import AudioObject
from earshot.errors import GiveUp
from earshot.sound import ANALYSER_VERSION

SELECTED = """
SELECT gcp_url, audio_id
FROM audio_metadata
WHERE removed_at IS NULL AND (
{where}
)
ORDER BY gcp_url
"""


class Queries(Protocol):
    """The warehouse, read only: anything but a single SELECT is refused."""

    def rows(self, sql: str) -> list[Mapping[str, Any]]: ...


class AudioStore(Protocol):
    """The bucket of recordings, and of what is computed from them."""

    def describe(self, name: str) -> AudioObject | None: ...
    def download(self, kept: AudioObject, path: Path) -> bool: ...
    def beside(self, name: str) -> Mapping[str, str] | None: ...
    def put_derived(self, name: str, path: Path, content_type: str, metadata: Mapping[str, str]) -> None: ...
    def delete(self, name: str) -> None: ...


Writer = Callable[..., int]


class Outcome(Enum):
    """Why no features were written: they exist already, or the recording was deleted."""

    KEPT = auto()
    GONE = auto()


@dataclass
class Report:
    """Number of recordings by outcome; `failed` has gcp_url and reason of those that cannot be decoded."""

    selected: int = 0
    written: int = 0
    frames: int = 0
    kept: int = 0
    """The same features exist already."""
    gone: int = 0
    """Deleted or replaced since they were measured."""
    failed: list[tuple[str, str]] = field(default_factory=list)

    def include(self, other: "Report") -> None:
        """Add another one to this."""
        self.selected += other.selected
        self.written += other.written
        self.frames += other.frames
        self.kept += other.kept
        self.gone += other.gone
        self.failed += other.failed


def featurise(
    queries: Queries,
    store: AudioStore,
    where: str,
    *,
    write: Writer,
    frame_ms: int = 200,
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Report:
    """Write `features/{audio_id}.parquet` for what a condition on the columns of audio_metadata selects.

    Recordings that have features of the same frame length, generation and version are skipped, so an interrupted run
    is simply repeated.

    Args:
        write: as `sound.features.write_features`; called by `workers` threads at a time.

    Raises:
        BadRequest: with the condition the statement is no longer a single SELECT.
        ComeAgain: the bucket does not respond.
    """
    rows = selected(queries, where)
    report = Report()

    def one(row: Mapping[str, Any]) -> Report:
        return featurise_one(row["gcp_url"], row["audio_id"], store, write=write, frame_ms=frame_ms)

    with ThreadPoolExecutor(workers) as threads:
        for done, outcome in enumerate(threads.map(one, rows), 1):
            report.include(outcome)
            progress(done, len(rows))
    return report


def selected(queries: Queries, where: str) -> list[Mapping[str, Any]]:
    """gcp_url and audio_id of the recordings that a condition selects.

    Raises:
        BadRequest: with the condition the statement is no longer a single SELECT.
    """
    return queries.rows(SELECTED.format(where=where))


def featurise_one(gcp_url: str, audio_id: str, store: AudioStore, *, write: Writer, frame_ms: int) -> Report:
    """Write the features of one recording, if they do not exist already.

    Raises:
        ComeAgain: the bucket does not respond.
    """
    try:
        outcome = _featurise(gcp_url, f"features/{audio_id}.parquet", store, write, frame_ms)
    except GiveUp as error:
        return Report(1, failed=[(gcp_url, str(error))])
    match outcome:
        case Outcome.KEPT:
            return Report(1, kept=1)
        case Outcome.GONE:
            return Report(1, gone=1)
        case frames:
            return Report(1, written=1, frames=frames)


def _featurise(gcp_url: str, target: str, store: AudioStore, write: Writer, frame_ms: int) -> int | Outcome:
    """Number of frames written, or why none were."""
    kept = store.describe(gcp_url.removeprefix("gs://").partition("/")[2])
    if kept is None or kept.gcp_url != gcp_url:  # another bucket's recording has its features there
        return Outcome.GONE
    metadata = {
        "generation": str(kept.generation),
        "frame_ms": str(frame_ms),
        "analyser_version": str(ANALYSER_VERSION),
    }
    there = store.beside(target)
    if there is not None and metadata.items() <= there.items():
        return Outcome.KEPT
    with TemporaryDirectory(prefix="earshot-") as folder:
        path, out = Path(folder, "audio" + PurePosixPath(kept.name).suffix[:8]), Path(folder, "features.parquet")
        if not store.download(kept, path):
            return Outcome.GONE
        frames = write(path, out, frame_ms=frame_ms)
        store.put_derived(target, out, "application/vnd.apache.parquet", metadata)
    if store.describe(kept.name) is None:  # forgotten meanwhile, and its features with it, before these came
        store.delete(target)
        return Outcome.GONE
    return frames
