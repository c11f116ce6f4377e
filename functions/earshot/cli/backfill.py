"""`earshot backfill`: recordings chosen by SQL, measured again, after one has seen how many and at what cost."""

from typing import Annotated

import typer

from earshot.adapters.queries import Queries
from earshot.cli.target import Cloud, DataDir, at, explained, say
from earshot.operating.backfill import backfill as start
from earshot.operating.backfill import plan


@explained
def backfill(
    where: Annotated[
        str, typer.Option(help="Condition on the columns of audio_metadata, in SQL.", metavar="CONDITION")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would take, and leave it at that.")] = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Measure again what a condition selects, such as `analyser_version < 3`.

    Says first how many recordings and hours that is, and about what it costs by the table prices; then tells the
    analyser of each, on the topic that the bucket uses. Does not wait: `earshot classify --where …` does.
    """
    with at(data_dir, cloud) as target:
        queries = Queries(target.bigquery, target.settings.dataset)
        planned = plan(queries, where)
        cost = "an unknown cost (no prices)" if planned.usd is None else f"about {planned.usd:.4f} USD"
        say.print(
            f"{planned.recordings} recordings, {planned.hours:.3f} hours,"
            f" about {planned.cpu_s:.1f} s of CPU time, {cost}."
        )
        if not dry_run:
            told = start(queries, target.notifications(), where)
            say.print(f"{told} recordings to be measured again.")
