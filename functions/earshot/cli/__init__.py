"""The command line: `earshot up`, `crawl`, `load`, `classify`, `sql`, …, one module for each verb.

The same verbs work on the local stack and in the cloud; `target.py` decides which. Messages and progress are written
to standard error, results to standard output. A new verb is a module here and a line in `verbs.py`.
"""

from typing import Annotated

import typer

from earshot import VERSION
from earshot.cli.verbs import LazyVerbs

app = typer.Typer(
    cls=LazyVerbs,
    no_args_is_help=True,
    rich_markup_mode="markdown",  # which flows paragraphs; "rich" keeps the lines of the source
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "The local stack keeps its state in ./.earshot, or in the folder given by --data-dir or EARSHOT_HOME. Commands"
        " work on it unless --cloud is given or EARSHOT_TARGET=cloud is set. Exit status: 0 success, 1 failure (the"
        " message says why), 2 wrong usage, 130 interrupted by Ctrl-C."
    ),
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"earshot {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Finds audio on the web, stores and measures it, and keeps one trustworthy row per recording."""
