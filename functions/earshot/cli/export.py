"""`earshot export`: writes the recordings of a query as training data, or rows to a relational database."""

import math
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earshot.adapters import google_clients
from earshot.adapters.export_catalogue import Catalogue
from earshot.audio import now
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
from earshot.cli.sql import warehouse_at
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.errors import BadRequest
from earshot.exporting.export_request import Codec, ExportRequest, Form
from earshot.local.endpoints import home_folder
from earshot.pipelines.runner import Runner, RunnerOptions, require_beam
from earshot.plurals import counted

if TYPE_CHECKING:
    from earshot.exporting.export import Report
    from earshot.exporting.types_and_protocols import Destination

ALL = "SELECT * FROM audio_info"
GS = "gs://"
STATE_FOLDER = ".earshot-export"
"""Folder in the destination for the plan, if the destination is a folder."""


@explained
def export(
    to: Annotated[
        str, typer.Option(help="A folder, gs://…, sqlite:///file.db or postgresql://….", metavar="DESTINATION")
    ],
    sql: Annotated[
        str, typer.Option(help="Any query that yields gcp_url or audio_id; its other columns are exported too.")
    ] = ALL,
    form: Annotated[Form, typer.Option("--format", help="Format, named after the tool that reads it.")] = Form.PARQUET,
    split: Annotated[
        str | None, typer.Option(help="Percent of train/validation/test, or train/test.", metavar="90/5/5")
    ] = None,
    split_by: Annotated[
        str,
        typer.Option(
            help="What stays in one split: group (copies of one recording), author, host, or a column of the query."
        ),
    ] = "group",
    transcode: Annotated[
        Codec | None, typer.Option(help="Recode to mono, of 16 bits; without it the bytes are copied.")
    ] = None,
    rate_hz: Annotated[int | None, typer.Option("--rate", help="Sample rate in Hz of recoded audio.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Largest number of recordings, the same ones each time.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the dataset on its card.")] = "earshot export",
    shard_mb: Annotated[int, typer.Option(min=1, max=16384, help="Approximate size of a shard in MiB.")] = 256,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Recordings downloaded in parallel.")] = 8,
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder with other files, and replace another export in it.")
    ] = False,
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
    """Write the recordings of a query as training data, with licences, attribution, dataset card and checksums.

    Repeat an interrupted export to continue it; repeat a finished one to write what differs. A folder with anything
    else is refused. Withdrawn recordings are
    left out, and listed if an earlier export to this destination had them. For a database address, the rows of
    audio_info are copied instead, replaced by id.
    """
    require_beam(runner)
    relational = "://" in to and not to.startswith("gs://")
    with (warehouse_at if relational else at)(data_dir, cloud) as target:
        catalogue = Catalogue(target.bigquery, target.settings.dataset)
        if relational:
            _relational(catalogue, sql, to)
            return
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
        if transcode and transcode.is_lossy and find_spec("pydub") is None:
            raise BadRequest(f"transcode: {transcode} is written by pydub: `make extra NAME=exporter,transcode`")
        request = ExportRequest(
            sql=sql,
            form=form,
            split=shares(split),
            split_by=split_by,
            transcode=transcode,
            rate_hz=rate_hz,
            limit=limit,
            name=name,
            shard_bytes=shard_mb * 1024 * 1024,
        )
        _show(_packed(target, catalogue, request, to, home_folder(data_dir), workers, force, options), to)


def shares(split: str | None) -> tuple[float, ...]:
    """`90/5/5` as numbers, in percent.

    Raises:
        BadRequest: it is not numbers between slashes, or they do not add up to 100.
    """
    try:
        numbers = tuple(float(share) for share in split.split("/")) if split else ()
    except ValueError as error:
        raise BadRequest(f"split: {split} is not shares between slashes, such as 90/5/5") from error
    if numbers and not math.isclose(sum(numbers), 100, abs_tol=0.01):
        raise BadRequest(f"split: {split} adds up to {sum(numbers):g}, not to 100")
    return numbers


def _packed(
    target: Target,
    catalogue: Catalogue,
    request: ExportRequest,
    to: str,
    home: Path,
    workers: int,
    force: bool,
    options: RunnerOptions | None,
) -> "Report":
    from earshot.adapters.export_destination import Buckets, Folder, Prefix
    from earshot.exporting.export import export as write

    storage = google_clients.storage(target.settings.project)
    destination: Destination
    if to.startswith("gs://"):
        if f"{to.rstrip('/')}/".startswith(f"gs://{target.bucket.name}/") and not to.startswith(f"{target.exports}/"):
            raise BadRequest(
                f"{to}: that bucket holds the recordings, so an export lies below {target.exports}/NAME there"
            )
        destination, state = Prefix(storage, to), home / "exports" / sha256(to.rstrip("/").encode()).hexdigest()[:16]
    else:
        destination, state = Folder(Path(to)), Path(to) / STATE_FOLDER
    if options and options.runner is Runner.DATAFLOW and not to.startswith(GS):
        raise BadRequest(f"{to}: --runner dataflow writes to gs://…, which its workers can reach")
    packing = None
    if options:
        from earshot.pipelines.export import packing_by

        packing = packing_by(options, destination=to, temp=options.temp or str(state / "pipeline"), threads=workers)
    with progress_bar() as progress:
        task = progress.add_task("querying", total=None)

        def update(what: str, done: int, of: int) -> None:
            progress.update(task, description=what, completed=done, total=of or None)

        return write(
            request,
            catalogue=catalogue,
            store=Buckets(storage),
            destination=destination,
            state=state,
            now=now,
            workers=workers,
            packing=packing,
            force=force,
            progress=update,
        )


def _show(report: "Report", to: str) -> None:
    """Print the splits as the result, and messages to standard error."""
    from earshot.cli.display import show

    if report.resumed:
        say.print("Continued an interrupted export, with the rows of its first start.")
    show([{"split": name, "recordings": n, "hours": f"{hours:.3f}"} for name, (n, hours) in report.recordings.items()])
    written = report.shards - report.shards_kept
    say.print(
        f"{to}: {counted(written, 'shard')} written, {report.shards_kept} unchanged; rows as of {report.snapshot}."
    )
    for reason, count in report.left_out.items():
        say.print(f"[yellow]left out:[/] {count}, {reason}")
    if report.withdrawn:
        say.print(
            f"[yellow]withdrawn:[/] {counted(report.withdrawn, 'recording')} of earlier exports, see withdrawn.csv"
        )


def _relational(catalogue: Catalogue, sql: str, to: str) -> None:
    from earshot.adapters.copy_to_sql_database import connect, copy

    engine = connect(to)
    withdrawn = ((audio_id, gcp_url) for audio_id, gcp_url, *_ in catalogue.withdrawn())
    written, deleted = copy(engine, catalogue.rows(sql), withdrawn)
    database = engine.url.render_as_string(hide_password=True)
    say.print(f"{counted(written, 'row')} of audio_info in {database}, {deleted} deleted.")
