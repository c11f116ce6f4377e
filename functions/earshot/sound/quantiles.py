"""Quantiles of small arrays, in a fifth of the time that numpy's own take to choose among their methods."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


def quantile(values: Doubles, share: float) -> Doubles:
    """`numpy.quantile(values, share, axis=-1)`, to the bit, for values without NaN."""
    last = values.shape[-1] - 1
    low = int(last * share)
    parted = values.copy()
    parted.partition((low, min(low + 1, last)), axis=-1)
    return _between(parted, share)


def quantiles(values: Doubles, shares: Sequence[float]) -> Doubles:
    """`numpy.quantile(values, shares, axis=-1)`, to the bit, for values without NaN: shape (shares, …)."""
    ordered = values.copy()
    ordered.sort(axis=-1)  # once, in less time than a partition for each
    return np.array([_between(ordered, share) for share in shares])


def _between(ordered: Doubles, share: float) -> Doubles:
    """Between the two values that lie around the quantile, which are where they would be if all were in order."""
    last = ordered.shape[-1] - 1
    position = last * share
    low = int(position)
    high, beyond = min(low + 1, last), position - low
    below, above = ordered[..., low], ordered[..., high]
    step = above - below
    between: Doubles = below + step * beyond if beyond < 0.5 else above - step * (1 - beyond)
    return between


def nearest(values: Doubles, share: float) -> float:
    """`numpy.quantile(values, share, method="nearest")` of one row of values without NaN."""
    at = round((values.size - 1) * share)
    return float(np.partition(values, at)[at])
