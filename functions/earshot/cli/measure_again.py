"""`earshot classify`: what lies on the shelf, measured again."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from earshot.adapters.queries import Queries
from earshot.cli.crawl import Patience
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.cli.waiting import present, wait_for_objects

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
    """Measure and classify again what is on the shelf: all of it, or what a condition selects.

    Publishes the same news as the bucket does when an object arrives; a row is replaced by its equal, so this is
    harmless. Without a condition the kept refusals are read again too, so that lost tables are filled anew. Exits
    with 1 if nothing new is known of a recording when the wait is over.
    """
    with at(data_dir, cloud) as target:
        since = present(target)
        audio = list(_chosen(target, where) if where else target.bucket.list_blobs(prefix="audio/"))
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
    """The key of an object's row."""
    return f"gs://{blob.bucket.name}/{blob.name}"


def _chosen(target: Target, where: str) -> Iterator["Blob"]:
    """The objects of the rows for which the condition holds; those deleted since are left out."""
    start = f"gs://{target.bucket.name}/"
    queries = Queries(target.bigquery, target.settings.dataset)
    for row in queries.stream(f"SELECT gcp_url FROM audio_metadata WHERE (\n{where}\n) ORDER BY gcp_url"):  # noqa: S608
        if row["gcp_url"].startswith(start):
            blob = target.bucket.get_blob(row["gcp_url"].removeprefix(start))
            if blob is not None:
                yield blob
