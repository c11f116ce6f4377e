"""`earshot up`: runs the local stack until it is stopped."""

import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from earshot.cli.target import DataDir, NoTarget, explained, safe, say
from earshot.errors import BadRequest
from earshot.local.endpoints import Endpoints, found, home_folder


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
    """Start the local stack and keep it running, on loopback: Pub/Sub, Cloud Storage, BigQuery, functions and page.

    Other commands find it by themselves. Its state is kept in the data folder for the next start.
    """
    from earshot.local.stack import running

    check_settings()
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


@explained
def env(data_dir: DataDir = None) -> None:
    """Print the addresses of the running stack as export lines for a shell: `eval "$(earshot env)"`."""
    home = home_folder(data_dir)
    running = found(home)
    if running is None:
        raise NoTarget(f"no stack is running in {home}. Start one with `earshot up`.")
    typer.echo("\n".join(exports(running)))


def exports(endpoints: Endpoints) -> list[str]:
    """Shell lines that set the environment of the stack, proxies excepted."""
    return [
        f"export {name}={shlex.quote(value)}"
        for name, value in endpoints.environment().items()
        if not name.upper().endswith("_PROXY")
    ]


def describe(endpoints: Endpoints) -> None:
    """Print all addresses as lines that can be pasted into a shell."""
    for line in exports(endpoints):
        say.print(safe(line))
    for function, address in endpoints.functions.items():
        say.print(f"[dim]# {function} {safe(address)}")
    if "listener" in endpoints.functions:
        say.print(f"The page: [bold]{safe(endpoints.functions['listener'])}")


def check_settings() -> None:
    """Refuse unknown EARSHOT_ variables and wrong values before processes start, which would end with a traceback.

    Raises:
        BadRequest: naming each, and the nearest setting.
    """
    from earshot.cli.known_settings import faults

    wrong = faults()
    if wrong:
        raise BadRequest("; ".join(wrong))


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
