"""Computes frame features by a pipeline: recordings in, objects in their bucket and a report out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import apache_beam as beam

from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.operating.frame_features import Report, featurise_one
from earshot.pipelines.runner import RunnerOptions, run
from earshot.pipelines.working_folder import WorkingFolder
from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import write_features_isolated

INPUT, REPORT = "input.jsonl", "report.jsonl"


class ComputeFeatures(beam.DoFn):  # type: ignore[misc]  # Beam carries no types
    """A recording in, its part of the report out."""

    def __init__(self, project: str, bucket: str, frame_ms: int) -> None:
        super().__init__()
        self.project, self.bucket, self.frame_ms = project, bucket, frame_ms

    def setup(self) -> None:
        """Make the client of this process."""
        self.store = Bucket(google_clients.storage(self.project).bucket(self.bucket))

    def process(self, element: tuple[str, str]) -> Iterator[Report]:
        """Compute the features of one recording, unless it has them."""
        gcp_url, audio_id = element
        yield featurise_one(
            gcp_url,
            audio_id,
            self.store,
            write=lambda path, out, frame_ms: write_features_isolated(path, out, frame_ms=frame_ms, limits=Limits()),
            frame_ms=self.frame_ms,
        )


class AddUp(beam.CombineFn):  # type: ignore[misc]  # Beam carries no types
    """Parts of a report in, all of it out."""

    def create_accumulator(self) -> Report:
        """Nothing yet."""
        return Report()

    def add_input(self, report: Report, part: Report) -> Report:
        """One recording more."""
        report.include(part)
        return report

    def merge_accumulators(self, parts: Iterable[Report]) -> Report:
        """Those of several workers."""
        report = Report()
        for part in parts:
            report.include(part)
        return report

    def extract_output(self, report: Report) -> Report:
        """The report; failures in the order of their URLs."""
        report.failed.sort()
        return report


def featurise_by(
    options: RunnerOptions, rows: Iterable[Mapping[str, Any]], *, bucket: str, working: WorkingFolder, frame_ms: int
) -> Report:
    """Compute the features of recordings by a pipeline.

    Raises:
        ComeAgain: the pipeline failed; recordings that have features by then are passed over next time.
    """
    working.write(INPUT, ([row["gcp_url"], row["audio_id"]] for row in rows))
    working.delete(REPORT)
    run(options, lambda pipeline: _build(pipeline, options.project, bucket, working, frame_ms))
    (line,) = working.read(REPORT) or [asdict(Report())]
    working.delete(REPORT)
    working.delete(INPUT)
    return Report(**line | {"failed": [(gcp_url, reason) for gcp_url, reason in line["failed"]]})


def _build(pipeline: Any, project: str, bucket: str, working: WorkingFolder, frame_ms: int) -> None:
    (
        pipeline
        | "Read recordings" >> beam.io.ReadFromText(working.path(INPUT))
        | "Parse" >> beam.Map(json.loads)
        | "Distribute" >> beam.Reshuffle()  # else one worker does all that it read
        | "Compute features" >> beam.ParDo(ComputeFeatures(project, bucket, frame_ms))
        | "Add up" >> beam.CombineGlobally(AddUp())
        | "Write report" >> beam.Map(write_report, url=working.url, project=project)
    )


def write_report(report: Report, *, url: str, project: str) -> None:
    """Write the report to the working folder."""
    WorkingFolder(url, project).write(REPORT, [asdict(report)])
