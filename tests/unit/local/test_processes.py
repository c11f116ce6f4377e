"""Logs over restarts, and processes that end with whoever started them."""

import os
import subprocess
import sys
import time
from pathlib import Path

from earshot.local.processes import LOGS_KEPT, Processes

FORKS = """
import os, sys, time
child = os.fork()
if child:
    open(sys.argv[1], "w").write(str(child))
    os.rename(sys.argv[1], sys.argv[1] + ".ready")
time.sleep(600)
"""


def test_the_logs_of_the_last_starts_are_kept(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("first")
    for number in range(LOGS_KEPT + 2):
        with Processes(tmp_path) as processes:
            processes.start("server", "this")
        (tmp_path / "server.log").write_text(f"start {number}")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "server.log",
        *(f"server.log.{number}" for number in range(1, LOGS_KEPT + 1)),
    ]
    assert (tmp_path / "server.log.1").read_text() == f"start {LOGS_KEPT}"


def test_a_forked_worker_dies_with_a_killed_parent(tmp_path: Path) -> None:
    (tmp_path / "forks.py").write_text(FORKS)
    parent = subprocess.Popen(
        [sys.executable, "-m", "earshot.local.end_with_parent", "forks", str(tmp_path / "pid")],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )
    ready = tmp_path / "pid.ready"
    while not ready.exists():
        assert parent.poll() is None
        time.sleep(0.02)
    child = int(ready.read_text())
    parent.kill()
    parent.wait()
    while _runs(child):
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
