"""`earshot export`: from a query to training data, or to a relational copy."""

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earshot.adapters import google_clients
from earshot.adapters.export_catalogue import Catalogue
from earshot.audio import now
from earshot.cli.progress_bar import progress_bar
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.errors import BadRequest
from earshot.exporting.export_request import Codec, ExportRequest, Form
from earshot.local.endpoints import home_folder

if TYPE_CHECKING:
    from earshot.exporting.export import Report
    from earshot.exporting.types_and_protocols import Destination

ALL = "SELECT * FROM audio_info"
HIDDEN = ".earshot-export"
"""Folder in the destination where the plan lies, if the destination is a folder."""


@explained
def export(
    to: Annotated[str, typer.Option(help="A folder, gs://…, sqlite:///file.db or postgresql://….", metavar="PLACE")],
    sql: Annotated[
        str, typer.Option(help="Any query that yields gcp_url or audio_id; its other columns come along.")
    ] = ALL,
    form: Annotated[Form, typer.Option("--format", help="Who is going to read it.")] = Form.PARQUET,
    split: Annotated[
        str | None, typer.Option(help="Shares of train/validation/test, or train/test.", metavar="90/5/5")
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
    limit: Annotated[int | None, typer.Option(min=1, help="Most recordings, the same ones each time.")] = None,
    name: Annotated[str, typer.Option(help="Name of the dataset on its card.")] = "earshot export",
    shard_mb: Annotated[int, typer.Option(min=1, max=16384, help="Size of a shard in MiB, about.")] = 256,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Recordings fetched side by side.")] = 8,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Copy the recordings of a query out to training, with licences, attribution, card and checksums.

    Killed midway it goes on where it was when asked the same again; asked again when finished, it writes what differs.
    Withdrawn recordings are left out, and listed if an earlier export in this place had them. A database address gets
    a copy of audio_info instead, its rows replaced by id.
    """
    with at(data_dir, cloud) as target:
        catalogue = Catalogue(target.bigquery, target.settings.dataset)
        if "://" in to and not to.startswith("gs://"):
            _relational(catalogue, sql, to)
            return
        if transcode and transcode.is_lossy and find_spec("pydub") is None:
            raise BadRequest(f"transcode: {transcode} is written by pydub: pip install 'earshot[exporter,transcode]'")
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
        _tell(_packed(target, catalogue, request, to, home_folder(data_dir), workers), to)


def shares(split: str | None) -> tuple[float, ...]:
    """`90/5/5` as numbers.

    Raises:
        BadRequest: it is not numbers between slashes.
    """
    try:
        return tuple(float(share) for share in split.split("/")) if split else ()
    except ValueError as error:
        raise BadRequest(f"split: {split} is not shares between slashes, such as 90/5/5") from error


def _packed(
    target: Target, catalogue: Catalogue, request: ExportRequest, to: str, home: Path, workers: int
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
        destination, state = Folder(Path(to)), Path(to) / HIDDEN
    with progress_bar() as progress:
        task = progress.add_task("asking", total=None)

        def told(what: str, done: int, of: int) -> None:
            progress.update(task, description=what, completed=done, total=of or None)

        return write(
            request,
            catalogue=catalogue,
            store=Buckets(storage),
            destination=destination,
            state=state,
            now=now,
            workers=workers,
            progress=told,
        )


def _tell(report: "Report", to: str) -> None:
    """What came of it: remarks to standard error, the splits as the answer."""
    from earshot.cli.display import show

    if report.resumed:
        say.print("Went on with an export that had been interrupted; its rows are those of its beginning.")
    show([{"split": name, "recordings": n, "hours": f"{hours:.3f}"} for name, (n, hours) in report.recordings.items()])
    written = report.shards - report.shards_kept
    say.print(f"{to}: {written} shards written, {report.shards_kept} were there already; rows as of {report.snapshot}.")
    for reason, count in report.left_out.items():
        say.print(f"[yellow]left out:[/] {count}, {reason}")
    if report.withdrawn:
        say.print(f"[yellow]withdrawn:[/] {report.withdrawn} recordings of earlier exports here, see withdrawn.csv")


def _relational(catalogue: Catalogue, sql: str, to: str) -> None:
    from earshot.adapters.copy_to_sql_database import connected, copy

    engine = connected(to)
    withdrawn = ((audio_id, gcp_url) for audio_id, gcp_url, *_ in catalogue.withdrawn())
    written, deleted = copy(engine, catalogue.rows(sql), withdrawn)
    say.print(f"{written} rows of audio_info in {engine.url.render_as_string(hide_password=True)}, {deleted} deleted.")
