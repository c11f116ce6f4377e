"""`earshot tag`: stored recordings are heard again."""

from typing import Annotated, cast

import typer

from earshot.adapters.model_registry import ModelRegistry
from earshot.adapters.queries import Queries
from earshot.cli.options import Wait
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.cli.waiting import Deadline, wait_for_predictions, warehouse_time
from earshot.operating.request_tagging import tag as start
from earshot.plurals import counted
from earshot.tagging.choose_model import SHIPPED
from earshot.tagging.model_manifest import ModelManifest
from earshot.tagging.vocabulary import TASKS, Task


@explained
def tag(
    where: Annotated[
        str, typer.Option(help="Only rows of audio_metadata for which this SQL condition holds.", metavar="CONDITION")
    ] = "TRUE",
    task: Annotated[
        str | None, typer.Option(help=f"Only recordings without an answer of this task: {', '.join(TASKS)}.")
    ] = None,
    outdated: Annotated[
        bool, typer.Option("--outdated", help="With --task: also recordings whose row is by another than its model.")
    ] = False,
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
    if outdated and task is None:
        raise typer.BadParameter("--outdated needs --task: models answer one task each")
    with at(data_dir, cloud) as target:
        version = _in_use(target, task) if outdated else None
        since = warehouse_time(target)
        urls = start(Queries(target.bigquery, target.settings.dataset), target.notifications(), where, task, version)
        say.print(f"{counted(len(urls), 'recording')} to be heard.")
        lost = _wait(target, urls, patience_s, since) if patience_s and urls else frozenset()
    if lost:
        raise typer.Exit(1)


def _in_use(target: Target, task: str | None) -> str | None:
    """Version of the model that answers a task."""
    pointer = ModelRegistry(target.bucket).current(cast(Task, task))
    if pointer:
        return pointer.version
    described = SHIPPED / str(task) / "model.json"
    return ModelManifest.from_json(described.read_bytes()).version if described.is_file() else None


def _wait(target: Target, urls: list[str], patience_s: float, since: str) -> frozenset[str]:
    outcome = wait_for_predictions(target, urls, Deadline(patience_s), since)
    say.print(
        f"{counted(len(outcome.rows) + len(outcome.lost), 'recording')}: {len(outcome.rows)} in predictions,"
        f" {len(outcome.lost)} without a row yet."
    )
    return outcome.lost
