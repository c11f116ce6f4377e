"""`earshot up`: runs the local stack until it is stopped."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.table import Table

from earshot.cli.target import DataDir, explained, say
from earshot.local.endpoints import Endpoints, home_folder


@explained
def up(
    data_dir: DataDir = None,
    allow_private_addresses: Annotated[
        bool,
        typer.Option(
            "--allow-private-addresses", help="Let the functions fetch from loopback and private networks; for tests."
        ),
    ] = False,
) -> None:
    """Start the local stack and keep it running: Pub/Sub, Cloud Storage, BigQuery and the three functions, on loopback.

    Other commands find it by themselves. Its state is kept in the data folder for the next start.
    """
    from earshot.local.stack import running

    home = home_folder(data_dir)
    with (
        stopped_by_sigterm(),
        say.status("starting") as status,
        running(home, allow_private_addresses=allow_private_addresses, say=status.update) as endpoints,
    ):
        status.stop()
        describe(endpoints)
        say.print(f"State and logs are in {home}. Stop it with Ctrl-C.")
        wait_for_stop(endpoints, home)


def describe(endpoints: Endpoints) -> None:
    """Print all addresses, as variables for other programs."""
    listed = Table.grid(padding=(0, 2))
    for name, value in endpoints.environment().items():
        if not name.upper().endswith("_PROXY"):
            listed.add_row(f"[cyan]{name}", value)
    for function, address in endpoints.functions.items():
        listed.add_row(f"[dim]{function}", f"[dim]{address}")
    say.print(listed)


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Leave the block on SIGTERM as on Ctrl-C, so that started processes are stopped."""

    def leave(_signal: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def wait_for_stop(endpoints: Endpoints, home: Path) -> None:
    """Wait until Ctrl-C or SIGTERM.

    Raises:
        ProcessFailed: a process of the stack has ended by itself.
    """
    from earshot.local.processes import ProcessFailed, has_ended

    try:
        while not (ended := [name for name, pid in endpoints.pids.items() if has_ended(pid)]):
            time.sleep(1)
    except KeyboardInterrupt:
        say.print("Stopped.")
        return
    raise ProcessFailed(f"{', '.join(ended)} ended unexpectedly; see the logs in {home}/logs")
