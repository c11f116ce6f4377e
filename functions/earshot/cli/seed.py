"""`earshot seed`: the rules and prices to begin with."""

from earshot.adapters.seeds import SEEDS, sow
from earshot.cli.place import Cloud, DataDir, at, explained, say


@explained
def seed(data_dir: DataDir = None, cloud: Cloud = False) -> None:
    """Put the first rules and prices into a warehouse that has none; what people have changed stays.

    The local stack does this by itself, a deployment after it has made the tables.
    """
    with at(data_dir, cloud) as place:
        sow(place.bigquery, f"{place.desk.project}.{place.desk.dataset}")
    say.print(f"{' and '.join(SEEDS)} are there.")
