"""Options that several verbs share, so that they have one name, one metavar and one help text."""

from typing import Annotated

import typer

from earshot.cli.display import Format

Form = Annotated[
    Format | None,
    typer.Option(
        "--format",
        help="Output format; without it a table, or one record per block where a table is wider than the terminal.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]
Wait = Annotated[
    float,
    typer.Option(
        "--wait", min=0, metavar="SECONDS", help="Longest time to wait, for everything; 0 does not wait for rows."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would be done, and change nothing.")]
