"""Clipping: runs of samples at full scale, and runs that are flat below it because gain was taken back afterwards."""

import json

import numpy as np
import numpy.typing as npt

from earshot.sound.decoder_output import Block, Facts

FULL_SCALE = 1 - 2**-15  # the largest positive 16-bit sample
FULL_RUN = 3  # samples at full scale that make a run
FLAT_RUN = 4  # equal samples below it that do
NEAR_PEAK = 0.9  # of the recording's peak: a flat run lower down is a waveform's own
STEP = 0.001  # of the run's level: how steeply the wave must enter; a slow wave is flat at its crest by rounding
GAP_S = 0.1  # runs nearer than this are one section
MOST_SECTIONS = 20  # reported
LONGEST_RUN = 1 << 16  # kept open over blocks
_LEVELS = 1024

Whole = npt.NDArray[np.int64]


class Clipping:
    """Counts runs, channel by channel."""

    def __init__(self, rate_hz: int, channels: int, bit_depth: int | None) -> None:
        """Start with no samples.

        Args:
            bit_depth: of the file; its rounding is not taken for a step into a flat run. None for lossy codecs.
        """
        self._rate_hz = rate_hz
        self._rounding = 1.5 * 2.0 ** (1 - min(bit_depth or 16, 24))
        self._waiting = [np.zeros(1, np.float32)] * channels  # one sample before a run that is open yet, and the run
        self._frames = 0
        self._peak = 0.0
        self._full = np.zeros(2, np.int64)  # runs, samples
        self._flat = np.zeros((2, _LEVELS + 1), np.int64)  # the same by level
        self._sections: dict[int, list[tuple[int, int]]] = {}  # by level, since the recording's peak may be yet to come

    def add(self, block: Block) -> None:
        """Process the next block."""
        for channel, (waiting, row) in enumerate(zip(self._waiting, block.T, strict=True)):
            peak = max(float(row.max()), -float(row.min()))
            self._peak = max(self._peak, peak)
            if len(waiting) == 1 and peak < self._least():
                self._waiting[channel] = row[-1:].copy()
            else:
                self._waiting[channel] = self._count(np.concatenate([waiting, row]), self._frames - len(waiting))
        self._frames += len(block)

    def facts(self) -> Facts:
        """`clipped_ratio`, `clipped_runs`, `flat_ratio`, `flat_runs`, `clipped_sections`; nothing may follow.

        Ratios are of all samples of all channels. Sections are JSON, [[start_ms, end_ms], …], None without any.
        """
        samples = max(self._frames * len(self._waiting), 1)
        if any(len(waiting) > 1 for waiting in self._waiting):  # a run is open
            self.add(np.zeros((1, len(self._waiting)), np.float32))
        lowest = int(np.ceil(min(NEAR_PEAK * self._peak, 1.0) * _LEVELS))
        flat_runs, flat_samples = self._flat[:, lowest:].sum(axis=1).tolist()
        return {
            "clipped_ratio": int(self._full[1]) / samples,
            "clipped_runs": int(self._full[0]),
            "flat_ratio": flat_samples / samples,
            "flat_runs": flat_runs,
            "clipped_sections": self._sections_json(lowest),
        }

    def _count(self, row: npt.NDArray[np.float32], first_frame: int) -> npt.NDArray[np.float32]:
        """Count the runs in a row of samples, the first of which was processed before.

        Returns:
            What the next row must begin with.
        """
        fresh, least = row[1:], self._least()
        near = np.flatnonzero(np.abs(fresh) >= least) + 1
        if not near.size or (near[-1] < row.size - 1 and not (near[2:] - near[:-2] == 2).any()):
            return row[-1:].copy()  # no three in a row, as most often, and none that may go on
        values = row[near]
        magnitudes = np.abs(values)
        is_full = magnitudes >= FULL_SCALE
        begin = np.ones(near.size + 1, np.bool_)  # a run does; behind the last it ends
        goes_on = (values[1:] == values[:-1]) | (is_full[1:] & is_full[:-1] & (values[1:] * values[:-1] > 0))
        begin[1:-1] = (near[1:] - near[:-1] != 1) | ~goes_on
        bounds = np.flatnonzero(begin)
        begins, lengths = bounds[:-1], bounds[1:] - bounds[:-1]
        starts, is_full, levels = near[begins], is_full[begins], magnitudes[begins]
        waiting = row[-1:]
        if near[-1] == row.size - 1 and lengths[-1] < LONGEST_RUN:
            waiting = row[starts[-1] - 1 :]
            starts, lengths, is_full, levels = starts[:-1], lengths[:-1], is_full[:-1], levels[:-1]
        waiting = waiting.copy()
        if not lengths.size or int(lengths.max()) < min(FULL_RUN, FLAT_RUN):
            return waiting
        is_steep = np.abs(row[starts] - row[starts - 1]) > np.maximum(STEP * levels, self._rounding)
        full = is_full & (lengths >= FULL_RUN)
        flat = ~is_full & (lengths >= FLAT_RUN) & is_steep
        self._full += [np.count_nonzero(full), lengths[full].sum()]
        bins = np.minimum(levels * _LEVELS, _LEVELS).astype(int)
        found = full | flat
        if found.any():
            self._keep(bins[found], first_frame + starts[found], first_frame + (starts + lengths)[found])
        np.add.at(self._flat, (0, bins[flat]), 1)
        np.add.at(self._flat, (1, bins[flat]), lengths[flat])
        return waiting

    def _least(self) -> np.float32:
        """The least magnitude that may be part of a run."""
        return np.float32(max(min(NEAR_PEAK * self._peak, FULL_SCALE), 1e-9))

    def _keep(self, levels: Whole, starts: Whole, ends: Whole) -> None:
        """Remember where runs of a channel are; those near each other, or near the last of their level, are one."""
        gap = GAP_S * self._rate_hz
        order = np.argsort(levels, kind="stable")
        levels, starts, ends = levels[order], starts[order], ends[order]
        first = np.flatnonzero(np.r_[True, (np.diff(levels) != 0) | (starts[1:] - ends[:-1] > gap)])
        last = np.r_[first[1:], levels.size] - 1
        for level, start, end in zip(levels[first].tolist(), starts[first].tolist(), ends[last].tolist(), strict=True):
            sections = self._sections.setdefault(level, [])
            if sections and start - sections[-1][1] <= gap and sections[-1][0] - end <= gap:
                sections[-1] = min(start, sections[-1][0]), max(end, sections[-1][1])
            elif len(sections) < 10 * MOST_SECTIONS:
                sections.append((start, end))

    def _sections_json(self, lowest: int) -> str | None:
        if not self._sections:
            return None
        merged: list[tuple[int, int]] = []
        for start, end in sorted(span for level, spans in self._sections.items() if level >= lowest for span in spans):
            if merged and start - merged[-1][1] <= GAP_S * self._rate_hz:
                merged[-1] = merged[-1][0], max(merged[-1][1], end)
            else:
                merged.append((start, end))
        spans_ms = [[round(1000 * frame / self._rate_hz) for frame in span] for span in merged[:MOST_SECTIONS]]
        return json.dumps(spans_ms) if spans_ms else None
