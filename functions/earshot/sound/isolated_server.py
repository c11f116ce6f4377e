"""The server of `isolated_process`: forks children, which serve requests under limits that the kernel enforces.

Run as `python -m earshot.sound.isolated_server DESCRIPTOR MODULE[:FUNCTION]…`: a socket to receive sockets on, and what
to import, and to call, before the first fork. Holds no threads, as a process that forks must.
"""

import ctypes
import gc
import importlib
import json
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any, Final

from earshot.errors import GiveUp

LENGTH: Final = struct.Struct(">Q")  # before each request
ALIVE: Final = b" "  # a child's first byte: tells a child that died from a server that did
GOES_ON: Final = b"+\n"  # ends the line of a child that waits for the next request
MOST_CALLS = 100  # of one child, and
MOST_CPU_S = 20.0  # its CPU time, and
MOST_GROWTH_BYTES = 96 << 20  # of its address space, after which it ends: what leaks, ends with it
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h


def keep_freed_memory() -> None:
    """Have glibc, where that is the C library, keep up to 64 MiB of what this process frees.

    It gives blocks of up to 32 MiB from it. By default each of the arrays that come and go by the hundred is mapped,
    faulted in page by page and unmapped again, a tenth to a fifth of the time that measuring takes.
    """
    c_library = ctypes.CDLL(None)
    if hasattr(c_library, "gnu_get_libc_version"):
        c_library.mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        c_library.mallopt(_M_TRIM_THRESHOLD, 64 << 20)


def serve(channel: socket.socket, preload: Sequence[str]) -> None:
    """Fork a child for each socket that arrives, until the channel closes."""
    os.putenv("OPENBLAS_NUM_THREADS", "1")  # before numpy comes: a process that forks must hold no threads
    keep_freed_memory()
    for name in preload:
        module, _, function = name.partition(":")
        imported = importlib.import_module(module)
        if function:
            getattr(imported, function)()
    gc.freeze()  # no collection in a child goes through, and so copies, what is here now
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not message:
            os.killpg(0, signal.SIGKILL)
        if os.fork() == 0:
            channel.close()
            with socket.socket(fileno=descriptors[0]) as client:
                _serve_client(client)
            os._exit(0)
        os.close(descriptors[0])


def _serve_client(client: socket.socket) -> None:
    """Answer requests, one after the other, until the client leaves or this process is used up."""
    client.sendall(ALIVE)
    memory = os.open("/proc/self/statm", os.O_RDONLY)  # once: opening it takes as long as a measure of a short file
    at_first = _address_space(memory)
    limited_bytes: int | None = None
    with client.makefile("rb") as requests:
        for number in range(1, MOST_CALLS + 1):
            size = requests.read(LENGTH.size)
            if len(size) < LENGTH.size:
                return
            function, limits, arguments = pickle.loads(requests.read(*LENGTH.unpack(size)))  # noqa: S301 from our parent
            signal.setitimer(signal.ITIMER_REAL, limits.wall_s)
            if limited_bytes is None:  # one memory limit a child: the client sends no other
                limited_bytes = at_first + limits.memory_bytes
                resource.setrlimit(resource.RLIMIT_AS, (limited_bytes, limited_bytes))
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            line, has_facts = _answer(function, limits, arguments)
            signal.setitimer(signal.ITIMER_REAL, 0)
            grown = _address_space(memory) - at_first
            goes_on = (
                has_facts
                and number < MOST_CALLS
                and time.process_time() < MOST_CPU_S
                and grown < min(MOST_GROWTH_BYTES, limits.memory_bytes // 4)
            )
            client.sendall(line + (GOES_ON if goes_on else b"\n"))
            if not goes_on:
                return


def _answer(function: str, limits: Any, arguments: dict[str, Any]) -> tuple[bytes, bool]:
    """Call the function; its facts or why there are none, in JSON, and whether it is facts."""
    began = time.process_time()
    try:
        module, _, name = function.partition(":")
        facts = getattr(importlib.import_module(module), name)(**arguments, limits=limits)
        answer = {"facts": facts | {"cpu_ms": round(1000 * (time.process_time() - began))}}
        return json.dumps(answer, allow_nan=False).encode(), True  # numbers that are none are a fault of ours
    except GiveUp as error:
        answer = {"refused": type(error).__name__, "message": str(error), "evidence": error.evidence}
    except MemoryError:
        needs = f"needs more than {limits.memory_bytes >> 20} MiB of memory"
        answer = {"refused": "Undecodable", "message": needs, "evidence": {}}
    except Exception:  # noqa: BLE001 the end of the process: unreported, a fault of ours would look like a crash
        answer = {"fault": traceback.format_exc()}
    return json.dumps(answer).encode(), False


def _address_space(statm: int) -> int:
    """Bytes of this process's address space, by its open /proc/self/statm (man 5 proc)."""
    return int(os.pread(statm, 64, 0).split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
