"""How far long work is: a bar on standard error, gone when the work is done."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from earshot.cli.target import say


def progress_bar() -> Progress:
    """What is done, of how many, and how long the rest will take; to be used in a `with`."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=say, transient=True)
