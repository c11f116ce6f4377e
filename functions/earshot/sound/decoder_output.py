"""What decoding yields: blocks of samples, and the properties that the file's headers state."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.float32]
"""Shape (frames, channels), full scale ±1.0; stored channel by channel, so `block.T` has contiguous rows."""

Facts = dict[str, str | int | float | bool | None]
"""Values by column name; numbers are finite."""

BLOCK_FRAMES = 32_768
LOUDEST = 1e6  # +120 dBFS: beyond it a float is no sample but a broken file


@dataclass(frozen=True)
class Stated:
    """The properties that a file's headers state."""

    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    positions: tuple[str, ...] = ()
    """Loudspeaker of each channel (FL, FR, FC, LFE, BL, …); empty where the file does not state them."""
    bit_depth: int | None = None
    """Bits of a sample; None for lossy codecs."""
    duration_s: float | None = None
    is_duration_exact: bool = False
    """The headers count samples, so that less than `duration_s` means that something is missing."""
    tags: Mapping[str, str] = field(default_factory=dict)


def mono(block: Block) -> npt.NDArray[np.float32]:
    """The mean of the channels; of one channel, that channel itself and no copy of it."""
    rows = block.T
    if len(rows) == 1:
        only: npt.NDArray[np.float32] = rows[0]
        return only
    # Of two, in half the time of the general case, and the same to the bit.
    total: npt.NDArray[np.float32] = rows[0] + rows[1] if len(rows) == 2 else rows.sum(axis=0)
    total /= np.float32(len(rows))
    return total


def usable(block: Block) -> tuple[Block, int]:
    """The block with every sample finite and within ±10^6, and how many were not: those are zero now."""
    rows = block.T.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        if float(np.dot(rows, rows)) < LOUDEST:  # false for NaN; true for all but broken files
            return block, 0
        kept = np.abs(block) <= LOUDEST
    return np.where(kept, block, np.float32(0)).copy(order="F"), int(block.size - np.count_nonzero(kept))
