"""`earshot columns`: lists the columns of the tables, from their schema files."""

from typing import Annotated

import typer

from earshot.adapters.schema import columns as schema
from earshot.adapters.schema import tables
from earshot.cli.display import show
from earshot.cli.options import Form

PAGE = """# Columns

Written by `make columns` from the schema files in `functions/earshot/adapters`, which Terraform, Python and the
SQL read too.
"""


def columns(
    table: Annotated[str, typer.Argument(help=f"Which table: {', '.join(tables())}.")] = "audio_metadata",
    form: Form = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="All tables, as the page docs/columns.md.")] = False,
) -> None:
    """List the columns of a table: name, type, unit and definition."""
    if table not in tables():
        raise typer.BadParameter(f"{table} is none of {', '.join(tables())}")
    if markdown:
        typer.echo(page(), nl=False)
    else:
        rows = [{"column": found.name, "type": found.type, "meaning": found.description} for found in schema(table)]
        show(rows, form)


def page() -> str:
    """All tables as Markdown."""
    parts = [PAGE]
    for table in tables():
        parts.append(f"\n## {table}\n\n| column | type | meaning |\n|---|---|---|\n")
        for column in schema(table):
            required = " REQUIRED" if column.mode == "REQUIRED" else ""
            parts.append(f"| `{column.name}` | {column.type}{required} | {column.description.replace('|', '/')} |\n")
    return "".join(parts)
