"""Powers of 10 ms frames in; how far noise lies below the signal out: a spread of levels, and a ratio of powers.

The ratio takes a low quantile of the smoothed frames for the noise, since the signal pauses and noise does not.

Source: V. Stahl, A. Fischer, R. Bippus, "Quantile based noise estimation for spectral subtraction and Wiener
filtering", ICASSP 2000, on the power of the whole band; the bias of a low quantile is compensated as in R. Martin,
"Noise power spectral density estimation based on optimal smoothing and minimum statistics", IEEE Trans. Speech and
Audio Processing 9 (5), 2001. Quantiles and bias were fitted on speech in seven languages with added noise;
docs/measures.md has the errors on other recordings.
"""

import math

import numpy as np
import numpy.typing as npt

from earshot.sound.quantiles import quantiles

FLOOR_DBFS = -96.0  # below 16-bit rounding levels are not distinguished
LOUD_QUIET = (0.95, 0.10)  # quantiles
LEAST_FRAMES = 10
LEAST_RATIO_FRAMES = 100  # a second: less has too few pauses for a quantile
SMOOTHED = 5  # frames averaged before the quantile
QUANTILES = (0.05, 0.20)  # where speech is far above the noise; where noise that swells hides it
_SMOOTHING = np.full(SMOOTHED, 1 / SMOOTHED)
BETWEEN_DB = (14.0, 8.0)  # of the first's ratio: from here on the first alone, up to here the second alone
BIAS = 10 ** (0.5 / 10)  # of the noise's mean power over its quantile
LEAST_SHARE = 0.1  # of the noise's power that the signal is taken to have at least: -10 dB


def level_spread_db(power: npt.NDArray[np.float64]) -> float | None:
    """95th less 10th percentile of the frames' levels, digital silence left out, in dB; None under 100 ms."""
    nonzero = power[power > 0]
    if nonzero.size < LEAST_FRAMES:
        return None
    levels = np.maximum(10 * np.log10(nonzero), FLOOR_DBFS)
    loud, quiet = quantiles(levels, LOUD_QUIET)
    return float(loud - quiet)


def power_ratio_db(power: npt.NDArray[np.float64]) -> float | None:
    """RMS of the signal over RMS of the noise in dB, -10 and up; digital silence is left out.

    Args:
        power: mean power of each 10 ms frame, shape (frames,).

    Returns:
        None for less than a second of sound.
    """
    nonzero = power[power > 0]
    if nonzero.size < LEAST_RATIO_FRAMES:
        return None
    whole = float(np.add.reduce(nonzero)) / nonzero.size
    smooth = np.correlate(nonzero, _SMOOTHING, "valid")
    noises = [max(BIAS * quiet, 10 ** (FLOOR_DBFS / 10)) for quiet in quantiles(smooth, QUANTILES).tolist()]
    clear, hidden = (10 * math.log10(max(whole / noise - 1, LEAST_SHARE)) for noise in noises)
    first, second = BETWEEN_DB
    weight = min(max((clear - second) / (first - second), 0.0), 1.0)
    return weight * clear + (1 - weight) * hidden
