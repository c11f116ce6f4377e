"""Calls a function in an isolated process, which may hang or crash without harm.

One server process, started on first use, imports the decoders once and forks children from itself, whose wall time and
memory the kernel bounds. Caller and child share a socket of their own:

    caller  --socket-->  server  --fork-->  child   reads a request, answers one line of JSON, waits for the next
       └──────────────── its other end ───────┘     no answer but an end of file: the child died

A child that will serve another call ends its line with a plus sign.

A child serves one call at a time and up to a hundred of them, since a fork and empty caches cost more than a short file
does. It ends after any call that gave no facts, after 20 s of CPU time, and once its memory has grown. One that dies
amid a later call than its first may have been damaged by a file before: the call is made again in a fresh child, so
that only the file that crashes a fresh child is refused.

A child past its time is killed by its own timer, so a decoder stuck in C is too. When the caller's process goes, the
server sees its socket close and kills all children. Why neither multiprocessing nor pebble: docs/decisions.
"""

import contextlib
import json
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from earshot import errors
from earshot.errors import EarshotError, Undecodable
from earshot.sound.isolated_server import GOES_ON, LENGTH
from earshot.sound.limits_per_file import Limits

Facts = dict[str, str | int | float | bool | None]  # as in `decoder_output`, which would import numpy here

GRACE_S = 5.0  # for the fork and the answer, beyond the child's own time
MOST_IDLE = 8  # children kept for later calls


class IsolatedProcess:
    """The process whose children make the calls; safe to use from many threads."""

    def __init__(self, preload: Sequence[str] = ()) -> None:
        """Nothing is started before the first call.

        Args:
            preload: modules that the process imports once, so that its children need not; of "module:function" it
                calls the function too.
        """
        self._preload = list(preload)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._idle: dict[int, list[socket.socket]] = defaultdict(list)  # children, by their memory limit
        self._owner = 0
        self._aborts = 0

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

    def abort(self) -> None:
        """End the process, and have the calls that run in other threads fail, with EarshotError, instead of repeat."""
        with self._lock:
            self._aborts += 1
            self._stop()

    def call(self, function: str, limits: Limits, **arguments: Any) -> Facts:
        """Call `function`, named as "module:function", with the arguments and `limits`, in a child.

        Returns:
            What the function returns, and `cpu_ms`, the CPU time that the call took over all threads.

        Raises:
            GiveUp: as the function does; `Undecodable` where the child dies or takes too long.
            EarshotError: a fault of ours, with its traceback: not the file's, so not given up; or `abort` was called.
        """
        pickled = pickle.dumps((function, limits, arguments))
        request = LENGTH.pack(len(pickled)) + pickled
        started, aborts = time.monotonic(), self._aborts
        child = self._take_idle(limits)
        line = self._exchange(child, request, limits) if child else b""
        if child and not line.endswith(b"\n") and time.monotonic() - started >= limits.wall_s:
            raise Undecodable(f"took longer than {limits.wall_s:g} s")
        if not line.endswith(b"\n") and self._aborts == aborts:
            started = time.monotonic()
            line = self._exchange(self._forked(), request, limits)
            if not line and self._aborts == aborts:  # the server itself had died
                line = self._exchange(self._forked(), request, limits)
        if self._aborts != aborts:
            raise EarshotError(f"{function} was aborted")
        if not line:
            raise EarshotError("no isolated process could be started")
        if not line.endswith(b"\n"):
            took_s = time.monotonic() - started
            raise Undecodable(
                f"took longer than {limits.wall_s:g} s" if took_s >= limits.wall_s else "crashed its process"
            )
        answer = json.loads(line.removesuffix(GOES_ON))
        if "refused" in answer:
            raise getattr(errors, answer["refused"])(answer["message"], **answer["evidence"])
        if "fault" in answer:
            raise EarshotError(f"{function} failed in its isolated process:\n{answer['fault']}")
        facts: Facts = answer["facts"]
        return facts

    def _exchange(self, child: socket.socket, request: bytes, limits: Limits) -> bytes:
        """Have a child serve the request; it is kept for later calls if it offers that.

        Returns:
            What came back: a line; less than a line where the child died; nothing where there was no child.
        """
        answer = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            child.settimeout(limits.wall_s + GRACE_S)
            child.sendall(request)
            while not answer.endswith(b"\n") and (block := child.recv(1 << 16)):
                answer += block
        if answer.endswith(GOES_ON):
            with self._lock:
                if self._owner == os.getpid() and len(self._idle[limits.memory_bytes]) < MOST_IDLE:
                    self._idle[limits.memory_bytes].append(child)
                    return answer
        child.close()
        return answer

    def _take_idle(self, limits: Limits) -> socket.socket | None:
        with self._lock:
            if self._owner != os.getpid():
                return None
            idle = self._idle[limits.memory_bytes]
            return idle.pop() if idle else None

    def _forked(self) -> socket.socket:
        """The socket to a new child, which may be dead already."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                socket.send_fds(self._running(), [b"+"], [theirs.fileno()])
            except OSError:  # it died meanwhile
                self._stop()
                socket.send_fds(self._running(), [b"+"], [theirs.fileno()])
        return ours

    def _running(self) -> socket.socket:
        if self._owner != os.getpid():  # forked from a process that has one: that one is not ours
            self._process = self._channel = None
            self._idle.clear()
        if self._channel is None or self._process is None or self._process.poll() is not None:
            self._close_idle()
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
                    [sys.executable, "-m", "earshot.sound.isolated_server", str(theirs.fileno()), *self._preload],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,  # a Ctrl-C or a group's SIGTERM is for the parent to handle
                )
            self._channel, self._owner = ours, os.getpid()
        return self._channel

    def _close_idle(self) -> None:
        for children in self._idle.values():
            for child in children:
                child.close()
        self._idle.clear()

    def _stop(self) -> None:
        if self._owner == os.getpid():
            self._close_idle()
        if self._channel is not None:
            self._channel.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.wait()
        self._channel = self._process = None
