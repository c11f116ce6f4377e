"""Silence before, within and after the sound, zeros torn into it, and how far quiet parts lie below loud ones."""

from array import array

import numpy as np
import numpy.typing as npt

from earshot.sound.decoder_output import Block, Facts
from earshot.sound.frame_means import Framing
from earshot.sound.signal_to_noise import level_spread_db, power_ratio_db

FRAMES_PER_S = 100
SILENT_DBFS = -60.0  # RMS of a 10 ms frame over all channels
TORN_DBFS = -50.0  # a dropout begins and ends amid sound of at least this level
TORN_S = (0.005, 1.0)  # shorter zeros are a wave's crossing, longer ones a pause
_MOST_STRETCHES = 1_000_000  # four hours hold no more that can be dropouts


class Pauses:
    """Sums the power of 10 ms frames and notes where all channels are exactly zero."""

    def __init__(self, rate_hz: int) -> None:
        """Start with no samples."""
        self._rate_hz = rate_hz
        self._framing = Framing(rate_hz, FRAMES_PER_S)
        self._frames: list[npt.NDArray[np.float64]] = []  # mean power of each
        self._starts, self._ends = array("q"), array("q")  # of stretches of zeros: first, and behind last

    def add(self, block: Block) -> None:
        """Process the next block."""
        rows = block.T
        power = np.square(rows[0]) if len(rows) == 1 else np.einsum("cf,cf->f", rows, rows)
        self._note_zeros(power, self._framing.taken)
        self._frames.append(self._framing.push(power) / len(rows))

    def facts(self) -> Facts:
        """`silence_ratio`, leading and trailing `_silence_ms`, `dropouts`, `dropout_ms`, both SNRs and digital silence.

        Less than 10 ms has no ratio of silence, less than 100 ms no `snr_db`, less than 1 s no `rms_snr_db`. All
        silent, both leading and trailing silence are the whole duration.
        """
        power = self._powers()
        sounding = np.flatnonzero(power >= 10 ** (SILENT_DBFS / 10))
        frame_ms = 1000 // FRAMES_PER_S
        whole_ms = round(1000 * self._framing.taken / self._rate_hz)
        torn = self._torn(power)
        return {
            "silence_ratio": 1 - sounding.size / power.size if power.size else None,
            "leading_silence_ms": int(sounding[0]) * frame_ms if sounding.size else whole_ms,
            "trailing_silence_ms": (power.size - 1 - int(sounding[-1])) * frame_ms if sounding.size else whole_ms,
            "dropouts": len(torn),
            "dropout_ms": round(1000 * sum(end - start for start, end in torn) / self._rate_hz),
            "snr_db": level_spread_db(power),
            "rms_snr_db": power_ratio_db(power),
            "has_digital_silence": bool((power == 0).any()),
        }

    def dropouts_ms(self, most: int) -> list[tuple[int, int]]:
        """The first `most` dropouts: first millisecond, and behind the last."""
        torn = self._torn(self._powers())[:most]
        return [(start * 1000 // self._rate_hz, -(-end * 1000 // self._rate_hz)) for start, end in torn]

    def _powers(self) -> npt.NDArray[np.float64]:
        return np.concatenate(self._frames) if self._frames else np.zeros(0)

    def _note_zeros(self, power: npt.NDArray[np.float32], first: int) -> None:
        zeros = np.flatnonzero(power == 0)
        least = TORN_S[0] * self._rate_hz
        if not zeros.size or (zeros.size < least and zeros[0] > 0 and zeros[-1] < len(power) - 1):
            return  # as most often, not to look at each
        is_break = np.ones(zeros.size + 1, np.bool_)
        is_break[1:-1] = zeros[1:] - zeros[:-1] != 1
        starts, ends = zeros[is_break[:-1]], zeros[is_break[1:]] + 1
        at_edge = (starts == 0) | (ends == len(power))
        kept = np.flatnonzero(at_edge | (ends - starts >= least))
        for start, end in zip((first + starts[kept]).tolist(), (first + ends[kept]).tolist(), strict=True):
            if self._ends and self._ends[-1] == start:
                self._ends[-1] = end
            elif len(self._ends) < _MOST_STRETCHES:
                self._starts.append(start)
                self._ends.append(end)

    def _torn(self, power: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
        """The stretches of zeros that sound surrounds."""
        loud = 10 ** (TORN_DBFS / 10)
        shortest, longest = (limit * self._rate_hz for limit in TORN_S)
        torn = []
        for start, end in zip(self._starts, self._ends, strict=True):
            before, after = self._framing.index(start) - 1, self._framing.index(end - 1) + 1
            if not shortest <= end - start <= longest or before < 0 or after >= len(power):
                continue
            if power[before] >= loud and power[after] >= loud:
                torn.append((start, end))
        return torn
