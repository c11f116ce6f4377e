"""Calls a function in an isolated process, which may hang or crash without harm.

One server process, started on first use and never threaded, imports the decoders once; for each call it forks a
child whose wall time and memory the kernel bounds. Caller and child share a socket of their own:

    caller  --socket-->  server  --fork-->  child   reads a request, answers one line of JSON, exits
       └──────────────── its other end ───────┘     no answer but an end of file: the child died

A child past its time is killed by its own timer, so a decoder stuck in C is too. When the caller's process goes, the
server sees its socket close and kills all children. `multiprocessing` is not used: it would import the
caller's `__main__`, a web server, anew in each child.
"""

import contextlib
import ctypes
import importlib
import json
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from earshot import errors
from earshot.errors import EarshotError, GiveUp, Undecodable
from earshot.sound.resource_limits import Limits

Facts = dict[str, str | int | float | bool | None]  # as in `decoder_output`, which would import numpy here

GRACE_S = 5.0  # for the fork and the answer, beyond the child's own time
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_ALIVE = b" "  # the child's first byte: tells a child that died from a server that did


class IsolatedProcess:
    """The process that forks a child for each call; safe to use from many threads."""

    def __init__(self, preload: Sequence[str] = ()) -> None:
        """Nothing is started before the first call.

        Args:
            preload: modules that the process imports once, so that its children need not.
        """
        self._preload = list(preload)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._owner = 0

    def start(self) -> int:
        """Start the process, unless it runs.

        Returns:
            Its process id.
        """
        with self._lock:
            self._running()
            return self._process.pid if self._process else 0

    def stop(self) -> None:
        """End the process and all its children; the next call starts it anew."""
        with self._lock:
            self._stop()

    def call(self, function: str, limits: Limits, **arguments: Any) -> Facts:
        """Call `function`, named as "module:function", with the arguments and `limits`, in a child.

        Returns:
            What the function returns, and `cpu_ms`, the CPU time that the child took over all its threads.

        Raises:
            GiveUp: as the function does; `Undecodable` where the child dies or takes too long.
            EarshotError: a fault of ours, with its traceback: not the file's, so not given up.
        """
        request = pickle.dumps((function, limits, arguments))
        started = time.monotonic()
        line = self._exchange(request, limits) or self._exchange(request, limits)  # the server itself had died
        if not line:
            raise EarshotError("no isolated process could be started")
        if not line.endswith(b"\n"):
            took_s = time.monotonic() - started
            raise Undecodable(
                f"took longer than {limits.wall_s:g} s" if took_s >= limits.wall_s else "crashed its process"
            )
        answer = json.loads(line)
        if "refused" in answer:
            raise getattr(errors, answer["refused"])(answer["message"], **answer["evidence"])
        if "fault" in answer:
            raise EarshotError(f"{function} failed in its isolated process:\n{answer['fault']}")
        facts: Facts = answer["facts"]
        return facts

    def _exchange(self, request: bytes, limits: Limits) -> bytes:
        """Have a child serve the request.

        Returns:
            What came back: a line; less than a line where the child died; nothing where there was no child.
        """
        answer = b""
        ours, theirs = socket.socketpair()
        with ours, contextlib.suppress(TimeoutError, ConnectionError):
            with theirs:
                self._send(theirs)
            ours.settimeout(limits.wall_s + GRACE_S)
            ours.sendall(request)
            ours.shutdown(socket.SHUT_WR)
            while block := ours.recv(1 << 16):
                answer += block
        return answer

    def _send(self, theirs: socket.socket) -> None:
        with self._lock:
            try:
                socket.send_fds(self._running(), [b"+"], [theirs.fileno()])
            except OSError:  # it died meanwhile
                self._stop()
                socket.send_fds(self._running(), [b"+"], [theirs.fileno()])

    def _running(self) -> socket.socket:
        if self._owner != os.getpid():  # forked from a process that has one: that one is not ours
            self._process = self._channel = None
        if self._channel is None or self._process is None or self._process.poll() is not None:
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
                    [sys.executable, "-m", __name__, str(theirs.fileno()), *self._preload],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,  # a Ctrl-C or a group's SIGTERM is for the parent to handle
                )
            self._channel, self._owner = ours, os.getpid()
        return self._channel

    def _stop(self) -> None:
        if self._channel is not None:
            self._channel.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.wait()
        self._channel = self._process = None


def keep_freed_memory() -> None:
    """Have glibc, where that is the C library, keep up to 64 MiB of what this process frees, and give blocks of up to
    32 MiB from it. By default each of the arrays that come and go by the hundred is mapped, faulted in page by page and
    unmapped again, a tenth to a fifth of the time that measuring takes.
    """
    c_library = ctypes.CDLL(None)
    if hasattr(c_library, "gnu_get_libc_version"):
        c_library.mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        c_library.mallopt(_M_TRIM_THRESHOLD, 64 << 20)


def _serve(channel: socket.socket, preload: Sequence[str]) -> None:
    """Fork a child for each socket that arrives, until the channel closes."""
    os.putenv("OPENBLAS_NUM_THREADS", "1")  # before numpy comes: a process that forks must hold no threads
    keep_freed_memory()
    for module in preload:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not message:
            os.killpg(0, signal.SIGKILL)
        if os.fork() == 0:
            channel.close()
            with socket.socket(fileno=descriptors[0]) as client:
                _answer(client)
            os._exit(0)
        os.close(descriptors[0])


def _answer(client: socket.socket) -> None:
    """Serve one request under its limits."""
    answer: dict[str, Any]
    client.sendall(_ALIVE)
    with client.makefile("rb") as requests:
        function, limits, arguments = pickle.loads(requests.read())  # noqa: S301 from the process that started us
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)
    most = _address_space() + limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        module, _, name = function.partition(":")
        facts = getattr(importlib.import_module(module), name)(**arguments, limits=limits)
        answer = {"facts": facts | {"cpu_ms": round(1000 * time.process_time())}}
    except GiveUp as error:
        answer = {"refused": type(error).__name__, "message": str(error), "evidence": error.evidence}
    except MemoryError:
        needs = f"needs more than {limits.memory_bytes >> 20} MiB of memory"
        answer = {"refused": "Undecodable", "message": needs, "evidence": {}}
    except Exception:  # noqa: BLE001 the end of the process: unreported, a fault of ours would look like a crashed decoder
        answer = {"fault": traceback.format_exc()}
    client.sendall(json.dumps(answer, allow_nan=False).encode() + b"\n")


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
