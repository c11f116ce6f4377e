"""`earshot add-columns`: adds the columns that this version has and the tables of a deployment lack."""

from earshot.cli.target import Cloud, DataDir, at, explained, say


@explained
def add_columns(data_dir: DataDir = None, cloud: Cloud = False) -> None:
    """Add the columns that this version has and the tables lack; nothing is dropped or changed.

    A deployment does this before Terraform plans: tables only grow, and keep the columns that users added.
    """
    from earshot.adapters.add_columns import add_columns as add

    with at(data_dir, cloud) as target:
        added = add(target.bigquery, f"{target.settings.project}.{target.settings.dataset}")
    for table, names in added.items():
        say.print(f"{table}: {', '.join(names) or 'descriptions'} added.")
    if not added:
        say.print("The tables have every column.")
