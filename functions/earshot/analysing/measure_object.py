"""An object in the bucket in, its row of measures out."""

import time
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Protocol

from earshot.audio import AudioAnalysis, AudioObject, Scalar, audio_id, now
from earshot.errors import TooLarge
from earshot.sound.find_clean_reference import resolve

Facts = Mapping[str, Scalar]


class AudioStore(Protocol):
    """Stores recordings."""

    def describe(self, name: str) -> AudioObject | None: ...
    def download(self, kept: AudioObject, path: Path) -> bool: ...
    def names(self, prefix: str) -> Iterable[str]: ...


class Measures(Protocol):
    """Measures files; the keys of what it returns are column names."""

    @property
    def version(self) -> int: ...
    def measure(self, path: Path) -> Facts: ...
    def compare(self, path: Path, reference: Path | None, *, spent_s: float) -> Facts: ...
    def classify(self, loudness_dbfs: float) -> Facts: ...


def measure_object(kept: AudioObject, *, store: AudioStore, measures: Measures, max_bytes: int) -> AudioAnalysis | None:
    """Download an object, measure it, and make its row; None if it has been replaced meanwhile.

    Raises:
        GiveUp: the bytes are too many, not audio, or cannot be decoded.
    """
    if kept.bytes > max_bytes:
        raise TooLarge(f"{kept.name} is {kept.bytes} bytes, limit is {max_bytes}", bytes=kept.bytes)
    started = time.monotonic()
    with TemporaryDirectory(prefix="earshot-") as folder:
        path = Path(folder, "audio" + PurePosixPath(kept.name).suffix[:8])
        if not store.download(kept, path):
            return None
        facts = dict(measures.measure(path))
        reference = _reference(kept, store, max_bytes)
        clean = _downloaded(reference, store, Path(folder))
        compared = dict(measures.compare(path, clean, spent_s=time.monotonic() - started))
        cpu_ms = sum(int(str(measured.pop("cpu_ms", None) or 0)) for measured in (facts, compared))
        facts |= compared
        digest = sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    loudness = float(str(facts.pop("loudness")))
    facts |= measures.classify(loudness)
    return AudioAnalysis(
        gcp_url=kept.gcp_url,
        file_name=kept.metadata.file_name or PurePosixPath(kept.name).name,
        duration_ms=int(str(facts.pop("duration_ms"))),
        loudness=loudness,
        classification=str(facts.pop("classification")),
        generation=kept.generation,
        analyser_version=measures.version,
        measures=facts,
        facts={
            **kept.metadata.model_dump(exclude={"file_name"}),
            "reference": reference.gcp_url if reference else None,
            "audio_id": identity(kept),
            "source_url": kept.metadata.source_url or None,
            "content_sha256": digest.hexdigest(),
            "bytes": kept.bytes,
            "content_type": kept.content_type,
            "analysed_at": now(),
            "analysis_ms": round(1000 * (time.monotonic() - started)),
            "cpu_ms": cpu_ms,
            "removed_at": None,
            "removed_because": None,
        },
    )


def identity(kept: AudioObject) -> str:
    """The recording's `audio_id`; of a file uploaded by hand, which has no source, that of its `gs://` URL."""
    return kept.metadata.audio_id if kept.metadata.source_url else audio_id(kept.gcp_url)


def _reference(kept: AudioObject, store: AudioStore, max_bytes: int) -> AudioObject | None:
    """The clean recording that metadata or names lead to; None if there is none in this bucket."""
    found = resolve(kept.name, kept.metadata, bucket=kept.bucket, names=store.names)
    reference = store.describe(found.name) if found else None
    return reference if reference and reference.bytes <= max_bytes else None


def _downloaded(reference: AudioObject | None, store: AudioStore, folder: Path) -> Path | None:
    if reference is None:
        return None
    path = folder / ("reference" + PurePosixPath(reference.name).suffix[:8])
    return path if store.download(reference, path) else None
