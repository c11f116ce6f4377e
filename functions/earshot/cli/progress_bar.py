"""A progress bar on standard error, removed when the work is done."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from earshot.cli.target import say


def progress_bar() -> Progress:
    """A bar with number done, total and remaining time; use it in a `with` statement."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=say, transient=True, disable=not say.is_terminal)
