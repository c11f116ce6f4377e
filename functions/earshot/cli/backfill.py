"""`earshot backfill`: measures recordings selected by SQL again, after an estimate of number and cost."""

from typing import Annotated

import typer

from earshot.adapters.queries import Queries
from earshot.cli.options import DryRun
from earshot.cli.target import Cloud, DataDir, at, explained, say
from earshot.operating.backfill import backfill as start
from earshot.operating.backfill import plan
from earshot.plurals import counted


@explained
def backfill(
    where: Annotated[
        str, typer.Option(help="Condition on the columns of audio_metadata, in SQL.", metavar="CONDITION")
    ],
    dry_run: DryRun = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Measure again the recordings that a condition selects, such as `analyser_version < 3`.

    Prints first the number of recordings and hours, and the estimated cost by the table prices; then publishes a
    notification of each to the analyser. Does not wait for rows: `earshot classify --where …` does.
    """
    with at(data_dir, cloud) as target:
        queries = Queries(target.bigquery, target.settings.dataset)
        planned = plan(queries, where)
        cost = "an unknown cost (no prices)" if planned.usd is None else f"about {planned.usd:.4f} USD"
        say.print(
            f"{counted(planned.recordings, 'recording')}, {planned.hours:.3f} hours,"
            f" about {planned.cpu_s:.1f} s of CPU time, {cost}."
        )
        if not dry_run:
            published = start(queries, target.notifications(), where)
            say.print(f"{counted(published, 'recording')} to be measured again.")
