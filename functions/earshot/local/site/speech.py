"""Speech-like sound by formant synthesis, and ways to spoil it: enough of speech for PESQ to find utterances in.

A pulse train with a falling, wavering pitch runs through three resonators whose centres move from vowel to vowel;
noise stands for some of the consonants; syllables come about four a second, in phrases with pauses between them.
Formant frequencies are the averages for men in Peterson and Barney, "Control methods used in a study of the vowels",
JASA 24 (1952).
"""

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from earshot.local.site.sounds import Samples, levelled

VOWELS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
BANDWIDTHS_HZ = (80, 110, 170)
PAUSE_S = 0.45
RATE_HZ = 16_000  # what PESQ's wideband variant listens at


def speech(seconds: float, seed: int, pitch_hz: float = 120.0) -> Samples:
    """Phrases of three to six syllables at 16 kHz and -23 dBFS RMS over all, pauses included."""
    dice = np.random.default_rng(seed)
    parts: list[Samples] = [np.zeros(round(0.3 * RATE_HZ))]
    while sum(map(len, parts)) < seconds * RATE_HZ:
        for place in range(dice.integers(3, 7)):
            parts.append(_syllable(dice, pitch_hz * (1.12 - 0.05 * place)))
        parts.append(np.zeros(round(PAUSE_S * RATE_HZ)))
    return levelled(np.concatenate(parts)[: round(seconds * RATE_HZ)], -23.0)


def with_noise(clean: Samples, snr_db: float, seed: int) -> Samples:
    """White noise added, that far below the whole recording's level."""
    hiss = np.random.default_rng(seed).standard_normal(len(clean))
    power = np.sqrt(np.mean(clean**2)) * 10 ** (-snr_db / 20)
    noisy: Samples = clean + hiss * power
    return noisy


def through_telephone(clean: Samples) -> Samples:
    """Only 300 to 3400 Hz, as a telephone channel lets through."""
    heard: Samples = sosfilt(butter(4, (300, 3400), "bandpass", fs=RATE_HZ, output="sos"), clean)
    return heard


def clipped(clean: Samples, share_of_peak: float) -> Samples:
    """Cut off at that share of the peak."""
    limit = share_of_peak * float(np.max(np.abs(clean)))
    return np.clip(clean, -limit, limit)


def coarse(clean: Samples, bits: int) -> Samples:
    """Rounded to so few bits."""
    steps = 2.0 ** (bits - 1)
    return np.round(clean * steps) / steps


def _syllable(dice: np.random.Generator, pitch_hz: float) -> Samples:
    frames = round(dice.uniform(0.16, 0.26) * RATE_HZ)
    envelope = np.sin(np.pi * np.linspace(0, 1, frames)) ** 0.5
    wavering = pitch_hz * (1 + 0.02 * np.sin(2 * np.pi * 5 * np.arange(frames) / RATE_HZ))
    turns = np.cumsum(wavering) / RATE_HZ
    pulses = np.diff(np.floor(turns), prepend=0.0)
    source = lfilter([1.0], [1.0, -0.95], pulses) + 0.01 * dice.standard_normal(frames)
    voiced = envelope * _resonated(source, VOWELS_HZ[dice.integers(len(VOWELS_HZ))])
    if dice.random() < 0.6:
        voiced = np.concatenate([_fricative(dice), voiced])
    return voiced


def _resonated(source: Samples, centres_hz: tuple[int, ...]) -> Samples:
    sound = source
    for centre, bandwidth in zip(centres_hz, BANDWIDTHS_HZ, strict=True):
        radius = np.exp(-np.pi * bandwidth / RATE_HZ)
        poles = [1.0, -2 * radius * np.cos(2 * np.pi * centre / RATE_HZ), radius**2]
        sound = lfilter([sum(poles)], poles, sound)
    return sound


def _fricative(dice: np.random.Generator) -> Samples:
    frames = round(dice.uniform(0.05, 0.1) * RATE_HZ)
    sound: Samples = sosfilt(butter(2, 3500, "highpass", fs=RATE_HZ, output="sos"), dice.standard_normal(frames))
    return 0.01 * sound * np.sin(np.pi * np.linspace(0, 1, frames))
