"""`earshot settings`: lists every setting of every function."""

from typing import Annotated

import typer

from earshot.cli.display import show
from earshot.cli.known_settings import faults, known_settings
from earshot.cli.options import Form
from earshot.cli.target import DataDir, explained, safe, say
from earshot.local.endpoints import found, home_folder


@explained
def settings(
    function: Annotated[
        str, typer.Argument(metavar="[FUNCTION]", help="Only settings of this function, such as analyser.")
    ] = "",
    changed: Annotated[bool, typer.Option("--changed", help="Only settings that differ from their default.")] = False,
    form: Form = None,
    data_dir: DataDir = None,
) -> None:
    """List every setting of every function: type, default, unit, meaning, value in force and where it comes from.

    Settings are environment variables; a deployment sets them in Terraform. Exits with 1 if an EARSHOT_ variable of
    the environment is unknown or has a wrong value.
    """
    running = found(home_folder(data_dir))
    listed = known_settings(running.environment() if running else None)
    functions = sorted({setting.function for setting in listed})
    if function and function not in functions:
        raise typer.BadParameter(f"{function} is none of {', '.join(functions)}")
    rows = [
        setting.row()
        for setting in listed
        if (not function or setting.function == function) and (not changed or setting.value != setting.default)
    ]
    show(rows, form)
    wrong = faults()
    for sentence in wrong:
        say.print(f"[red]earshot:[/] {safe(sentence)}")
    if wrong:
        raise typer.Exit(1)
