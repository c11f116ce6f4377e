"""Computed sounds: the same samples on every machine and in every run. Shape (frames,), full scale is ±1.0."""

import math

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]


def rms_dbfs(samples: Samples) -> float:
    """Root-mean-square level; digital silence gives -inf."""
    power = float(np.mean(samples**2)) if len(samples) else 0.0
    return 10 * math.log10(power) if power else -math.inf


def levelled(samples: Samples, level_dbfs: float) -> Samples:
    """The same sound at that RMS level; digital silence stays as it is."""
    present = rms_dbfs(samples)
    return samples if present == -math.inf else samples * 10 ** ((level_dbfs - present) / 20)


def tone(hz: float, seconds: float, rate_hz: int, level_dbfs: float) -> Samples:
    """A sine of that RMS level: its peak is 3.01 dB higher."""
    amplitude = math.sqrt(2) * 10 ** (level_dbfs / 20)
    return amplitude * np.sin(2 * np.pi * hz * _moments(seconds, rate_hz))


def silence(seconds: float, rate_hz: int) -> Samples:
    """Digital zeros."""
    return np.zeros(round(seconds * rate_hz))


def noise(seconds: float, rate_hz: int, seed: int, tilt_db_per_octave: float = -3.0) -> Samples:
    """Gaussian noise, its spectrum falling (or rising) by the tilt; at -20 dBFS RMS."""
    frames = round(seconds * rate_hz)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(frames))
    frequencies = np.maximum(np.fft.rfftfreq(frames, 1 / rate_hz), 20.0)
    shaped: Samples = np.fft.irfft(spectrum * frequencies ** (tilt_db_per_octave / 6.02), frames)
    return levelled(shaped, -20.0)


def chord(seconds: float, rate_hz: int, notes_hz: tuple[float, ...], seed: int = 0) -> Samples:
    """Notes with harmonics, struck every half second and dying away; peaks at about ±0.5."""
    moments = _moments(seconds, rate_hz)
    struck = np.exp(-3.0 * (moments % 0.5))
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, (len(notes_hz), 6))
    waves = [
        np.sin(2 * np.pi * hz * harmonic * moments + phases[index, harmonic - 1]) / harmonic
        for index, hz in enumerate(notes_hz)
        for harmonic in range(1, 7)
        if hz * harmonic < rate_hz / 2
    ]
    played: Samples = struck * np.sum(waves, axis=0)
    return played * (0.5 / float(np.max(np.abs(played))))


def resampled(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """The same band-limited sound at a higher rate, by zeros above its spectrum."""
    frames = len(samples) * to_hz // from_hz
    higher: Samples = np.fft.irfft(np.fft.rfft(samples), frames) * (frames / len(samples))
    return higher


def driven(samples: Samples, level_dbfs: float) -> Samples:
    """Made as loud as that by soft saturation, so that no peak passes full scale."""
    gain = 1.0
    for _ in range(60):
        saturated: Samples = np.tanh(gain * samples)
        if rms_dbfs(saturated) >= level_dbfs:
            break
        gain *= 1.15
    return levelled(saturated, level_dbfs)


def _moments(seconds: float, rate_hz: int) -> Samples:
    moments: Samples = np.arange(round(seconds * rate_hz)) / rate_hz
    return moments
