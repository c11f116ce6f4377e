"""Where one recording lies within another, and whether it lies there at all."""

import numpy as np

from earshot.sound.speech_rate_mono import Mono


def lag(reference: Mono, degraded: Mono) -> tuple[int, float]:
    """How far `degraded` runs behind `reference`, by cross-correlation.

    Returns:
        The lag in frames (positive: it begins later), and the correlation coefficient there, 0 to 1 whatever the
        polarity; 1 for the same signal at any gain, about 0.7 at an SNR of 0 dB, under 0.15 for other speech. 0 where
        either is silent.
    """
    energy = float(np.sqrt(np.dot(reference, reference) * np.dot(degraded, degraded)))
    if energy == 0:
        return 0, 0.0
    length = len(reference) + len(degraded)
    size = 1 << (length - 1).bit_length()
    spectrum = np.fft.rfft(degraded, size) * np.conj(np.fft.rfft(reference, size))
    correlation = np.abs(np.fft.irfft(spectrum, size))
    best = int(np.argmax(correlation))
    coefficient = float(correlation[best]) / energy
    return (best if best < size // 2 else best - size), min(coefficient, 1.0)


def cut(samples: Mono, start: int, length: int) -> Mono:
    """`length` frames from `start`, which may lie outside; what is not there is zero."""
    piece = np.zeros(length, np.float32)
    first, last = max(start, 0), min(start + length, len(samples))
    if first < last:
        piece[first - start : last - start] = samples[first:last]
    return piece
