"""`earshot features`: computes frame features as Parquet for the recordings that a condition selects."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.markup import escape

from earshot.adapters.bucket import Bucket
from earshot.adapters.queries import Queries
from earshot.cli.pipeline_options import (
    Account,
    Image,
    MostWorkers,
    Processes,
    Region,
    RunnerOption,
    Temp,
    runner_options,
)
from earshot.cli.progress_bar import progress_bar
from earshot.cli.target import Cloud, DataDir, NoTarget, at, explained, say
from earshot.local.endpoints import home_folder
from earshot.operating.frame_features import Report, featurise, selected
from earshot.pipelines.runner import RunnerOptions, require_beam
from earshot.plurals import counted
from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import write_features_isolated


@explained
def features(
    where: Annotated[
        str, typer.Option(help="Condition on the columns of audio_metadata, in SQL.", metavar="CONDITION")
    ] = "TRUE",
    frame_ms: Annotated[
        int, typer.Option("--frame-ms", min=20, max=10_000, help="Length of a frame in ms; frames do not overlap.")
    ] = 200,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Recordings processed in parallel.")] = 2,
    runner: RunnerOption = None,
    processes: Processes = 1,
    region: Region = "",
    temp: Temp = "",
    image: Image = "",
    account: Account = "",
    most_workers: MostWorkers = 20,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Compute frame features of recordings, as Parquet files in the bucket.

    They are loudness, MFCC, mel bands, chroma and onsets of each frame, stored as features/{audio_id}.parquet.
    Columns: docs/features.md. Recordings that have such features already are skipped, so an interrupted run is
    simply repeated. Exits with 1 if a recording could not be decoded.
    """
    require_beam(runner)
    if find_spec("librosa") is None:
        raise NoTarget("librosa is not installed, which computes the features: `make extra NAME=features`")
    with at(data_dir, cloud) as target:
        options = runner_options(
            target,
            runner,
            processes=processes,
            region=region,
            temp=temp,
            image=image,
            account=account,
            most_workers=most_workers,
        )
        queries = Queries(target.bigquery, target.settings.dataset)
        if options:
            report = _by_pipeline(options, queries, target.bucket.name, where, frame_ms, home_folder(data_dir))
        else:
            report = _in_this_process(queries, Bucket(target.bucket), where, frame_ms, workers)
    for gcp_url, why in report.failed:
        say.print(f"[yellow]not decoded:[/] {escape(f'{gcp_url}: {why}')}")
    say.print(
        f"{counted(report.selected, 'recording')}: {report.written} written"
        f" ({counted(report.frames, 'frame')} of {frame_ms} ms),"
        f" {report.kept} had them already, {report.gone} deleted, {len(report.failed)} could not be decoded."
    )
    if report.failed:
        raise typer.Exit(1)


def _in_this_process(queries: Queries, store: Bucket, where: str, frame_ms: int, workers: int) -> Report:
    with progress_bar() as progress:
        task = progress.add_task("querying", total=None)
        return featurise(
            queries,
            store,
            where,
            write=lambda path, out, frame_ms: write_features_isolated(path, out, frame_ms=frame_ms, limits=Limits()),
            frame_ms=frame_ms,
            workers=workers,
            progress=lambda done, of: progress.update(task, description="features", completed=done, total=of),
        )


def _by_pipeline(
    options: RunnerOptions, queries: Queries, bucket: str, where: str, frame_ms: int, home: Path
) -> Report:
    from earshot.pipelines.features import featurise_by
    from earshot.pipelines.working_folder import WorkingFolder

    rows = selected(queries, where)
    run = f"features-{uuid4().hex}"
    working = WorkingFolder(f"{options.temp.rstrip('/')}/{run}" if options.temp else str(home / run), options.project)
    return featurise_by(options, rows, bucket=bucket, working=working, frame_ms=frame_ms)
