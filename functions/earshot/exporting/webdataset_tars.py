"""Writes WebDataset tar files, `key.wav` and `key.json` per recording; equal input gives equal bytes."""

import io
import json
import tarfile
from pathlib import Path

from earshot.audio.selected_recording import Column
from earshot.exporting.plan_database import Shard
from earshot.exporting.record_columns import record
from earshot.exporting.types_and_protocols import Sample


def shard(shard: Shard, samples: list[Sample], _columns: tuple[Column, ...], folder: Path) -> list[tuple[Path, str]]:
    """Write `train-00000.tar`."""
    path = folder / f"{shard.name}.tar"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for sample in samples:
            entry = _entry(f"{sample.key}{sample.extension or '.bin'}", sample.path.stat().st_size)
            with sample.path.open("rb") as file:
                tar.addfile(entry, file)
            text = json.dumps(record(sample), ensure_ascii=False).encode()
            tar.addfile(_entry(f"{sample.key}.json", len(text)), io.BytesIO(text))
            sample.path.unlink()
    return [(path, path.name)]


def _entry(name: str, size: int) -> tarfile.TarInfo:
    """A tar entry without time or owner, so that packing again gives the same bytes."""
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o644
    return entry
