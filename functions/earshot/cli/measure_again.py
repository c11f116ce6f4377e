"""`earshot classify`: measures stored recordings again."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from earshot.adapters.queries import Queries
from earshot.cli.crawl import Patience
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.cli.waiting import wait_for_objects, warehouse_time

if TYPE_CHECKING:
    from google.cloud.storage import Blob


@explained
def classify(
    where: Annotated[
        str | None,
        typer.Option(help="Only rows of audio_metadata for which this SQL condition holds.", metavar="CONDITION"),
    ] = None,
    patience_s: Patience = 300.0,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Measure and classify stored recordings again: all of them, or those that a condition selects.

    Publishes the notification that the bucket sends when an object is stored; a row is replaced by an equal one, so
    this is harmless. Without a condition the stored refusals are read again too, which restores lost tables. Exits
    with 1 if a recording has no new row or refusal when the wait is over.
    """
    with at(data_dir, cloud) as target:
        since = warehouse_time(target)
        audio = list(_selected(target, where) if where else target.bucket.list_blobs(prefix="audio/"))
        refused = [] if where else list(target.bucket.list_blobs(prefix="refused/"))
        notifications = target.notifications()
        for blob in (*audio, *refused):
            notifications.publish(gcp_url(blob), int(blob.generation))
        notifications.flush()
        say.print(f"{len(audio)} recordings to be measured again, {len(refused)} refusals to be read again.")
        lost: frozenset[str] = frozenset()
        if patience_s:
            outcome = wait_for_objects(target, map(gcp_url, audio), patience_s, since)
            say.print(f"{len(audio)} recordings: {outcome}.")
            lost = outcome.lost | wait_for_objects(target, map(gcp_url, refused), patience_s).lost
    if lost:
        raise typer.Exit(1)


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
