"""`earshot diff-versions`: compares the measurements of two versions of the analyser."""

from typing import Annotated

import typer

from earshot.adapters.queries import Queries
from earshot.cli.display import show
from earshot.cli.options import Form
from earshot.cli.row_formats import Row
from earshot.cli.target import Cloud, DataDir, at, explained
from earshot.operating.compare_versions import Difference, differences


@explained
def diff_versions(
    earlier: Annotated[int, typer.Argument(help="An analyser_version.")],
    later: Annotated[int, typer.Argument(help="The one to compare with it.")],
    everything: Annotated[bool, typer.Option("--all", help="Show unchanged measures as well.")] = False,
    form: Form = None,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Compare two versions of the analyser over the recordings that both have measured (table `analyses`).

    To see what a new version does before the rest is measured again, deploy it and run `earshot backfill` with a
    condition that selects a sample, such as `MOD(shard, 100) = 7`.
    """
    with at(data_dir, cloud) as target:
        found = differences(Queries(target.bigquery, target.settings.dataset), earlier, later)
        show([_row(difference) for difference in found if everything or difference.changed], form)


def _row(difference: Difference) -> Row:
    changes = sorted(difference.examples.items(), key=lambda example: -example[1])
    return {
        "measure": difference.measure,
        "compared": difference.compared,
        "changed": difference.changed,
        "appeared": difference.appeared,
        "vanished": difference.vanished,
        "mean_change": difference.mean,
        "largest_change": difference.largest if difference.numbers else None,
        "largest_in": difference.largest_in,
        "words": "; ".join(f"{text} ({count})" for text, count in changes[:3]) or None,
    }
