"""Audio files with one manifest per split: Lhotse cuts, NeMo JSON lines.

Paths in both are relative to the folder of the manifest.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from earshot.audio.selected_recording import Column
from earshot.exporting.export_request import Form
from earshot.exporting.plan_database import Shard
from earshot.exporting.record_columns import record
from earshot.exporting.types_and_protocols import Sample

SPOKEN = ("text", "speaker", "language", "gender")  # columns that make a supervision of Lhotse's


def files(_shard: Shard, samples: list[Sample], _columns: tuple[Column, ...], _folder: Path) -> list[tuple[Path, str]]:
    """The audio files; the manifests are written at the end."""
    return [(sample.path, sample.file_name) for sample in samples]


def lhotse(path: Path, samples: Iterable[Sample]) -> None:
    """Write `cuts_train.jsonl.gz`: one cut per recording, over all of it, with its row under `custom`."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        for sample in samples:
            file.write(json.dumps(cut(sample), ensure_ascii=False).encode() + b"\n")


def nemo(path: Path, samples: Iterable[Sample]) -> None:
    """Write `manifest_train.jsonl`: one line per recording, with `text` if the query yields it."""
    with path.open("w", encoding="utf-8") as file:
        for sample in samples:
            row = record(sample)
            line = {"audio_filepath": sample.file_name, "duration": row.pop("duration_s"), **row}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def cut(sample: Sample) -> dict[str, Any]:
    """A recording as Lhotse's MonoCut, or MultiCut where it has several channels."""
    channels = list(range(sample.channels))
    channel: int | list[int] = channels if len(channels) > 1 else 0
    row = record(sample)
    spoken = {name: row[name] for name in SPOKEN if row.get(name) is not None}
    supervision = {
        "id": sample.key,
        "recording_id": sample.key,
        "start": 0,
        "duration": sample.duration_s,
        "channel": channel,
        **spoken,
    }
    return {
        "id": sample.key,
        "start": 0,
        "duration": sample.duration_s,
        "channel": channel,
        "supervisions": [supervision] if spoken else [],
        "recording": {
            "id": sample.key,
            "sources": [{"type": "file", "channels": channels, "source": sample.file_name}],
            "sampling_rate": sample.sample_rate_hz,
            "num_samples": sample.frames,
            "duration": sample.duration_s,
            "channel_ids": channels,
        },
        "custom": {name: value for name, value in row.items() if value is not None},
        "type": "MonoCut" if len(channels) == 1 else "MultiCut",
    }


MANIFESTS: Mapping[Form, tuple[str, Callable[[Path, Iterable[Sample]], None]]] = {
    Form.LHOTSE: ("cuts_{split}.jsonl.gz", lhotse),
    Form.NEMO: ("manifest_{split}.jsonl", nemo),
}
"""Formats that have a manifest, its name, and the function that writes it."""
