"""Run a module as `python -m` does, but end with the process that started it.

    python -m earshot.local.end_with_parent MODULE [ARGUMENT…]

Its standard input is a pipe from the parent. When the parent dies, however it dies, the pipe closes, and the module
is sent SIGTERM, and its process group SIGKILL if it does not end in time. Processes that it forks (a web server's
workers) die with it at once, also when it is killed; so nothing of a stack that was killed is left.
"""

import ctypes
import os
import runpy
import signal
import sys
import time
from threading import Thread

END_S = 20.0  # between SIGTERM and SIGKILL: a worker completes the requests that it has
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Watch the pipe in a thread, and run the module."""
    os.register_at_fork(after_in_child=_die_with_parent)
    Thread(target=_watch, daemon=True, name="end-with-parent").start()
    module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(END_S)
    if os.getpgid(0) == os.getpid():  # the group is of this module alone
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _die_with_parent() -> None:
    """Let the kernel kill this process when the thread that forked it ends; on Linux, where there is such a call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
