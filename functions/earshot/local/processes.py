"""Processes that end with their parent: started with a log each, watched until they answer, stopped by their pids."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

START_S = 60.0  # until a server that does not answer counts as failed
STOP_S = 10.0  # between SIGTERM and SIGKILL
LOGS_KEPT = 3  # of earlier starts, of each process
TAIL_LINES = 15  # of a log, in the message of a server that does not come up


class ProcessFailed(RuntimeError):
    """A process ended or does not answer; the message carries the end of its log."""


class ManagedProcess:
    """One process, and where it writes."""

    def __init__(self, name: str, module: str, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603  our own modules
                [sys.executable, "-m", "earshot.local.end_with_parent", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
                start_new_session=True,  # Ctrl-C in a terminal reaches the parent alone, which stops us in order
            )

    @property
    def pid(self) -> int:
        """Of the process."""
        return self.process.pid

    def check(self) -> None:
        """Raise ProcessFailed if the process has ended."""
        code = self.process.poll()
        if code is not None:
            raise ProcessFailed(f"{self.name} ended with status {code}. The end of {self.log}:\n{self.tail()}")

    def wait(self, url: str) -> None:
        """Return when anything answers there by HTTP.

        Raises:
            ProcessFailed: the process ended, or nothing answers in time.
        """
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            self.check()
            try:
                requests.get(url, timeout=5)
                return
            except requests.RequestException:
                time.sleep(0.05)
        raise ProcessFailed(f"{self.name} does not answer at {url}. The end of {self.log}:\n{self.tail()}")

    def wait_for_port(self, port: int) -> None:
        """Return when something listens there; for servers that do not speak HTTP/1."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            self.check()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise ProcessFailed(f"{self.name} does not listen on {port}. The end of {self.log}:\n{self.tail()}")

    def tail(self) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])

    def stop(self) -> None:
        """Send SIGTERM, and SIGKILL to one that does not end."""
        self.process.terminate()
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Processes:
    """A group of processes; leaving the block stops all, the last one first."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.logs = logs
        self.all: list[ManagedProcess] = []
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.all:
            process.process.terminate()  # all at once: none waits for another
        self._exits.close()

    def start(self, name: str, module: str, *arguments: object, env: Mapping[str, str] | None = None) -> ManagedProcess:
        """Start a module; its log is `logs/{name}.log`, and those of earlier starts `.log.1` and so on."""
        log = self.logs / f"{name}.log"
        _rotate(log)
        process = ManagedProcess(name, module, [str(argument) for argument in arguments], env or {}, log)
        self._exits.callback(process.stop)
        self.all.append(process)
        return process


def _rotate(log: Path) -> None:
    """Begin a log anew, and keep those of the last starts."""
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    log.write_bytes(b"")


def has_ended(pid: int) -> bool:
    """Whether a process has ended; a child of ours is left for its `ManagedProcess` to collect."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:  # somebody else's
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on just now, all different."""
    with ExitStack() as probes:
        found = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in found:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in found]
