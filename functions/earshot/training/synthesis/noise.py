"""Computed noise: what is neither speech nor music. Each kind is a function of frames and dice, mono, about ±1.

Kinds after what field recordings and sound effects hold: machines, weather, impacts, explosions, signals, animals.
"""

from collections.abc import Callable

import numpy as np

from earshot.training.synthesis.speech import reverberant
from earshot.training.synthesis.wav_and_spectrum_tools import RATE_HZ, Wave, at_rms, band, coloured, shaped, wander

Kind = Callable[[int, np.random.Generator], Wave]


def hiss(frames: int, dice: np.random.Generator) -> Wave:
    """Stationary noise of a random slope and a random smooth spectrum."""
    return shaped(coloured(frames, float(dice.uniform(-9, 3)), dice), 10 ** (dice.uniform(-12, 12, 24) / 20))


def gusts(frames: int, dice: np.random.Generator) -> Wave:
    """Wind, surf, passing cars: noise whose level and band wander slowly."""
    low = coloured(frames, float(dice.uniform(-9, -4)), dice)
    high = band(coloured(frames, -3, dice), float(dice.uniform(300, 1500)), float(dice.uniform(2000, 7000)))
    pace = float(dice.uniform(0.3, 2))
    waves: Wave = low * np.exp(0.8 * wander(frames, dice, pace)) + high * np.exp(1.2 * wander(frames, dice, pace) - 1)
    return waves


def modulated(frames: int, dice: np.random.Generator) -> Wave:
    """Noise switched or swung at a fixed rate: fans, rotors, saws, trains."""
    t = np.arange(frames) / RATE_HZ
    hz = float(dice.uniform(1, 45))
    swing = (0.5 + 0.5 * np.sin(2 * np.pi * hz * t + 0.5 * wander(frames, dice, 2))) ** float(dice.uniform(0.5, 8))
    return (hiss(frames, dice) * swing).astype(np.float32)


def engine(frames: int, dice: np.random.Generator) -> Wave:
    """Motors and hum: many harmonics of a slowly wandering low pitch, with noise."""
    pitch = float(dice.uniform(18, 160)) * np.exp(float(dice.uniform(0, 0.2)) * wander(frames, dice, 0.8))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    wave = np.zeros(frames)
    slope = float(dice.uniform(0.4, 1.6))
    for n in range(1, 40):
        if n * pitch.max() < 7500:
            wave += dice.uniform(0.1, 1) / n**slope * np.sin(n * phase + dice.uniform(0, 6.28))
    return (0.2 * wave + float(dice.uniform(0.02, 1.5)) * coloured(frames, -4, dice)).astype(np.float32)


def drops(frames: int, dice: np.random.Generator) -> Wave:
    """Rain, crackle, footsteps in gravel, keyboards: sparse impulses through a random spectrum."""
    wave = np.zeros(frames, dtype=np.float32)
    count = int(frames / RATE_HZ * 10 ** dice.uniform(0.3, 3))
    wave[dice.integers(0, frames, count)] = dice.standard_normal(count) ** 3
    return shaped(wave, 10 ** (dice.uniform(-20, 10, 16) / 20)) + 0.002 * coloured(frames, -3, dice)


def impacts(frames: int, dice: np.random.Generator) -> Wave:
    """Hits, doors, swords, glass: bursts of noise and inharmonic modes that die away, at irregular times."""
    wave = np.zeros(frames, dtype=np.float32)
    start = int(dice.integers(0, RATE_HZ // 2))
    material = float(dice.uniform(0.03, 0.9))
    while start < frames:
        hit = _hit(dice, material)
        end = min(frames, start + len(hit))
        wave[start:end] += hit[: end - start]
        start += int(RATE_HZ * dice.exponential(0.7) + 1500)
    return wave


def _hit(dice: np.random.Generator, material_s: float) -> Wave:
    t = np.arange(int(RATE_HZ * min(2.0, 0.1 + 2 * material_s))) / RATE_HZ
    wave = coloured(len(t), float(dice.uniform(-6, 3)), dice) * np.exp(-t / float(dice.uniform(0.004, 0.08)))
    for hz in 10 ** dice.uniform(1.9, 3.85, int(dice.integers(0, 14))):
        wave = wave + 0.15 * dice.random() * np.sin(2 * np.pi * hz * t) * np.exp(
            -t / (material_s * dice.uniform(0.1, 0.5))
        )
    return np.asarray(wave * dice.uniform(0.2, 1), dtype=np.float32)


def explosions(frames: int, dice: np.random.Generator) -> Wave:
    """Bangs, thunder, gunfire: a sharp attack, then a falling low rumble."""
    wave = np.zeros(frames, dtype=np.float32)
    start = int(dice.integers(0, RATE_HZ))
    rapid = dice.random() < 0.3
    while start < frames:
        length = int(RATE_HZ * (dice.uniform(0.05, 0.3) if rapid else dice.uniform(0.4, 3)))
        t = np.arange(length) / RATE_HZ
        body = coloured(length, float(dice.uniform(-10, -3)), dice) * np.exp(-t * 5 / t[-1])
        crack = coloured(length, float(dice.uniform(-3, 2)), dice) * np.exp(-t / float(dice.uniform(0.01, 0.1)))
        end = min(frames, start + length)
        wave[start:end] += (body + crack)[: end - start].astype(np.float32)
        start += int(RATE_HZ * (dice.uniform(0.06, 0.2) if rapid else dice.uniform(0.8, 4)))
    return wave


def sweeps(frames: int, dice: np.random.Generator) -> Wave:
    """Lasers, sirens, whooshes, squeaks: one gliding tone or band, with harmonics, in separate events."""
    wave = np.zeros(frames, dtype=np.float32)
    start = 0
    while start < frames:
        length = int(RATE_HZ * dice.uniform(0.08, 1.6))
        t = np.linspace(0, 1, length)
        path = (
            np.log(dice.uniform(100, 5000))
            + dice.uniform(-2, 2) * t
            + dice.uniform(0, 0.6) * np.sin(2 * np.pi * dice.uniform(0.5, 40) * t)
        )
        phase = 2 * np.pi * np.cumsum(np.clip(np.exp(path), 40, 7000)) / RATE_HZ
        tone = np.sin(phase + dice.uniform(0, 5) * np.sin(phase * dice.choice([0.5, 1, 2, 1.41])))
        event = tone + dice.uniform(0, 1.5) * 3 * coloured(length, -2, dice)
        event *= np.minimum(1, 20 * t) * (1 - t) ** dice.uniform(0.2, 3)
        end = min(frames, start + length)
        wave[start:end] += (0.3 * event[: end - start]).astype(np.float32)
        start += length + int(RATE_HZ * dice.exponential(0.4))
    return wave


def signals(frames: int, dice: np.random.Generator) -> Wave:
    """Beeps, ringing, alarms, modem-like tones: fixed tones switched in a fixed pattern."""
    t = np.arange(frames) / RATE_HZ
    tones = sum(np.sin(2 * np.pi * hz * t) for hz in dice.uniform(250, 3500, int(dice.integers(1, 4))))
    if dice.random() < 0.3:
        tones = np.sign(tones)
    period, share = float(dice.uniform(0.1, 2.5)), float(dice.uniform(0.2, 0.9))
    gate = ((t / period) % 1 < share).astype(np.float32)
    return np.asarray(0.2 * tones * np.convolve(gate, np.ones(80) / 80, mode="same"), dtype=np.float32)


def creatures(frames: int, dice: np.random.Generator) -> Wave:
    """Barks, growls, chirps, roars: short harmonic or rough calls, repeated with small changes."""
    wave = np.zeros(frames, dtype=np.float32)
    pitch, length_s = float(10 ** dice.uniform(1.5, 3.6)), float(dice.uniform(0.05, 1.2))
    rough, bend = float(dice.uniform(0, 1.5)), float(dice.uniform(-0.8, 0.5))
    formants = 10 ** (dice.uniform(-25, 5, 14) / 20)
    start = int(dice.integers(0, RATE_HZ))
    while start < frames:
        length = int(RATE_HZ * length_s * dice.uniform(0.7, 1.3))
        t = np.linspace(0, 1, length)
        curve = pitch * dice.uniform(0.9, 1.1) * np.exp(bend * t + rough * 0.1 * wander(length, dice, 40))
        phase = 2 * np.pi * np.cumsum(np.minimum(curve, 7000)) / RATE_HZ
        call = sum(np.sin(n * phase) / n for n in range(1, max(2, min(24, int(7500 / pitch)))))
        call = (call + rough * 4 * coloured(length, -3, dice)) * np.sin(np.pi * t) ** dice.uniform(0.3, 2)
        end = min(frames, start + length)
        wave[start:end] += 0.3 * shaped(call.astype(np.float32), formants)[: end - start]
        start += length + int(RATE_HZ * dice.exponential(0.5))
    return wave


KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (hiss, gusts, modulated, engine, drops, impacts, explosions, sweeps, signals, creatures)
}


def noise(kind: str, dice: np.random.Generator, seconds: float) -> Wave:
    """One recording of that kind, or of two kinds at once a fifth of the time, with random reverberation and band."""
    frames = int(seconds * RATE_HZ)
    wave = at_rms(KINDS[kind](frames, dice), -26)
    if dice.random() < 0.2:
        other = list(KINDS.values())[int(dice.integers(len(KINDS)))]
        wave = wave + float(dice.uniform(0.1, 1)) * at_rms(other(frames, dice), -26)
    wave = reverberant(wave, dice)
    if dice.random() < 0.4:
        wave = band(wave, float(dice.uniform(20, 250)), float(dice.uniform(2500, 8000)))
    return at_rms(wave, float(dice.uniform(-36, -14)))
