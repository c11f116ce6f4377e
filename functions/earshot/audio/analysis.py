"""The analysis of a recording: one row of `audio_metadata` before it is written."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from earshot.audio.identifiers import shard

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
    measures: Mapping[str, Scalar] = field(default_factory=dict)
    """What else was measured, by column name."""
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    """Metadata of the object, and the time that measuring took, by column name."""

    def as_row(self) -> dict[str, Scalar]:
        """Column name to value, `shard` included."""
        return {
            **self.facts,
            **self.measures,
            "gcp_url": self.gcp_url,
            "file_name": self.file_name,
            "duration_ms": self.duration_ms,
            "loudness": self.loudness,
            "classification": self.classification,
            "generation": self.generation,
            "analyser_version": self.analyser_version,
            "shard": shard(self.gcp_url),
        }

    def as_history(self) -> dict[str, Scalar]:
        """One row of `analyses`: the measures as one JSON object, whatever columns this version has."""
        measures = {
            **self.measures,
            "duration_ms": self.duration_ms,
            "loudness": self.loudness,
            "classification": self.classification,
        }
        return {
            "gcp_url": self.gcp_url,
            "shard": shard(self.gcp_url),
            "generation": self.generation,
            "analyser_version": self.analyser_version,
            "analysed_at": self.facts.get("analysed_at"),
            "measures": json.dumps({name: finite(value) for name, value in sorted(measures.items())}, default=str),
        }


def finite(value: Scalar) -> Scalar:
    """The value; None for NaN and infinity, which neither a row nor JSON can hold."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
