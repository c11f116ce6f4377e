"""CPU time and memory of processes with all their children, from Linux's /proc, and the size of a folder."""

import os
from collections.abc import Mapping
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and everything it started that still runs."""
    found = [pid]
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += tree(int(child))
    except (FileNotFoundError, ProcessLookupError):
        pass  # it ended meanwhile
    return found


def cpu_s(pid: int) -> float:
    """User and system time of a process tree in seconds, with that of children that have ended and were waited for."""
    return sum(sum(map(int, fields[13 - 2 : 17 - 2])) for fields in map(_stat, tree(pid)) if fields) / TICKS


def memory_bytes(pid: int) -> int:
    """Memory of a process tree; a page that several processes share counts for each by its share."""
    return sum(map(_share_bytes, tree(pid)))


def cpu_by_name(pids: Mapping[str, int]) -> dict[str, float]:
    """Seconds of CPU time by the name of the process."""
    return {name: cpu_s(pid) for name, pid in pids.items()}


def folder_bytes(folder: Path) -> int:
    """What the files of a folder take on the disk."""
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.lstat().st_blocks * 512
        except FileNotFoundError:
            continue  # deleted meanwhile
    return size


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on (man 5 proc); none for a process that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _share_bytes(pid: int) -> int:
    """Pss of /proc/PID/smaps_rollup."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
