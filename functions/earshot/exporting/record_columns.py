"""The columns exported with each audio: those of the query, then those of the export."""

from earshot.audio.selected_recording import Column, Value
from earshot.exporting.types_and_protocols import Sample

OURS = (
    Column("key", "STRING"),
    Column("gcp_url", "STRING"),
    Column("audio_id", "STRING"),
    Column("license", "STRING"),
    Column("duration_s", "FLOAT"),
    Column("sample_rate_hz", "INTEGER"),
    Column("channels", "INTEGER"),
)
"""They describe the exported audio, and replace columns of the query with the same names."""


def record(sample: Sample) -> dict[str, Value]:
    """Values by column name."""
    chosen = sample.chosen
    ours: dict[str, Value] = {
        "key": sample.key,
        "gcp_url": chosen.gcp_url,
        "audio_id": chosen.audio_id,
        "license": chosen.license or "unknown",
        "duration_s": round(sample.duration_s, 6),
        "sample_rate_hz": sample.sample_rate_hz,
        "channels": sample.channels,
    }
    return {name: value for name, value in chosen.row.items() if name not in ours} | ours


def layout(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of `record`, in its order."""
    names = {column.name for column in OURS}
    return (*(column for column in columns if column.name not in names), *OURS)
