"""Writes Parquet: a table that names audio files, or, for Hugging Face's datasets, a table that contains the bytes."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from earshot.audio.selected_recording import Column, Value
from earshot.exporting.export_request import MIB
from earshot.exporting.plan_database import Shard
from earshot.exporting.record_columns import layout, record
from earshot.exporting.types_and_protocols import Sample

TYPES = {
    "STRING": pa.string(),
    "INTEGER": pa.int64(),
    "INT64": pa.int64(),
    "FLOAT": pa.float64(),
    "FLOAT64": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "BOOL": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
    "DATETIME": pa.timestamp("us"),
    "DATE": pa.date32(),
}
"""Arrow type by BigQuery type; any other type is written as text."""

DATASETS_TYPES = {"int64": "int64", "double": "float64", "bool": "bool", "date32[day]": "date32"}
AUDIO = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
GROUP_ROWS = 1000  # of a row group without bytes


def with_files(
    shard: Shard, samples: list[Sample], columns: tuple[Column, ...], folder: Path
) -> list[tuple[Path, str]]:
    """Write `train-00000.parquet`, whose column `audio` has the paths of the audio files."""
    schema = pa.schema([("audio", pa.string()), *_fields(columns)])
    path = folder / f"{shard.name}.parquet"
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, len(samples), GROUP_ROWS):
            part = samples[start : start + GROUP_ROWS]
            writer.write_table(_table(schema, [sample.file_name for sample in part], part))
    return [(sample.path, sample.file_name) for sample in samples] + [(path, path.name)]


def with_bytes(
    shard: Shard, samples: list[Sample], columns: tuple[Column, ...], folder: Path
) -> list[tuple[Path, str]]:
    """Write `data/train-00000.parquet`, whose column `audio` contains the files; read as an Audio feature."""
    schema = pa.schema([("audio", AUDIO), *_fields(columns)])
    features = json.dumps({"info": {"features": _features(schema)}})
    schema = schema.with_metadata({"huggingface": features})
    path = folder / f"{shard.name}.parquet"
    with pq.ParquetWriter(path, schema, compression="none") as writer:  # audio does not shrink
        for part in _portions(samples):
            audio = [{"bytes": s.path.read_bytes(), "path": f"{s.key}{s.extension}"} for s in part]
            writer.write_table(_table(schema, audio, part))
    return [(path, f"data/{path.name}")]


def _portions(samples: Sequence[Sample], most_bytes: int = 32 * MIB) -> Iterator[list[Sample]]:
    """Samples in groups that fit in memory."""
    part: list[Sample] = []
    size = 0
    for sample in samples:
        here = sample.path.stat().st_size
        if part and size + here > most_bytes:
            yield part
            part, size = [], 0
        part.append(sample)
        size += here
    if part:
        yield part


def _fields(columns: tuple[Column, ...]) -> list[pa.Field]:
    kept = (column for column in layout(columns) if column.name != "audio")
    return [pa.field(column.name, TYPES.get(column.type, pa.string())) for column in kept]


def _table(schema: pa.Schema, audio: Sequence[Any], samples: Sequence[Sample]) -> pa.Table:
    records = [record(sample) | {"audio": one} for sample, one in zip(samples, audio, strict=True)]
    arrays = [pa.array([_typed(row.get(field.name), field.type) for row in records], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _typed(value: Any, wanted: pa.DataType) -> Any:
    """A value of the plan converted to the Arrow type."""
    if not isinstance(value, str):
        return value if not pa.types.is_string(wanted) or value is None else str(value)
    if pa.types.is_timestamp(wanted):
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if wanted.tz else moment
    return date.fromisoformat(value) if pa.types.is_date(wanted) else value


def _features(schema: pa.Schema) -> dict[str, Value | dict[str, Value]]:
    """The schema as features of Hugging Face's datasets."""
    features: dict[str, Value | dict[str, Value]] = {"audio": {"_type": "Audio"}}
    for field in schema:
        if field.name != "audio":
            plain = str(field.type)
            features[field.name] = {"dtype": DATASETS_TYPES.get(plain, plain), "_type": "Value"}
    return features
