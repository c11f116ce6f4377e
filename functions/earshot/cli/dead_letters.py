"""`earshot dead`: messages that Pub/Sub gave up, listed and delivered again."""

from collections.abc import Iterator
from typing import Annotated

import typer

from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.dead_letters import DeadLetters
from earshot.cli.display import Format, show
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.operating.dead_letters import Since, listed
from earshot.operating.dead_letters import replay as again

app = typer.Typer(help="Messages that Pub/Sub gave up after too many tries.", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=1, help="At most so many of each topic are looked at.")]


@app.command("list")
@explained
def list_(
    limit: Limit = 100,
    form: Annotated[Format, typer.Option("--format", help="How to write the answer.")] = Format.TABLE,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Show dead letters and what became of their subject since; they stay where they are.

    Reasons: `unsettled` (worth a replay), `stored`, `refused`, `superseded`, `gone` (settled otherwise meanwhile),
    `bad_event` (cannot be read). The rooms' logs say under the audio_id what went wrong each time.
    """
    with at(data_dir, cloud) as target:
        store = Bucket(target.bucket)
        cases = [case for dead_letters in _dead_letters(target) for case in listed(dead_letters, store, limit)]
        rows = [
            {
                "topic": case.dead_letter.topic,
                "reason": case.reason,
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
        list[Since] | None, typer.Option(help="Only those of this reason, as list shows it; may be repeated.")
    ] = None,
    limit: Limit = 1000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many, and leave it at that.")] = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Deliver dead letters again, on the topic that they came from. Harmless for what has been settled since."""
    with at(data_dir, cloud) as target:
        store = Bucket(target.bucket)
        count = sum(
            again(dead_letters, store, limit, reason or (), dry_run=dry_run) for dead_letters in _dead_letters(target)
        )
        say.print(f"{count} dead letters {'would be ' if dry_run else ''}delivered again.")


def _dead_letters(target: Target) -> Iterator[DeadLetters]:
    with google_clients.subscriber() as subscriber:
        publisher = google_clients.publisher()
        for topic in (target.settings.found_topic, target.settings.stored_topic):
            yield DeadLetters(subscriber, publisher, target.settings.project, topic)
        publisher.stop()
