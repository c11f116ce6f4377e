"""The K-weighting of ITU-R BS.1770: a high-shelving filter for the head, and a high pass, at any sample rate.

The two biquads run as matrix products over short blocks (a block's output is a fixed matrix times its input, plus
another times the filter's state), since that is what numpy does fast: no compiled recursive filter is needed.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float32]
"""Shape (channels, frames)."""

STEP = 64  # frames that one matrix product covers
STEPS = 16  # steps whose states one more product covers,
GROUPS = 32  # and groups of steps that a third one does
GROUP = STEP * STEPS

# The analogue prototypes whose bilinear transform at 48 kHz gives the coefficients of BS.1770-5, Annex 1, tables 1, 2.
SHELF_HZ, SHELF_Q, SHELF_DB = 1681.974450955533, 0.7071752369554196, 3.999843853973347
PASS_HZ, PASS_Q = 38.13547087602444, 0.5003270373238773


class Matrices(NamedTuple):
    """The filter as matrices, each applied to row vectors from the right."""

    output_of_input: Rows  # (STEP, STEP)
    output_of_state: Rows  # (4, STEP)
    state_of_input: Rows  # (STEP, 4)
    states_of_inputs: Doubles  # (STEPS * 4, STEPS * 4 + 4): the state before each step, and behind the last
    states_of_state: Doubles  # (4, STEPS * 4 + 4)
    begun_of_ends: Doubles  # (GROUPS * 4, GROUPS * 4 + 4): the state before each group, and behind the last
    begun_of_state: Doubles  # (4, GROUPS * 4 + 4)


class KWeighting:
    """Filters blocks of a signal; their lengths may be anything."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        """At rest."""
        self._matrices = matrices(rate_hz)
        self._state = np.zeros((channels, 4))
        self._waiting = np.empty((channels, 0), np.float32)

    def push(self, rows: Rows) -> Rows:
        """Take frames in; give weighted frames out, of which there may be fewer for now."""
        rows = np.concatenate([self._waiting, rows], axis=1) if self._waiting.shape[1] else rows
        whole = rows.shape[1] // GROUP * GROUP
        self._waiting = rows[:, whole:].copy()
        return self._weighted(rows[:, :whole])

    def flush(self, rows: Rows | None = None) -> Rows:
        """Take the last frames in, if any; give the weighted frames still owed out."""
        before = self._waiting.shape[1]
        owed = before + (0 if rows is None else rows.shape[1])
        padded = np.zeros((len(self._waiting), owed + -owed % GROUP), np.float32)
        padded[:, :before] = self._waiting
        if rows is not None:
            padded[:, before:owed] = rows
        return self._weighted(padded)[:, :owed]

    def _weighted(self, rows: Rows) -> Rows:
        use, (channels, frames) = self._matrices, rows.shape
        steps = np.ascontiguousarray(rows).reshape(-1, STEP)
        moved = (steps @ use.state_of_input).reshape(-1, STEPS * 4)
        states = moved @ use.states_of_inputs  # of groups that begin at rest
        states += self._begun(states[:, -4:].reshape(channels, -1)) @ use.states_of_state
        before = states[:, :-4].astype(np.float32)
        weighted: Rows = steps @ use.output_of_input
        weighted += before.reshape(-1, 4) @ use.output_of_state
        return weighted.reshape(channels, frames)

    def _begun(self, ends: Doubles) -> Doubles:
        """The states that groups begin with, by those that they would end with if they began at rest."""
        use, begun = self._matrices, [ends[:, :0]]
        for start in range(0, ends.shape[1], 4 * GROUPS):
            some = ends[:, start : start + 4 * GROUPS]
            width = some.shape[1]
            states = some @ use.begun_of_ends[:width, : width + 4] + self._state @ use.begun_of_state[:, : width + 4]
            self._state = states[:, -4:]
            begun.append(states[:, :-4])
        return np.concatenate(begun, axis=1).reshape(-1, 4)


def biquads(rate_hz: int) -> Doubles:
    """Both filters' coefficients b0 b1 b2 a0 a1 a2, shape (2, 6)."""
    k = math.tan(math.pi * SHELF_HZ / rate_hz)
    high = 10 ** (SHELF_DB / 20)
    band = high**0.4996667741545416
    store = [
        high + band * k / SHELF_Q + k * k,
        2 * (k * k - high),
        high - band * k / SHELF_Q + k * k,
        1 + k / SHELF_Q + k * k,
        2 * (k * k - 1),
        1 - k / SHELF_Q + k * k,
    ]
    k = math.tan(math.pi * PASS_HZ / rate_hz)
    scale = 1 + k / PASS_Q + k * k  # BS.1770 leaves the numerator at 1 -2 1
    high_pass = [scale, -2 * scale, scale, scale, 2 * (k * k - 1), 1 - k / PASS_Q + k * k]
    both: Doubles = np.array([store, high_pass])
    both /= both[:, 3:4]
    return both


@lru_cache(maxsize=8)
def matrices(rate_hz: int) -> Matrices:
    """The filter at a sample rate, from its answers to an impulse and to each unit state."""
    filters = biquads(rate_hz)
    impulse, states_after = _run(filters, np.eye(1, STEP)[0], np.zeros(4))
    answers = [_run(filters, np.zeros(STEP), unit) for unit in np.eye(4)]
    onward = np.array([states[-1] for _, states in answers])  # what STEP frames of silence make of a state
    states_of_inputs, states_of_state = _successive(onward, STEPS)
    begun_of_ends, begun_of_state = _successive(states_of_state[:, -4:], GROUPS)
    return Matrices(
        output_of_input=np.array([np.r_[np.zeros(late), impulse[: STEP - late]] for late in range(STEP)], np.float32),
        output_of_state=np.array([output for output, _ in answers], np.float32),
        state_of_input=states_after[::-1].astype(np.float32),
        states_of_inputs=states_of_inputs,
        states_of_state=states_of_state,
        begun_of_ends=begun_of_ends,
        begun_of_state=begun_of_state,
    )


def _successive(onward: Doubles, count: int) -> tuple[Doubles, Doubles]:
    """What makes of `count` additions to a state, and of a first state, the states before each and behind the last.

    Args:
        onward: (4, 4), what becomes of a state from one addition to the next.
        count: of additions.
    """
    powers = [np.linalg.matrix_power(onward, power) for power in range(count + 1)]
    zero = np.zeros((4, 4))
    of_additions = np.block(
        [[powers[after - 1 - at] if after > at else zero for after in range(count + 1)] for at in range(count)]
    )
    return of_additions, np.hstack(powers)


def _run(filters: Doubles, samples: Doubles, state: Doubles) -> tuple[Doubles, Doubles]:
    """Run both biquads (transposed direct form II) over a few samples; outputs, and the state after each."""
    outputs, states = [], []
    now = state.copy()
    for sample in samples:
        for filter_, at in zip(filters, (0, 2), strict=True):
            output = filter_[0] * sample + now[at]
            now[at] = filter_[1] * sample - filter_[4] * output + now[at + 1]
            now[at + 1] = filter_[2] * sample - filter_[5] * output
            sample = output
        outputs.append(sample)
        states.append(now.copy())
    return np.array(outputs), np.array(states)
