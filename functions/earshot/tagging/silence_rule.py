"""Which decisions are silence: a rule on the level, never a model.

A hop is silent where its alternating part (its mean removed, so that a constant is silence too) lies below -60 dBFS
RMS, or 40 dB below the loudest of the last half minute: what is heard in such a pause is background, not the programme.
"""

from collections import deque

import numpy as np

from earshot.tagging.causal_windows import Floats

SILENT_DBFS = -60.0
BELOW_LOUD_DB = 40.0
MEMORY_S = 30.0
LOWEST_DBFS = -120.0


class SilenceRule:
    """Hears hop after hop; what it decides of one depends on it and its past only."""

    def __init__(self, hop_s: float) -> None:
        """Nothing heard yet."""
        self._levels: deque[float] = deque(maxlen=max(round(MEMORY_S / hop_s), 1))

    def add(self, hop: Floats) -> tuple[float, bool]:
        """Level of a hop in dBFS (at least -120), and whether it is silence.

        Args:
            hop: shape (samples,), at least one.
        """
        level = level_dbfs(hop)
        self._levels.append(level)
        return level, level < max(SILENT_DBFS, max(self._levels) - BELOW_LOUD_DB)


def level_dbfs(samples: Floats) -> float:
    """RMS level of the samples without their mean."""
    wide = samples.astype(np.float64)
    power = float(np.mean(np.square(wide - wide.mean()))) if len(wide) else 0.0
    return max(10 * float(np.log10(power)), LOWEST_DBFS) if power > 0 else LOWEST_DBFS
