"""Speech-like sound by formant synthesis, and ways to spoil it: enough of speech for PESQ to find utterances in.

A pulse train with a falling, wavering pitch runs through three resonators whose centres move from vowel to vowel;
noise stands for some of the consonants; syllables come about four a second, in phrases with pauses between them.
Formant frequencies are the averages for men in Peterson and Barney, "Control methods used in a study of the vowels",
JASA 24 (1952).
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from earshot.local.demo_site.sounds import Samples, levelled

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
    return _filtered(clean, lambda hz: _highpass(hz, 300) * _lowpass(hz, 3400))


def clipped(clean: Samples, share_of_peak: float) -> Samples:
    """Cut off at that share of the peak."""
    limit = share_of_peak * float(np.max(np.abs(clean)))
    return np.clip(clean, -limit, limit)


def _syllable(dice: np.random.Generator, pitch_hz: float) -> Samples:
    frames = round(dice.uniform(0.16, 0.26) * RATE_HZ)
    envelope = np.sin(np.pi * np.linspace(0, 1, frames)) ** 0.5
    wavering = pitch_hz * (1 + 0.02 * np.sin(2 * np.pi * 5 * np.arange(frames) / RATE_HZ))
    turns = np.cumsum(wavering) / RATE_HZ
    pulses = np.diff(np.floor(turns), prepend=0.0)
    source = _filtered(pulses, lambda hz: 1 / (1 - 0.95 * _delay(hz))) + 0.01 * dice.standard_normal(frames)
    voiced = envelope * _resonated(source, VOWELS_HZ[dice.integers(len(VOWELS_HZ))])
    if dice.random() < 0.6:
        voiced = np.concatenate([_fricative(dice), voiced])
    return voiced


def _resonated(source: Samples, centres_hz: tuple[int, ...]) -> Samples:
    sound = source
    for centre, bandwidth in zip(centres_hz, BANDWIDTHS_HZ, strict=True):
        sound = _filtered(sound, partial(_resonator, centre_hz=centre, bandwidth_hz=bandwidth))
    return sound


def _fricative(dice: np.random.Generator) -> Samples:
    frames = round(dice.uniform(0.05, 0.1) * RATE_HZ)
    sound = _filtered(dice.standard_normal(frames), lambda hz: _highpass(hz, 3500))
    return 0.01 * sound * np.sin(np.pi * np.linspace(0, 1, frames))


Response = npt.NDArray[np.complex128] | npt.NDArray[np.float64]


def _filtered(sound: Samples, response: Callable[[Samples], Response]) -> Samples:
    """The sound through a linear filter, given by its response at frequencies in Hz; as long as before."""
    padded = 2 * len(sound)  # so that what rings on at the end does not come in again at the start
    frequencies: Samples = np.fft.rfftfreq(padded, 1 / RATE_HZ).astype(np.float64)
    spectrum = np.fft.rfft(sound, padded) * response(frequencies)
    heard: Samples = np.fft.irfft(spectrum, padded)[: len(sound)]
    return heard


def _resonator(hz: Samples, centre_hz: float, bandwidth_hz: float) -> Response:
    """A pair of poles; 1 at 0 Hz."""
    radius = np.exp(-np.pi * bandwidth_hz / RATE_HZ)
    near, far = -2 * radius * np.cos(2 * np.pi * centre_hz / RATE_HZ), radius**2
    response: Response = (1 + near + far) / (1 + near * _delay(hz) + far * _delay(hz) ** 2)
    return response


def _delay(hz: Samples) -> npt.NDArray[np.complex128]:
    """One sample later: z to the minus one on the unit circle."""
    turned: npt.NDArray[np.complex128] = np.exp(-2j * np.pi * hz / RATE_HZ)
    return turned


def _lowpass(hz: Samples, corner_hz: float) -> Samples:
    """Magnitude of a Butterworth low-pass of order 4, without its phase."""
    return 1 / np.sqrt(1 + (hz / corner_hz) ** 8)


def _highpass(hz: Samples, corner_hz: float) -> Samples:
    return 1 - _lowpass(hz, corner_hz)
