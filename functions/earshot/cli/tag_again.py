"""`earshot tag`: stored recordings are heard again."""

from typing import Annotated

import typer

from earshot.adapters.queries import Queries
from earshot.cli.options import Wait
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.cli.waiting import Deadline, wait_for_predictions, warehouse_time
from earshot.operating.request_tagging import tag as start
from earshot.tagging.vocabulary import TASKS


@explained
def tag(
    where: Annotated[
        str, typer.Option(help="Only rows of audio_metadata for which this SQL condition holds.", metavar="CONDITION")
    ] = "TRUE",
    task: Annotated[
        str | None, typer.Option(help=f"Only recordings without a present row of this task: {', '.join(TASKS)}.")
    ] = None,
    patience_s: Wait = 300.0,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Hear stored recordings again.

    All of them, or those that a condition selects.

    Publishes the notification that the bucket sends when an object is stored, addressed to the tagger alone; rows are
    replaced by equal ones, so this is harmless. Exits with 1 if a recording has no new row when the wait is over.
    """
    if task is not None and task not in TASKS:
        raise typer.BadParameter(f"--task {task} is none of {', '.join(TASKS)}")
    with at(data_dir, cloud) as target:
        since = warehouse_time(target)
        urls = start(Queries(target.bigquery, target.settings.dataset), target.notifications(), where, task)
        say.print(f"{len(urls)} recordings to be heard.")
        lost = _wait(target, urls, patience_s, since) if patience_s and urls else frozenset()
    if lost:
        raise typer.Exit(1)


def _wait(target: Target, urls: list[str], patience_s: float, since: str) -> frozenset[str]:
    outcome = wait_for_predictions(target, urls, Deadline(patience_s), since)
    say.print(f"{len(outcome.rows)} recordings have rows in predictions, {len(outcome.lost)} have none yet.")
    return outcome.lost
