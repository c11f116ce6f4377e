"""What a decoder may do at its worst; called in an isolated process, never in the test's."""

import ctypes
from pathlib import Path

from earshot.sound.resource_limits import Limits


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
