"""Small numeric tools of the synthesis: reading and writing 16 kHz WAV, levels, spectral shaping."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

Wave = npt.NDArray[np.float32]

RATE_HZ = 16_000  # sample rate of all training audio


def read_mono(path: Path, rate_hz: int = RATE_HZ, *, played_at: float = 1.0) -> Wave:
    """The whole file as mono float32 in ±1 at `rate_hz`, played faster by `played_at`; channels are averaged."""
    samples, stored_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    source_hz = stored_hz * played_at
    if source_hz != rate_hz:
        mono = soxr.resample(mono, source_hz, rate_hz)
    return np.ascontiguousarray(mono, dtype=np.float32)


def write_wav(path: Path, wave: Wave, rate_hz: int = RATE_HZ) -> str:
    """Write 16-bit mono; returns the SHA-256 of its samples (not of the header), in hex."""
    pcm = np.round(np.clip(wave, -1, 32767 / 32768) * 32768).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, pcm, rate_hz, subtype="PCM_16")
    return hashlib.sha256(pcm.tobytes()).hexdigest()


def at_rms(wave: Wave, level_dbfs: float) -> Wave:
    """The wave at this RMS level, lowered where its peak would pass full scale; silence stays silence."""
    rms = float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) if wave.size else 0.0
    if rms == 0:
        return wave
    gain = 10 ** (level_dbfs / 20) / rms
    peak = float(np.max(np.abs(wave))) * gain
    return (wave * (gain / max(1.0, peak / 0.99))).astype(np.float32)


def shaped(wave: Wave, gains: npt.NDArray[np.float64]) -> Wave:
    """The wave with its spectrum multiplied by `gains`, given on evenly spaced frequencies from 0 to 8 kHz."""
    spectrum = np.fft.rfft(wave)
    curve = np.interp(np.linspace(0, 1, len(spectrum)), np.linspace(0, 1, len(gains)), gains)
    return np.fft.irfft(spectrum * curve, len(wave)).astype(np.float32)


def band(wave: Wave, low_hz: float, high_hz: float) -> Wave:
    """Only what lies between the two frequencies, with edges half an octave wide."""
    hz = np.fft.rfftfreq(len(wave), 1 / RATE_HZ)
    octaves_low = np.log2(np.maximum(hz, 1) / max(low_hz, 1))
    octaves_high = np.log2(max(high_hz, 1) / np.maximum(hz, 1))
    curve = np.clip(1 + 2 * octaves_low, 0, 1) * np.clip(1 + 2 * octaves_high, 0, 1)
    return np.fft.irfft(np.fft.rfft(wave) * curve, len(wave)).astype(np.float32)


def coloured(frames: int, slope_db_per_octave: float, dice: np.random.Generator) -> Wave:
    """Gaussian noise whose spectrum falls by that slope (0 is white, -3 pink, -6 brown), at RMS 0.1."""
    hz = np.fft.rfftfreq(frames, 1 / RATE_HZ)
    curve = np.maximum(hz, 20.0) ** (slope_db_per_octave / 6.0206)
    noise = np.fft.irfft(np.fft.rfft(dice.standard_normal(frames)) * curve, frames)
    return (0.1 * noise / max(float(noise.std()), 1e-12)).astype(np.float32)


def wander(frames: int, dice: np.random.Generator, per_s: float) -> Wave:
    """A smooth random curve of roughly unit variance that turns about `per_s` times a second."""
    knots = max(4, int(frames / RATE_HZ * per_s) + 4)
    return np.interp(np.linspace(0, knots - 1, frames), np.arange(knots), dice.standard_normal(knots)).astype(
        np.float32
    )
