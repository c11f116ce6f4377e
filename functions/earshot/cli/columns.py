"""`earshot columns`: lists the columns of tables, from their schema files, and of views, from their SQL."""

from difflib import get_close_matches
from typing import Annotated

import typer

from earshot.adapters.schema import columns as schema
from earshot.adapters.schema import tables, views
from earshot.cli.display import show
from earshot.cli.options import Form
from earshot.cli.target import safe, say

PAGE = """# Columns

Written by `make columns` from the schema files in `functions/earshot/adapters`, which Terraform, Python and the
SQL read too.
"""


def columns(
    table: Annotated[
        str,
        typer.Argument(metavar="TABLE|VIEW", help=f"A table: {', '.join(tables())}; or a view: {', '.join(views())}."),
    ] = "audio_metadata",
    form: Form = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="All tables, as the page docs/columns.md.")] = False,
) -> None:
    """List the columns of a table or view: name, type, unit and definition.

    A view's column is defined by the table's column which it is, or by its formula.
    """
    if markdown:
        typer.echo(page(), nl=False)
        return
    if table in views():
        from earshot.cli.view_columns import view_columns, view_comment  # the SQL parser takes a second

        say.print(safe(f"{table}: {view_comment(table)}"))
        listed = view_columns(table)
    elif table in tables():
        listed = schema(table)
    else:
        near = get_close_matches(table, [*tables(), *views()], 1)
        hint = f"; did you mean {near[0]}?" if near else f": {', '.join([*tables(), *views()])}"
        raise typer.BadParameter(f"{table} is no table or view{hint}", param_hint="TABLE|VIEW")
    show([{"column": found.name, "type": found.type, "meaning": found.description} for found in listed], form)


def page() -> str:
    """All tables as Markdown."""
    parts = [PAGE]
    for table in tables():
        parts.append(f"\n## {table}\n\n| column | type | meaning |\n|---|---|---|\n")
        for column in schema(table):
            required = " REQUIRED" if column.mode == "REQUIRED" else ""
            parts.append(f"| `{column.name}` | {column.type}{required} | {column.description.replace('|', '/')} |\n")
    return "".join(parts)
