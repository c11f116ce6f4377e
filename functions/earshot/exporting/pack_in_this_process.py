"""Where the shards of an export are packed: in this process, or elsewhere by the same function."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from earshot.audio.selected_recording import Column
from earshot.exporting.export_request import ExportRequest
from earshot.exporting.pack_shard import pack
from earshot.exporting.plan_database import Plan, Shard
from earshot.exporting.types_and_protocols import AudioStore, Destination


class Packing(Protocol):
    """Packs shards of a plan, and enters each into it once it is at the destination."""

    def __call__(
        self,
        plan: Plan,
        todo: Sequence[Shard],
        request: ExportRequest,
        columns: tuple[Column, ...],
        work: Path,
        progress: Callable[[int], None],
    ) -> None: ...


def in_this_process(store: AudioStore, destination: Destination, workers: int) -> Packing:
    """Packs one shard after the other, by so many threads, and enters each into the plan."""

    def packing(
        plan: Plan,
        todo: Sequence[Shard],
        request: ExportRequest,
        columns: tuple[Column, ...],
        work: Path,
        progress: Callable[[int], None],
    ) -> None:
        for shard in todo:
            packed = pack(
                shard,
                plan.chosen(shard),
                request,
                columns,
                store=store,
                destination=destination,
                work=work,
                workers=workers,
                note_names=plan.note_names,
                progress=progress,
            )
            plan.finish_shard(shard, packed.samples, packed.lost, packed.files)

    return packing
