"""`earshot forget`: recordings withdrawn for good."""

from typing import Annotated

import typer

from earshot.adapters.bucket import Bucket
from earshot.adapters.questions import Questions
from earshot.adapters.removals import Removals
from earshot.adapters.traces import Traces
from earshot.cli.display import show
from earshot.cli.place import Cloud, DataDir, at, explained, say
from earshot.operating.forget import concerned
from earshot.operating.forget import forget as withdraw


@explained
def forget(
    target: Annotated[
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
    with at(data_dir, cloud) as place:
        shelf, bucket = Bucket(place.bucket), place.bucket.name
        recordings = concerned(Questions(place.bigquery, place.desk.dataset), shelf, bucket, target)
        show([{"audio_id": found.audio_id, "object": found.gcp_url} for found in recordings])
        if dry_run:
            return
        if not yes:
            typer.confirm(f"Forget {len(recordings)} recordings for good?", abort=True, err=True)
        removals = Removals(place.bigquery, place.desk.dataset, "audio_metadata", schema="audio_metadata")
        traces = Traces(place.bigquery, place.desk.dataset)
        withdraw(recordings, target, bucket=bucket, shelf=shelf, removals=removals, traces=traces)
        say.print(f"{len(recordings)} recordings forgotten.")
