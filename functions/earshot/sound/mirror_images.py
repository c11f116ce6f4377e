"""Which lower sample rate a recording once had, by the mirror images that a poor interpolation left of it.

To raise a sample rate, zeros go between the samples, so that the spectrum below the old Nyquist frequency repeats above
it as in a mirror, and a filter then takes these images away. Linear interpolation, repeated samples and short filters
only attenuate them: the band above looks full, but amplitude and phase of each bin follow from those of a bin below.

Source: J. O. Smith, "Digital Audio Resampling", CCRMA, Stanford (the spectrum of linear interpolation is sinc squared).
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from earshot.sound.quantiles import quantile

RATES_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000)
MOST_RATE_HZ = 192_000
MOST_RATIO = 6  # of the new rate to the old one
LEAST_ROWS = 10  # frames of 90 ms; in fewer, a drum's decay may be symmetric by chance
LEAST_LIKENESS = 0.5  # docs/measures.md has what recordings reach
LOUD_DB = 30.0  # below the loudest frame: rounding weighs too much in the frames under that
STRONGEST = 0.25  # of the bins: those whose images ought to be the loudest
FLOOR_DB = 100.0  # below a frame's highest bin lies what the window smears out of it
NYQUIST_BINS, LOWEST_HZ = 4, 50.0  # bins too near to their own image; images of rumble
LAG = 3  # bins: as far as the window's main lobe reaches
Spectra = npt.NDArray[np.complex64]


@lru_cache(maxsize=32)
def possible_rates_hz(rate_hz: int, highest_share: float) -> tuple[int, ...]:
    """The rates that a recording may have had before, lowest first, under `highest_share` of its own."""
    if rate_hz > MOST_RATE_HZ:
        return ()
    return tuple(old_hz for old_hz in RATES_HZ if rate_hz / MOST_RATIO <= old_hz < highest_share * rate_hz)


def rate_before(spectra: Spectra, rate_hz: int, highest_share: float) -> int | None:
    """The lowest rate of `RATES_HZ` about half of which the spectra are mirrored.

    Args:
        spectra: of Hann-windowed frames, shape (frames, bins), from 0 Hz to half the sample rate.
        rate_hz: the sample rate now.
        highest_share: of the sample rate; no higher rate is looked for.

    Returns:
        The rate in Hz; None for no image, or fewer than ten frames within 30 dB of the loudest.
    """
    power = np.square(np.abs(spectra))
    totals = power.sum(axis=1)
    loud = totals > totals.max() * 10 ** (-LOUD_DB / 10)
    if np.count_nonzero(loud) < LEAST_ROWS:
        return None
    spectra, power = spectra[loud], power[loud]
    floor = power.max(axis=1, keepdims=True) * np.float32(10 ** (-FLOOR_DB / 10))
    directions = spectra / np.sqrt(np.maximum(power, floor))
    levels = np.log(np.maximum(power, floor))
    slopes = levels[:, LAG:] - levels[:, :-LAG]
    bin_hz = rate_hz / (2 * (power.shape[1] - 1))
    for old_hz in possible_rates_hz(rate_hz, highest_share):
        mirrored = round(old_hz / bin_hz)  # the sum of a bin's index and of its image's
        above = np.arange(mirrored // 2 + NYQUIST_BINS, min(mirrored - round(LOWEST_HZ / bin_hz), slopes.shape[1]))
        below = mirrored - above
        left = np.sinc(above * bin_hz / old_hz).astype(np.float32) ** 4  # of their power by linear interpolation
        expected = power[:, below] * left
        used = (expected >= quantile(expected, 1 - STRONGEST)[:, np.newaxis]) & (power[:, above] > floor)
        if _likeness(directions[:, above] * directions[:, below], slopes[:, above], -slopes[:, below - LAG], used) >= (
            LEAST_LIKENESS
        ):
            return old_hz
    return None


def _likeness(
    products: Spectra, above: npt.NDArray[np.float32], below: npt.NDArray[np.float32], used: npt.NDArray[np.bool_]
) -> float:
    """How far a band is the image of another in half of the frames: 0 for none, 1 for an exact one.

    The lesser of two: how much the phases agree (those of held chords do not), and the correlation of the change of
    level from bin to bin (that of single clicks is none).
    """
    counts = used.sum(axis=1)
    phases = np.abs(np.where(used, products, 0).sum(axis=1)) / np.maximum(counts, 1)
    above, below = np.where(used, above, 0), np.where(used, below, 0)
    norms = np.sqrt(np.square(above).sum(axis=1) * np.square(below).sum(axis=1))
    levels = (above * below).sum(axis=1) / np.maximum(norms, 1e-9)
    enough = counts > used.shape[1] * STRONGEST / 2
    return float(np.median(np.where(enough, np.minimum(phases, levels), 0.0)))
