"""Quantiles of small arrays, in a fifth of the time that numpy's own take to choose among their methods."""

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


def quantile(values: Doubles, share: float) -> Doubles:
    """`numpy.quantile(values, share, axis=-1)`, to the bit, for values without NaN."""
    last = values.shape[-1] - 1
    position = last * share
    low = int(position)
    high, beyond = min(low + 1, last), position - low
    parted = np.partition(values, (low, high), axis=-1)
    below, above = parted[..., low], parted[..., high]
    step = above - below
    between: Doubles = below + step * beyond if beyond < 0.5 else above - step * (1 - beyond)
    return between


def nearest(values: Doubles, share: float) -> float:
    """`numpy.quantile(values, share, method="nearest")` of one row of values without NaN."""
    at = round((values.size - 1) * share)
    return float(np.partition(values, at)[at])
