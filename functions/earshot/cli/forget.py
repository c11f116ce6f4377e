"""`earshot forget`: withdraws recordings for good."""

from typing import Annotated

import typer

from earshot.adapters.bucket import Bucket
from earshot.adapters.erase_withdrawn_rows import WithdrawnRows
from earshot.adapters.mark_removed_rows import Removals
from earshot.adapters.queries import Queries
from earshot.adapters.shared_commit import SharedCommit
from earshot.cli.display import show
from earshot.cli.options import DryRun, Yes
from earshot.cli.target import Cloud, DataDir, at, explained, say
from earshot.operating.forget import find_recordings
from earshot.operating.forget import forget as withdraw
from earshot.plurals import counted


@explained
def forget(
    subject: Annotated[
        str,
        typer.Argument(metavar="URL|gs://…|HOST", help="A recording by its address or its object, or a whole host."),
    ],
    yes: Yes = False,
    dry_run: DryRun = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Delete recordings, mark their rows as withdrawn, erase their texts.

    They are never downloaded again. A host means everything from it and its subdomains, now and later. Later exports
    leave these recordings out and list them; the bucket's soft delete keeps the bytes for its retention time.
    """
    with at(data_dir, cloud) as target:
        store, bucket = Bucket(target.bucket), target.bucket.name
        recordings = find_recordings(Queries(target.bigquery, target.settings.dataset), store, bucket, subject)
        show([{"audio_id": found.audio_id, "object": found.gcp_url} for found in recordings])
        if dry_run:
            return
        if not yes:
            question = f"Forget {counted(len(recordings), 'recording')} for good in {target.name}?"
            typer.confirm(question, abort=True, err=True)
        table = Removals(target.bigquery, target.settings.dataset, "audio_metadata", schema="audio_metadata")
        removals = SharedCommit(table)
        withdrawn_rows = WithdrawnRows(target.bigquery, target.settings.dataset)
        withdraw(recordings, subject, bucket=bucket, store=store, removals=removals, withdrawn_rows=withdrawn_rows)
        say.print(f"{counted(len(recordings), 'recording')} forgotten.")
