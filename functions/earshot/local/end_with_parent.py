"""Run a module as `python -m` does, but end with the process that started it.

    python -m earshot.local.end_with_parent MODULE [ARGUMENT…]

Its standard input is a pipe from the parent. When the parent dies, however it dies, the pipe closes, and the module
is sent SIGTERM; so nothing of a stack that was killed stays behind.
"""

import os
import runpy
import signal
import sys
from threading import Thread


def main() -> None:
    """Watch the pipe in a thread, and run the module."""
    Thread(target=_watch, daemon=True, name="end-with-parent").start()
    module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
