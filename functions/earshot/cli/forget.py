"""`earshot forget`: recordings withdrawn for good."""

from typing import Annotated

import typer

from earshot.adapters.bucket import Bucket
from earshot.adapters.erase_withdrawn_rows import WithdrawnRows
from earshot.adapters.queries import Queries
from earshot.adapters.removals import Removals
from earshot.cli.display import show
from earshot.cli.target import Cloud, DataDir, at, explained, say
from earshot.operating.forget import concerned
from earshot.operating.forget import forget as withdraw


@explained
def forget(
    subject: Annotated[
        str,
        typer.Argument(metavar="URL|gs://…|HOST", help="A recording by its address or its object, or a whole host."),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is meant, and leave it at that.")] = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Delete recordings, mark their rows as withdrawn, erase what was written of them, and never fetch them again.

    A host means everything from it and from hosts below it, now and later. Exports made from now on leave them out and
    list them; the bucket's soft delete keeps the bytes for as long as it is set to.
    """
    with at(data_dir, cloud) as target:
        store, bucket = Bucket(target.bucket), target.bucket.name
        recordings = concerned(Queries(target.bigquery, target.settings.dataset), store, bucket, subject)
        show([{"audio_id": found.audio_id, "object": found.gcp_url} for found in recordings])
        if dry_run:
            return
        if not yes:
            typer.confirm(f"Forget {len(recordings)} recordings for good?", abort=True, err=True)
        removals = Removals(target.bigquery, target.settings.dataset, "audio_metadata", schema="audio_metadata")
        traces = WithdrawnRows(target.bigquery, target.settings.dataset)
        withdraw(recordings, subject, bucket=bucket, store=store, removals=removals, traces=traces)
        say.print(f"{len(recordings)} recordings forgotten.")
