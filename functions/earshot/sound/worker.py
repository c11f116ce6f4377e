"""The same measures in a process that may hang or die without harm."""

import atexit
from pathlib import Path
from typing import Final

from earshot.sound.limits import Limits
from earshot.sound.nursery import Facts, Nursery

NURSERY: Final = Nursery(preload=["earshot.sound.measures"])
"""Started at the first file; `NURSERY.start()` spares that file the wait."""

atexit.register(NURSERY.stop)


def measure_apart(path: Path, *, limits: Limits) -> Facts:
    """`measures.measure` in a process of its own.

    Raises:
        GiveUp: as `measures.measure`; `Undecodable` also where the decoder crashes, hangs or outgrows its memory.
    """
    return NURSERY.call("earshot.sound.measures:measure", limits, path=path)
