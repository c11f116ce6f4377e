"""What decoding yields: blocks of samples, and what the file says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.float32]
"""Shape (frames, channels), full scale ±1.0."""

BLOCK_FRAMES = 32_768


@dataclass(frozen=True)
class Stated:
    """What a file's headers say of it."""

    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str | None = None
    """Loudspeaker of each channel, as FFmpeg names layouts: stereo, 5.1(side), …; None where the file does not say."""
    bit_depth: int | None = None
    """Bits of a sample; None for lossy codecs."""
    duration_s: float | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
