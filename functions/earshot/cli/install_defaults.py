"""`earshot install-defaults`: inserts the default policies and prices into the tables of a new deployment."""

from earshot.adapters.default_policies_and_prices import DEFAULTS, insert_missing_defaults
from earshot.cli.target import Cloud, DataDir, at, explained, say


@explained
def install_defaults(data_dir: DataDir = None, cloud: Cloud = False) -> None:
    """Insert the default policies and prices that the tables lack; rows that people have changed stay unchanged.

    The local stack does this by itself; a deployment runs it after the tables are made.
    """
    with at(data_dir, cloud) as target:
        insert_missing_defaults(target.bigquery, f"{target.settings.project}.{target.settings.dataset}")
    say.print(f"{' and '.join(DEFAULTS)} contain the defaults.")
