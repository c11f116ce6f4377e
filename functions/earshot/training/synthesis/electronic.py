"""Notes to sound by computed synthesisers: what game music and electronic music hold and soundfonts do not.

Each part has a patch of its own: detuned saws, squares and pulses, frequency modulation, or plucked strings, with a
filter that opens and closes, drive and echo.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot.training.synthesis.render_notes import Note
from earshot.training.synthesis.wav_and_spectrum_tools import RATE_HZ, Wave, at_rms, coloured, shaped

PATCHES = ("saws", "pulse", "fm", "pluck", "choir", "guitar")
_LONGEST_S = 6.0
_BLOCK = 16_384  # a length with small factors, that a Fourier transform is quick for
_TABLE = 2048  # samples of one period
_SINE = np.sin(2 * np.pi * np.arange(_TABLE) / _TABLE).astype(np.float32)

Numbers = npt.NDArray[np.floating[Any]]


def play(notes: Sequence[Note], beats_per_minute: float, dice: np.random.Generator) -> Wave:
    """The notes at 16 kHz, mono; each channel has a patch, a level and effects of its own."""
    beat_s = 60 / beats_per_minute
    end_s = max((note.start + note.beats for note in notes), default=1.0) * beat_s + 1.5
    total = np.zeros(-(-int(end_s * RATE_HZ) // _BLOCK) * _BLOCK, dtype=np.float32)
    for channel in sorted({note.channel for note in notes}):
        patch = str(dice.choice(PATCHES))
        settings = dice.random(8)
        part = np.zeros_like(total)
        for note in notes:
            if note.channel == channel:
                sound = _note(patch, note.pitch, min(note.beats * beat_s, _LONGEST_S), settings, dice)
                start = int(note.start * beat_s * RATE_HZ)
                sound = sound[: max(0, len(part) - start)]
                part[start : start + len(sound)] += sound * np.float32(note.velocity / 127)
        total += at_rms(_effects(part, patch, beat_s, dice), float(dice.uniform(-30, -20)))
    return total


def _note(patch: str, pitch: int, seconds: float, settings: Numbers, dice: np.random.Generator) -> Wave:
    """One note of a patch; `settings` (eight, 0 to 1) are the same for all notes of the part."""
    release = 0.03 + 0.5 * settings[0] ** 2
    t = np.arange(int((seconds + release) * RATE_HZ), dtype=np.float32) / np.float32(RATE_HZ)
    hz = 440 * 2 ** ((pitch - 69) / 12)
    vibrato = 0.006 * hz / (5 + settings[6]) * settings[5] * np.sin((5 + settings[6]) * t)
    cycles = np.arange(len(t)) * (hz / RATE_HZ) + vibrato + float(dice.random())
    if patch == "pluck":
        envelope = np.exp(-t * np.float32(1 + 6 * settings[2]))
    else:
        attack = 0.004 + (0.6 * settings[3] ** 3 if seconds > 0.5 else 0.0)
        envelope = np.minimum(1, t / attack) * np.clip((seconds + release - t) / release, 0, 1)
        envelope *= settings[4] + (1 - settings[4]) * np.exp(-t * 3)
    wave: Wave = (_oscillator(patch, hz, cycles, t, settings) * envelope).astype(np.float32)
    return wave


def _oscillator(patch: str, hz: float, cycles: Numbers, t: Wave, settings: Numbers) -> Wave:
    if patch == "fm":
        ratio = (0.5, 1, 2, 3, 1.41, 7)[int(settings[1] * 6)]
        depth = settings[2] * np.exp(-t * 4 * settings[7])
        modulated: Wave = _looked_up(_SINE, cycles + depth * _looked_up(_SINE, ratio * cycles))
        return modulated
    n = np.arange(1, max(1, min(40, int(7600 / hz))) + 1)
    if patch == "choir":
        levels = np.exp(-np.square(np.log(n * hz / (400 + 900 * settings[1])) / 0.5))
    elif patch == "pulse":
        levels = np.sin(np.pi * n * (0.1 + 0.4 * settings[2])) / n
    else:
        levels = 1 / n ** (0.8 + 0.9 * settings[1])
    table = (levels @ np.sin(2 * np.pi * np.outer(n, np.arange(_TABLE)) / _TABLE)).astype(np.float32)
    if patch == "pluck":  # the higher, the sooner gone: bright at first, a sine at the end
        bright = np.exp(-t * np.float32(3 + 8 * settings[1]))
        fading: Wave = _looked_up(table, cycles) * bright + _looked_up(_SINE, cycles) * (1 - bright)
        return fading
    voices = 1 + int(settings[2] * 4) if patch == "saws" else 1
    apart = [1 + 0.004 * settings[3] * (voice - voices / 2) for voice in range(voices)]
    wave: Wave = np.sum([_looked_up(table, cycles * each + at / 3) for at, each in enumerate(apart)], axis=0)
    return wave


def _looked_up(table: Wave, cycles: Numbers) -> Wave:
    found: Wave = table[(cycles * _TABLE).astype(np.int64) & (_TABLE - 1)]
    return found


def _effects(part: Wave, patch: str, beat_s: float, dice: np.random.Generator) -> Wave:
    """Drive, a filter of a random curve that may sweep, echo on the beat, and tremolo."""
    wave = part
    if patch == "guitar" or dice.random() < 0.2:  # power chords and distorted leads
        wave = np.tanh(at_rms(wave, -14) * float(dice.uniform(3, 30))).astype(np.float32)
    dark = shaped(wave, 10 ** (np.linspace(0, -float(dice.uniform(0, 50)), 24) / 20))
    if dice.random() < 0.3:  # a slow sweep from dark to bright and back
        t = np.arange(len(wave)) / RATE_HZ
        open_ = (0.5 + 0.5 * np.sin(2 * np.pi * float(dice.uniform(0.03, 0.6)) * t)).astype(np.float32)
        dark = dark * (1 - open_) + wave * open_
    if dice.random() < 0.4:
        delay = int(beat_s * float(dice.choice([0.25, 0.5, 0.75, 1])) * RATE_HZ)
        for turn in range(1, 4):
            dark = dark.copy()
            dark[turn * delay :] += dark[: len(dark) - turn * delay] * np.float32(0.4**turn)
    if dice.random() < 0.15:
        dark = dark + at_rms(coloured(len(dark), -3, dice), -45)  # the hiss of old chips and tapes
    return dark.astype(np.float32)
