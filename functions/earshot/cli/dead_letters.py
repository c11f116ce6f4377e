"""`earshot dead`: lists and redelivers messages that Pub/Sub gave up."""

from collections.abc import Iterator
from typing import Annotated

import typer

from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.dead_letters import DeadLetters
from earshot.cli.display import show
from earshot.cli.options import DryRun, Form
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.operating.dead_letters import Status, list_dead_letters
from earshot.operating.dead_letters import replay as redeliver
from earshot.plurals import counted

app = typer.Typer(
    help="Messages that Pub/Sub gave up after too many tries.", no_args_is_help=True, add_completion=False
)

Limit = Annotated[int, typer.Option(min=1, help="Largest number of messages to read from each topic.")]


@app.command("list")
@explained
def list_(
    limit: Limit = 100,
    form: Form = None,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """List dead letters and what happened to their subject since; they remain in the subscription.

    Reasons: `unsettled` (worth a replay), `stored`, `refused`, `superseded`, `gone` (need no replay), `bad_event`
    (cannot be parsed). `given_up_by` is the subscription, which has the name of its function. The logs of the
    functions have the error of each try under the audio_id.
    """
    with at(data_dir, cloud) as target:
        store = Bucket(target.bucket)
        cases = [
            case for dead_letters in _dead_letters(target) for case in list_dead_letters(dead_letters, store, limit)
        ]
        rows = [
            {
                "topic": case.dead_letter.topic,
                "given_up_by": case.dead_letter.given_up_by,
                "reason": case.status,
                "tries": case.dead_letter.attempts,
                "published_at": case.dead_letter.published_at,
                "subject": case.subject,
            }
            for case in cases
        ]
        show(rows, form)


@app.command()
@explained
def replay(
    reason: Annotated[
        list[Status] | None, typer.Option(help="Only messages with this reason, as list shows it; may be repeated.")
    ] = None,
    limit: Limit = 1000,
    dry_run: DryRun = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Redeliver dead letters on the topic that they came from. Harmless for recordings that need no replay."""
    with at(data_dir, cloud) as target:
        store = Bucket(target.bucket)
        count = sum(
            redeliver(dead_letters, store, limit, reason or (), dry_run=dry_run)
            for dead_letters in _dead_letters(target)
        )
        say.print(f"{counted(count, 'dead letter')} {'would be ' if dry_run else ''}delivered again.")


def _dead_letters(target: Target) -> Iterator[DeadLetters]:
    with google_clients.subscriber() as subscriber:
        publisher = google_clients.publisher()
        for topic in (target.settings.found_topic, target.settings.stored_topic, target.settings.rows_topic):
            yield DeadLetters(subscriber, publisher, target.settings.project, topic)
        publisher.stop()
