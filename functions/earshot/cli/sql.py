"""`earshot sql`: runs a query in the warehouse."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from earshot.adapters.queries import Queries
from earshot.cli.display import Format, show
from earshot.cli.options import Form, Yes
from earshot.cli.target import Cloud, DataDir, Target, at, explained, in_cloud, of, say
from earshot.errors import BadRequest
from earshot.local.endpoints import found, home_folder
from earshot.plurals import counted


@explained
def sql(
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help="A SELECT; a table name without dataset means the table of the project's dataset."
        ),
    ],
    form: Form = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the rows to this file; its extension is the format."),
    ] = None,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Leave control characters, and text that a spreadsheet takes for a formula."),
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Allow statements that change tables, such as the rows of policies.")
    ] = False,
    yes: Yes = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Run a query in BigQuery's SQL; nothing is changed without --write.

    If no stack is running, the local tables are opened for this query. A result that is wider than the terminal is
    printed as one record per block; `--format table` prints it as a table all the same. A statement of --write in the
    cloud asks for confirmation.
    """
    with warehouse_at(data_dir, cloud) as target:
        queries = Queries(target.bigquery, target.settings.dataset)
        if write:
            target.confirm("Run this statement", yes=yes)
            changed, result = queries.change(query)
            if changed is not None:
                say.print(f"{counted(changed, 'row')} changed.")
                return
        elif form is Format.PARQUET or (form is None and out and out.suffix == ".parquet"):
            if out is None:
                raise BadRequest("--format parquet needs --out FILE")
            queries.write_parquet(query, out)
            return
        else:
            result = queries.result(query)
        show(result.rows, form, columns=result.columns, out=out, raw=raw)


@contextmanager
def warehouse_at(data_dir: Path | None, cloud: bool) -> Iterator[Target]:
    """A target of which only the tables are needed: without a running stack, the local ones are opened.

    Raises:
        NoTarget: as `at`.
    """
    home = home_folder(data_dir)
    if in_cloud(cloud) or found(home) or not (home / "bigquery").is_dir():
        with at(data_dir, cloud) as target:
            yield target
        return
    from earshot.local.stack import warehouse

    with ExitStack() as opened:
        with say.status("opening the tables"):
            endpoints = opened.enter_context(warehouse(home))
        yield opened.enter_context(of(endpoints))
