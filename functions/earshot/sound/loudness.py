"""Loudness as heard: integrated, its range, and its momentary and short-term maxima.

Source: ITU-R BS.1770-5, Annex 1 (weighting, gating); EBU R 128; EBU Tech 3341 (momentary, short-term); EBU Tech 3342
(loudness range).
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from earshot.sound.decoder_output import Block, Facts
from earshot.sound.frame_means import Framing
from earshot.sound.k_weighting import KWeighting
from earshot.sound.quantiles import nearest

Energies = npt.NDArray[np.float64]

HOPS_PER_S = 100  # maxima are sought every 10 ms: Tech 3341's cases 10 and 13 shift their tones by 150 and 20 ms
GATED_HOPS = 10  # a gating block every 100 ms: blocks of 400 ms overlap by 75 %
STEPS_AT_ONCE = 100  # of what a page shows, computed together
MOMENTARY = 40  # hops
SHORT_TERM = 300  # hops
OFFSET = -0.691  # LUFS, so that a 997 Hz sine at 0 dBFS in one front channel reads -3.01; BS.1770-5, Annex 1
GATE = -70.0  # LUFS, absolute
RELATIVE_GATE = -10.0  # LU below the mean of what passes the absolute gate
RANGE_GATE = -20.0  # LU, the same for the range; Tech 3342
RANGE = (0.10, 0.95)  # quantiles; Tech 3342

_SURROUND = 1.41  # BS.1770-5, Annex 1, table 3: azimuth 60 to 120 degrees
_DEFAULT_POSITIONS = {  # where a file states none; Microsoft's defaults, which are also those of EBU Tech 3341
    1: ("FC",),
    2: ("FL", "FR"),
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}


@lru_cache(maxsize=32)
def weights(channels: int, positions: tuple[str, ...]) -> Energies:
    """Weight of each channel's energy: 0 for low-frequency effects, 1.41 for the sides, 1 for all else.

    BL and BR are the surrounds of 5.1 (110 degrees), but lie behind the sides in 7.1 (135 degrees and more).
    """
    named = positions or _DEFAULT_POSITIONS.get(channels, ("FC",) * channels)
    sides = {"SL", "SR"} if "SL" in named else {"BL", "BR"}
    return np.array([0.0 if name.startswith("LFE") else _SURROUND if name in sides else 1.0 for name in named])


class Loudness:
    """Sums K-weighted energy over hops of 10 ms."""

    def __init__(self, rate_hz: int, channels: int, positions: tuple[str, ...] = ()) -> None:
        """Start with no samples."""
        self._weights = weights(channels, positions).astype(np.float32)
        self._filter = KWeighting(rate_hz, channels)
        self._framing = Framing(rate_hz, HOPS_PER_S)
        self._hops: list[Energies] = []  # mean over each, summed over channels
        self._last: npt.NDArray[np.float32] | None = None  # rows, filtered when it is known whether others follow

    def add(self, block: Block) -> None:
        """Process the next block."""
        if self._last is not None:
            self._sum(self._filter.push(self._last))
        self._last = block.T

    def facts(self) -> Facts:
        """`integrated_lufs`, `loudness_range_lu`, `max_momentary_lufs`, `max_short_term_lufs`; nothing may follow.

        Integrated loudness is None for less than 400 ms, and where nothing passes the gate; short-term loudness and
        range are None for less than 3 s.
        """
        self._sum(self._filter.flush(self._last))
        hops = np.concatenate(self._hops)
        momentary, short_term = _means(hops, MOMENTARY, SHORT_TERM)
        gated = _above(momentary[::GATED_HOPS], RELATIVE_GATE)
        return {
            "integrated_lufs": _lufs(_mean(gated)) if gated.size else None,
            "loudness_range_lu": _range(_above(short_term[::GATED_HOPS], RANGE_GATE)) if short_term.size else None,
            "max_momentary_lufs": _lufs(float(momentary.max())) if momentary.size else None,
            "max_short_term_lufs": _lufs(float(short_term.max())) if short_term.size else None,
        }

    def momentary_steps(self, most: int) -> tuple[int, Energies]:
        """Momentary loudness over the recording: milliseconds of a step, and the maximum of each step in LUFS.

        At most `most` steps of at least 100 ms; -200 where there is nothing. Nothing may follow.
        """
        self._sum(self._filter.flush(self._last))
        hops = np.concatenate([np.zeros(MOMENTARY), *self._hops])
        count = hops.size - MOMENTARY + 1
        width = max(GATED_HOPS, -(-count // most))
        maxima = []
        for start in range(0, count, width * STEPS_AT_ONCE):  # of six hours, all at once would take 66 MB
            (momentary,) = _means(hops[start : start + width * STEPS_AT_ONCE + MOMENTARY - 1], MOMENTARY)
            maxima.append(np.pad(momentary, (0, -momentary.size % width)).reshape(-1, width).max(axis=1))
        return width * 1000 // HOPS_PER_S, OFFSET + 10 * np.log10(np.maximum(np.concatenate(maxima), 1e-20))

    def _sum(self, weighted: npt.NDArray[np.float32]) -> None:
        squares = np.square(weighted, out=weighted)
        is_plain = len(squares) == 1 and self._weights[0] == 1  # a product of one row takes ten times as long
        self._hops.append(self._framing.push(squares[0] if is_plain else self._weights @ squares))


def _means(hops: Energies, *counts: int) -> list[Energies]:
    """Mean energy over so many successive hops, from each on; one array for each of the counts."""
    sums = np.zeros(hops.size + 1)
    np.cumsum(hops, out=sums[1:])
    return [np.maximum(sums[count:] - sums[:-count], 0.0) / count for count in counts]


def _above(energies: Energies, relative: float) -> Energies:
    """Those above the absolute gate, and above `relative` LU below the mean of these."""
    kept = energies[energies > _energy(GATE)]
    return kept[kept > _mean(kept) * 10 ** (relative / 10)] if kept.size else kept


def _mean(energies: Energies) -> float:
    return float(np.add.reduce(energies)) / energies.size


def _range(energies: Energies) -> float | None:
    if not energies.size:
        return None
    low, high = (nearest(energies, share) for share in RANGE)
    return 10 * math.log10(high / low)


def _lufs(energy: float) -> float | None:
    return float(OFFSET + 10 * np.log10(energy)) if energy > 0 else None


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET) / 10))
