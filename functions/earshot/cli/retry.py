"""`earshot retry`: tries refusals again that may succeed now."""

from typing import Annotated

import typer

from earshot.adapters import google_clients
from earshot.adapters.audio_found_topic import Topic
from earshot.adapters.bucket import Bucket
from earshot.adapters.queries import Queries
from earshot.cli.options import DryRun
from earshot.cli.target import Cloud, DataDir, at, explained, say
from earshot.operating.retry import retry as start
from earshot.plurals import counted


@explained
def retry(
    reason: Annotated[
        list[str] | None, typer.Option(help="Reason code of refusals to try again; may be repeated.")
    ] = None,
    retryable: Annotated[
        bool,
        typer.Option("--retryable", help="Refusals of any reason that the source can change, see docs/refusals.md."),
    ] = False,
    host: Annotated[list[str] | None, typer.Option(help="Only links of this host; may be repeated.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Largest number of refusals to try.")] = None,
    dry_run: DryRun = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Try open refusals again (view open_refusals): links are downloaded, files are measured.

    Select them by `--reason` or `--retryable`. Withdrawn recordings are never among them.
    """
    if not reason and not retryable:
        raise typer.BadParameter("select refusals by --reason CODE, or --retryable")
    with at(data_dir, cloud) as target:
        done = start(
            Queries(target.bigquery, target.settings.dataset),
            Bucket(target.bucket),
            Topic(google_clients.publisher, target.settings.project, target.settings.found_topic),
            target.notifications(),
            reasons=reason or (),
            retryable=retryable,
            hosts=host or (),
            limit=limit,
            dry_run=dry_run,
        )
        would = "would be " if dry_run else ""
        say.print(f"{counted(done.links, 'link')} and {counted(done.files, 'file')} {would}tried again.")
        if not (done.links or done.files or done.kept):
            there = target.query("SELECT DISTINCT reason FROM open_refusals ORDER BY reason")
            say.print(
                f"Open refusals have these reasons: {', '.join(row['reason'] for row in there) or 'there are none'}."
            )
        if done.kept:
            say.print(f"[yellow]{done.kept} left:[/] too little information to try again.")
