"""One row of `audio_metadata`, before it is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from earshot.audio.identity import shard

Scalar = str | int | float | bool | datetime | None


@dataclass(frozen=True)
class AudioAnalysis:
    """One row of `audio_metadata`: the five fixed columns, and every further one by its column name."""

    gcp_url: str
    file_name: str
    duration_ms: int
    loudness: float
    classification: str
    generation: int
    analyser_version: int
    facts: Mapping[str, Scalar] = field(default_factory=dict)

    def as_row(self) -> dict[str, Scalar]:
        """Column name to value, `shard` included."""
        return {
            **self.facts,
            "gcp_url": self.gcp_url,
            "file_name": self.file_name,
            "duration_ms": self.duration_ms,
            "loudness": self.loudness,
            "classification": self.classification,
            "generation": self.generation,
            "analyser_version": self.analyser_version,
            "shard": shard(self.gcp_url),
        }
