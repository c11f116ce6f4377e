"""Solo phrases of single instruments, named by the labels of OpenMIC-2018, and the sound effects of General MIDI."""

import numpy as np

from earshot.training.synthesis import sampled_notes
from earshot.training.synthesis.music import DRUMS, _drums, _part  # one package's own parts
from earshot.training.synthesis.render_notes import DRUM_CHANNEL, FREEPATS_PROGRAMS, Note, render
from earshot.training.synthesis.speech import reverberant
from earshot.training.synthesis.wav_and_spectrum_tools import Wave, at_rms

# General MIDI programs of each label, and the compass a player uses (MIDI pitches).
PROGRAMS: dict[str, tuple[tuple[int, ...], tuple[int, int]]] = {
    "bass": ((32, 33, 34, 35, 36, 37), (28, 50)),
    "cello": ((42,), (36, 67)),
    "clarinet": ((71,), (50, 84)),
    "drums": ((), (0, 0)),
    "flute": ((73, 73, 72), (60, 93)),
    "guitar": ((24, 25, 26, 27, 29, 30), (40, 79)),
    "mallet_percussion": ((9, 11, 12, 13), (55, 93)),
    "organ": ((16, 17, 18, 19), (36, 84)),
    "piano": ((0, 1, 2), (33, 96)),
    "saxophone": ((64, 65, 66, 67), (46, 80)),
    "trumpet": ((56, 59), (54, 82)),
    "violin": ((40, 40, 110), (55, 93)),
}
POLYPHONIC = frozenset({"guitar", "organ", "piano", "mallet_percussion"})
EFFECT_PROGRAMS = (
    121,
    122,
    123,
    124,
    125,
    126,
    127,
    119,
)  # breath, seashore, bird, telephone, helicopter, applause, gunshot, cymbal

_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10))


def phrase(label: str, font: str, dice: np.random.Generator, seconds: float, *, reshaped: bool = False) -> Wave:
    """A phrase of that instrument alone; every 8 beats another register and way of playing.

    Args:
        font: of render_notes.FONTS, or `sampled`.
        reshaped: two times of three the instrument becomes larger or smaller by up to four semitones.
    """
    tempo = float(dice.uniform(60, 150))
    beats = seconds * tempo / 60
    shift = int(dice.integers(-4, 5)) if reshaped and dice.random() < 2 / 3 else 0
    reverb = bool(dice.random() < 0.6)
    if label == "drums":
        notes = _drums(beats, dice)
        if font == "sampled":
            wave = sampled_notes.play_drums(notes, DRUMS, tempo, dice)
        else:
            wave = render(notes, {}, font, tempo, reverb=reverb, shift=shift)
    else:
        programs, compass = PROGRAMS[label]
        notes = _phrase_notes(label, compass, beats, dice)
        if font == "sampled":
            wave = sampled_notes.play(notes, label, tempo, dice, shift)
        else:
            present = [one for one in programs if font != "freepats" or one in FREEPATS_PROGRAMS]
            wave = render(notes, {0: int(dice.choice(present))}, font, tempo, reverb=reverb, shift=shift)
    return at_rms(reverberant(wave[: int(seconds * 16_000)], dice), float(dice.uniform(-28, -16)))


def _phrase_notes(label: str, compass: tuple[int, int], beats: float, dice: np.random.Generator) -> list[Note]:
    notes: list[Note] = []
    scale = _SCALES[int(dice.integers(len(_SCALES)))]
    low, high = compass
    for bar in range(0, int(beats), 8):
        roles = ("melody", "melody", "chords", "arpeggio") if label in POLYPHONIC else ("melody",)
        chords = [int(step) for step in dice.integers(0, 7, 3)]
        part = _part(str(dice.choice(roles)), 0, 36 + int(dice.integers(12)), scale, chords, 8, dice)
        middle = float(np.median([note.pitch for note in part])) if part else 60.0
        shift = int(dice.uniform(low + 4, max(low + 5, high - 4)) - middle)
        for note in part:
            pitch = note.pitch + shift
            while pitch < low:
                pitch += 12
            while pitch > high:
                pitch -= 12
            notes.append(Note(note.start + bar, note.beats, pitch, note.velocity))
    return notes


def effect(font: str, dice: np.random.Generator, seconds: float) -> Wave:
    """Sound effects of a soundfont (seashore, bird, helicopter, applause, gunshot, single percussion), as noise."""
    notes, now = [], 0.0
    percussion = dice.random() < 0.3
    while now < seconds * 2:
        length = float(dice.uniform(0.3, 6))
        pitch = int(dice.integers(35, 82) if percussion else dice.integers(30, 84))
        notes.append(Note(now, length, pitch, int(dice.integers(60, 120)), DRUM_CHANNEL if percussion else 0))
        now += length + float(dice.uniform(1.5, 5) if percussion else dice.uniform(0, 2))
    wave = render(notes, {0: int(dice.choice(EFFECT_PROGRAMS))}, font, 120, reverb=bool(dice.random() < 0.5))
    return at_rms(reverberant(wave[: int(seconds * 16_000)], dice), float(dice.uniform(-34, -16)))
