"""Packs the shards of an export by a pipeline: recordings are grouped by shard, and each shard is packed by one worker.

Audio does not pass between workers: what is grouped are rows, and a shard's worker downloads its recordings. In a group
they come in any order, and are sorted by key, so equal input gives equal files on any runner.

The working folder of a plan holds input.jsonl (the recordings to pack), names/SHARD.jsonl (files that a shard may have
written) and done/SHARD.jsonl (what became of a shard). What is under done/ is not packed again by a later run.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apache_beam as beam

from earshot.adapters import google_clients
from earshot.adapters.export_destination import GS, Buckets
from earshot.audio.selected_recording import Column, SelectedRecording
from earshot.exporting.export_request import ExportRequest
from earshot.exporting.pack_in_this_process import Packing
from earshot.exporting.pack_shard import Packed, pack
from earshot.exporting.plan_database import Placed, Plan, Shard
from earshot.exporting.types_and_protocols import Sample
from earshot.pipelines.runner import RunnerOptions, run
from earshot.pipelines.working_folder import WorkingFolder, place

INPUT = "input.jsonl"
Row = tuple[str, dict[str, Any]]
"""Key and recording."""


@dataclass(frozen=True)
class ShardPacking:
    """What a worker needs in order to pack shards; can be sent to another process."""

    request: str
    """ExportRequest, as JSON."""
    columns: tuple[Column, ...]
    destination: str
    working: str
    project: str
    threads: int


class PackShard(beam.DoFn):  # type: ignore[misc]  # Beam carries no types
    """A shard's name with its recordings in, the shard's name out once it is at the destination."""

    def __init__(self, packing: ShardPacking) -> None:
        super().__init__()
        self.packing = packing

    def process(self, element: tuple[tuple[str, int], Iterable[Row]]) -> Iterator[str]:
        """Pack one shard; a repeat writes the same files again."""
        (split, number), rows = element
        shard, packing = Shard(split, number), self.packing
        working = WorkingFolder(packing.working, packing.project)
        folder = None if packing.destination.startswith(GS) else packing.working  # on the destination's file system
        with TemporaryDirectory(dir=folder, prefix="work-") as work:
            packed = pack(
                shard,
                [(key, SelectedRecording(**chosen)) for key, chosen in sorted(rows, key=lambda row: row[0])],
                ExportRequest.model_validate_json(packing.request),
                packing.columns,
                store=Buckets(google_clients.storage(packing.project)),
                destination=place(packing.destination, packing.project),
                work=Path(work),
                workers=packing.threads,
                note_names=lambda names: working.write(f"names/{shard.name}.jsonl", names),
            )
        working.write(f"done/{shard.name}.jsonl", outcome_lines(packed))
        yield shard.name


def packing_by(options: RunnerOptions, *, destination: str, temp: str, threads: int) -> Packing:
    """Packs the shards of a plan by a pipeline, and enters what became of them into the plan.

    Args:
        temp: gs://… or a local folder below which each plan has its working folder.
    """

    def packing(
        plan: Plan,
        todo: Sequence[Shard],
        request: ExportRequest,
        columns: tuple[Column, ...],
        work: Path,  # noqa: ARG001  each worker makes its own
        progress: Callable[[int], None],
    ) -> None:
        snapshot = "".join(character for character in str(plan.fact("snapshot")) if character.isalnum())
        url = f"{temp.rstrip('/')}/{request.identity[:16]}-{snapshot}"
        working = WorkingFolder(url, options.project)
        waiting = [shard for shard in todo if not _enter(plan, shard, working, progress)]
        if not waiting:
            return
        working.write(INPUT, _todo(plan, waiting))
        spec = ShardPacking(request.model_dump_json(), columns, destination, url, options.project, threads)
        try:
            run(options, lambda pipeline: build(pipeline, working.path(INPUT), spec))
        finally:
            left = [shard for shard in waiting if not _enter(plan, shard, working, progress)]
        for shard in left:  # every recording of it was withdrawn: nothing was grouped under its name
            plan.finish_shard(shard, [], {}, [])
        for shard in todo:
            working.delete(f"names/{shard.name}.jsonl")
            working.delete(f"done/{shard.name}.jsonl")
        working.delete(INPUT)

    return packing


def build(pipeline: Any, todo: str, spec: ShardPacking) -> None:
    """Add the steps to a pipeline."""
    (
        pipeline
        | "Read recordings" >> beam.io.ReadFromText(todo)
        | "Parse" >> beam.Map(parse)
        | "Group by shard" >> beam.GroupByKey()
        | "Pack shards" >> beam.ParDo(PackShard(spec))
    )


def parse(line: str) -> tuple[tuple[str, int], Row]:
    """A line of input.jsonl: the shard, and a recording of it with its key."""
    split, number, key, chosen = json.loads(line)
    return (split, number), (key, chosen)


def outcome_lines(packed: Packed) -> Iterator[dict[str, Any]]:
    """What became of a shard, one value a line."""
    for sample in packed.samples:
        form = (sample.extension, sample.sample_rate_hz, sample.channels, sample.frames, sample.container_file)
        yield {"sample": [sample.key, *form]}
    for key, reason in packed.lost.items():
        yield {"lost": [key, reason]}
    for placed in packed.files:
        yield {"file": [placed.name, placed.bytes, placed.sha256]}


def _todo(plan: Plan, shards: Iterable[Shard]) -> Iterator[list[Any]]:
    for shard in shards:
        for key, chosen in plan.chosen(shard):
            yield [shard.split, shard.number, key, asdict(chosen)]


def _enter(plan: Plan, shard: Shard, working: WorkingFolder, progress: Callable[[int], None]) -> bool:
    """Enter what became of a shard into the plan; whether it is known.

    A shard from which a recording was withdrawn since it was packed counts as not known.
    """
    plan.note_names(working.read(f"names/{shard.name}.jsonl") or [])
    lines = working.read(f"done/{shard.name}.jsonl")
    chosen = dict(plan.chosen(shard))
    if lines is None or {line["sample"][0] for line in lines if "sample" in line} - chosen.keys():
        return False
    samples = [
        Sample(key, shard.split, Path(), extension, rate_hz, channels, frames, chosen[key], container_file)
        for key, extension, rate_hz, channels, frames, container_file in (
            line["sample"] for line in lines if "sample" in line
        )
    ]
    lost = dict(line["lost"] for line in lines if "lost" in line)
    plan.finish_shard(shard, samples, lost, [Placed(*line["file"]) for line in lines if "file" in line])
    progress(len(samples) + len(lost))
    return True
