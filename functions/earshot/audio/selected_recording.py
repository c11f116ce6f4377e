"""A recording that a query selected: what the table holds of it, and the query's own row."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool | None
"""A cell of a row as it is kept in the plan: times as ISO 8601 text, structures as JSON text."""


@dataclass(frozen=True)
class Column:
    """A column of the query; `type` in BigQuery's words, structures and lists as JSON in a STRING."""

    name: str
    type: str


@dataclass(frozen=True)
class SelectedRecording:
    """A recording that the query selected: what the table holds of it, and the query's own row."""

    gcp_url: str
    audio_id: str
    generation: int
    bytes: int
    duration_ms: int
    sample_rate_hz: int
    channels: int
    group: str
    """Equal for copies of one recording, as the view duplicate_groups finds them."""
    host: str | None = None
    author: str | None = None
    title: str | None = None
    license: str | None = None
    license_url: str | None = None
    source_url: str | None = None
    page_url: str | None = None
    fetched_at: str | None = None
    withdrawn: str | None = None
    """Why it is no longer valid, if so: deleted or withdrawn."""
    row: Mapping[str, Value] = field(default_factory=dict)
