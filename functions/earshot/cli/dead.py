"""`earshot dead`: messages that Pub/Sub gave up, listed and delivered again."""

from collections.abc import Iterator
from typing import Annotated

import typer

from earshot.adapters import clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.dead_letters import DeadLetters
from earshot.cli.display import Format, show
from earshot.cli.place import Cloud, DataDir, Place, at, explained, say
from earshot.operating.dead import Since, listed
from earshot.operating.dead import replay as again

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
    with at(data_dir, cloud) as place:
        shelf = Bucket(place.bucket)
        cases = [case for letters in _letters(place) for case in listed(letters, shelf, limit)]
        rows = [
            {
                "topic": case.letter.topic,
                "reason": case.reason,
                "tries": case.letter.attempts,
                "published_at": case.letter.published_at,
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
    with at(data_dir, cloud) as place:
        shelf = Bucket(place.bucket)
        count = sum(again(letters, shelf, limit, reason or (), dry_run=dry_run) for letters in _letters(place))
        say.print(f"{count} dead letters {'would be ' if dry_run else ''}delivered again.")


def _letters(place: Place) -> Iterator[DeadLetters]:
    with clients.subscriber() as subscriber:
        publisher = clients.publisher()
        for topic in (place.desk.found_topic, place.desk.stored_topic):
            yield DeadLetters(subscriber, publisher, place.desk.project, topic)
        publisher.stop()
