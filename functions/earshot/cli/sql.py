"""`earshot sql`: runs a query in the warehouse."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from earshot.adapters.queries import Queries
from earshot.cli.display import Format, show
from earshot.cli.target import Cloud, DataDir, Target, at, explained, of, say
from earshot.local.endpoints import found, home_folder


@explained
def sql(
    query: Annotated[
        str, typer.Argument(help="A SELECT; a table name without dataset means the table of the project's dataset.")
    ],
    form: Annotated[Format, typer.Option("--format", help="Output format.")] = Format.TABLE,
    write: Annotated[
        bool, typer.Option("--write", help="Allow statements that change tables, such as the rows of policies.")
    ] = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Run a query in BigQuery's SQL; nothing is changed without --write.

    If no stack is running, the local tables are opened for this query.
    """
    with _warehouse(data_dir, cloud) as target:
        rows = target.query(query) if write else Queries(target.bigquery, target.settings.dataset).rows(query)
        show(rows, form)


@contextmanager
def _warehouse(data_dir: Path | None, cloud: bool) -> Iterator[Target]:
    home = home_folder(data_dir)
    if cloud or found(home) or not (home / "bigquery").is_dir():
        with at(data_dir, cloud) as target:
            yield target
        return
    from earshot.local.stack import warehouse

    with ExitStack() as opened:
        with say.status("opening the tables"):
            endpoints = opened.enter_context(warehouse(home))
        yield opened.enter_context(of(endpoints))
