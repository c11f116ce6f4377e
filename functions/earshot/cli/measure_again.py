"""`earshot classify`: measures stored recordings again."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from earshot.adapters.queries import Queries
from earshot.cli.options import Wait
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.cli.waiting import Deadline, explain_lost, present_outcome, wait_for_objects, warehouse_time
from earshot.plurals import counted

if TYPE_CHECKING:
    from google.cloud.storage import Blob


@explained
def classify(
    where: Annotated[
        str | None,
        typer.Option(help="Only rows of audio_metadata for which this SQL condition holds.", metavar="CONDITION"),
    ] = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only stored recordings that have neither row nor refusal.")
    ] = False,
    wait_s: Wait = 300.0,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Measure and classify stored recordings again: all of them, or those that a condition selects.

    Publishes the notification that the bucket sends when an object is stored; a row is replaced by an equal one, so
    this is harmless. Without a condition the stored refusals are read again too, which restores lost tables;
    `--missing` submits only what was interrupted. Exits with 1 if a recording has no new row or refusal when the wait
    is over.
    """
    if where and missing:
        raise typer.BadParameter("--where and --missing exclude each other")
    deadline = Deadline(wait_s)
    with at(data_dir, cloud) as target:
        since = warehouse_time(target)
        audio = list(_selected(target, where) if where else target.bucket.list_blobs(prefix="audio/"))
        refused = [] if where else list(target.bucket.list_blobs(prefix="refused/"))
        if missing:
            lost = present_outcome(target, map(gcp_url, (*audio, *refused))).lost
            audio, refused = ([blob for blob in blobs if gcp_url(blob) in lost] for blobs in (audio, refused))
        submit(target, (*audio, *refused))
        say.print(
            f"{counted(len(audio), 'recording')} to be measured again,"
            f" {counted(len(refused), 'refusal')} to be read again."
        )
        without: frozenset[str] = frozenset()
        if wait_s:
            outcome = wait_for_objects(target, map(gcp_url, audio), deadline, since)
            say.print(f"{counted(len(audio), 'recording')}: {outcome}.")
            explain_lost(outcome, deadline)
            without = outcome.lost | wait_for_objects(target, map(gcp_url, refused), deadline).lost
    if without:
        raise typer.Exit(1)


def submit(target: Target, blobs: "Iterable[Blob]") -> None:
    """Publish the notification of objects again, so that the analyser processes them."""
    notifications = target.notifications()
    for blob in blobs:
        notifications.publish(gcp_url(blob), int(blob.generation))
    notifications.flush()


def gcp_url(blob: "Blob") -> str:
    """The gs:// address of an object, which is the key of its row."""
    return f"gs://{blob.bucket.name}/{blob.name}"


def _selected(target: Target, where: str) -> Iterator["Blob"]:
    """Objects of the rows for which the condition holds; deleted ones are left out."""
    start = f"gs://{target.bucket.name}/"
    queries = Queries(target.bigquery, target.settings.dataset)
    for row in queries.stream(f"SELECT gcp_url FROM audio_metadata WHERE (\n{where}\n) ORDER BY gcp_url"):  # noqa: S608
        if row["gcp_url"].startswith(start):
            blob = target.bucket.get_blob(row["gcp_url"].removeprefix(start))
            if blob is not None:
                yield blob
