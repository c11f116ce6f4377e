"""What a decoder may do at its worst; called in an isolated process, never in the test's."""

import ctypes
import os
import time
from pathlib import Path

from earshot.errors import Undecodable
from earshot.sound.limits_per_file import Limits


def segfault(limits: Limits) -> dict[str, int]:
    """Read from address 0."""
    ctypes.string_at(0)
    return {}


def spin(begun: Path, limits: Limits) -> dict[str, int]:
    """Never return from C, holding the interpreter's lock; `begun` exists from now on."""
    begun.touch()
    return {"digits": len(str(7 ** (10**9)))}


def hoard(bytes: int, limits: Limits) -> dict[str, int]:
    """Hold that much memory."""
    return {"bytes": len(bytearray(bytes))}


def miscount(limits: Limits) -> dict[str, float]:
    """Give a number that is none."""
    return {"loudness": float("nan")}


_held: list[bytearray] = []


def whoami(limits: Limits) -> dict[str, int]:
    """Name the process that makes the call."""
    return {"pid": os.getpid()}


def refuse(limits: Limits) -> dict[str, int]:
    """Find the file undecodable."""
    raise Undecodable("no samples")


def damage(limits: Limits) -> dict[str, int]:
    """Leave the process in a state that a later call trips over."""
    _held.append(bytearray(1))
    return {}


def crash_if_damaged(limits: Limits) -> dict[str, bool]:
    """Crash where `damage` was called before."""
    if _held:
        ctypes.string_at(0)
    return {"damaged": False}


def grow(bytes: int, limits: Limits) -> dict[str, int]:
    """Keep that much memory beyond the call."""
    _held.append(bytearray(bytes))
    return {"pid": os.getpid()}


def nap(seconds: float, limits: Limits) -> dict[str, int]:
    """Sleep."""
    time.sleep(seconds)
    return {}


_prepared_by: list[int] = []


def prepare() -> None:
    """Remember which process this was called in."""
    _prepared_by.append(os.getpid())


def prepared(limits: Limits) -> dict[str, int | list[int]]:
    """Name the process that makes the call, and those that `prepare` was called in before it was forked."""
    return {"pid": os.getpid(), "prepared_by": _prepared_by}
