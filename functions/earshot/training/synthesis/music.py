"""Synthetic music: random songs of one to five parts over random harmony, in random General MIDI instruments."""

import numpy as np

from earshot.training.synthesis.render_notes import DRUM_CHANNEL, Note, render
from earshot.training.synthesis.speech import reverberant
from earshot.training.synthesis.wav_and_spectrum_tools import Wave, at_rms, band

STYLES = ("solo", "duo", "band", "electronic", "ambient", "orchestra", "drums")
TRAIN_FONTS = ("fluid", "musescore")  # MIT, so the weights carry no share-alike question

_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 7, 9), (0, 3, 5, 7, 10))
_PROGRAMS: dict[str, tuple[int, ...]] = {
    "solo": tuple(range(80)) + tuple(range(104, 112)),
    "duo": tuple(range(80)) + tuple(range(104, 112)),
    "band": (0, 2, 4, 16, 18, 24, 25, 26, 27, 28, 29, 30, 29, 30, 61, 62, 65, 66, 80, 81),
    "electronic": (*range(80, 104), 38, 39, 50, 51, 62, 63),
    "ambient": (*range(88, 104), 48, 49, 50, 52, 53, 54, 91, 95),
    "orchestra": (*range(40, 49), *range(56, 61), *range(68, 74), 46, 47, 52),
    "drums": (0,),
}
DRUMS = {
    "kick": (35, 36),
    "snare": (38, 40, 39),
    "hat": (42, 44, 46),
    "tom": (41, 43, 45, 47, 48, 50),
    "cymbal": (49, 51, 57),
}


def song(style: str, font: str, dice: np.random.Generator, seconds: float) -> Wave:
    """One recording of that style, cut to `seconds`; the tail of the last notes is kept where it fits."""
    tempo = float(dice.uniform(60, 100) if style == "ambient" else dice.uniform(70, 180))
    beats = seconds * tempo / 60
    key, scale = int(dice.integers(36, 48)), _SCALES[int(dice.integers(len(_SCALES)))]
    chords = [int(step) for step in dice.integers(0, len(scale), int(dice.integers(2, 6)))]
    parts = {"solo": 1, "duo": 2, "drums": 0}.get(style, int(dice.integers(2, 5)))
    programs = {channel: int(dice.choice(_PROGRAMS[style])) for channel in range(parts)}
    notes: list[Note] = []
    for channel in programs:
        roles = ("melody", "chords", "arpeggio") if channel == 0 else ("bass", "chords", "arpeggio", "melody", "pad")
        role = "pad" if style == "ambient" and dice.random() < 0.7 else str(dice.choice(roles))
        notes += _part(role, channel, key, scale, chords, beats, dice)
    drums = style == "drums" or (style in ("band", "electronic") and dice.random() < 0.8)
    if drums:
        notes += _drums(beats, dice)
    wave = render(notes, programs, font, tempo, reverb=bool(dice.random() < 0.7))[: int(seconds * 16_000)]
    wave = reverberant(wave, dice)
    if dice.random() < 0.3:
        wave = band(wave, float(dice.uniform(20, 200)), float(dice.uniform(3000, 8000)))
    if dice.random() < 0.2:  # driven, as loud mixes are
        wave = np.tanh(at_rms(wave, -14) * float(dice.uniform(1, 6))).astype(np.float32)
    return at_rms(wave, float(dice.uniform(-34, -12)))


def _part(
    role: str,
    channel: int,
    key: int,
    scale: tuple[int, ...],
    chords: list[int],
    beats: float,
    dice: np.random.Generator,
) -> list[Note]:
    notes: list[Note] = []
    octave = {"bass": 0, "pad": 1}.get(role, int(dice.integers(1, 4)))
    base, now, degree = key + 12 * octave - (12 if role == "bass" else 0), 0.0, int(dice.integers(0, 7))
    pace = float(dice.choice([0.25, 0.5, 0.5, 1, 1, 2]))
    loud = int(dice.integers(50, 115))
    while now < beats:
        chord = chords[int(now // 4) % len(chords)]
        if role == "pad":
            length = float(dice.choice([4, 8]))
            notes += [Note(now, length, base + _pitch(scale, chord + step), loud, channel) for step in (0, 2, 4)]
        elif role == "chords":
            length = float(dice.choice([1, 2, 2, 4]))
            notes += [
                Note(
                    now, length * 0.95, base + _pitch(scale, chord + step), loud + int(dice.integers(-10, 10)), channel
                )
                for step in (0, 2, 4)
            ]
        elif role == "arpeggio":
            length = pace / 2 if pace > 0.25 else pace
            notes.append(
                Note(
                    now,
                    length * 1.2,
                    base + _pitch(scale, chord + (0, 2, 4, 7, 4, 2)[int(now / length) % 6]),
                    loud,
                    channel,
                )
            )
        else:
            length = pace * float(dice.choice([1, 1, 2, 0.5])) if role == "melody" else pace
            degree = chord if role == "bass" else degree + int(dice.integers(-3, 4))
            degree = degree if -4 < degree < 14 else chord
            if dice.random() > 0.12:
                notes.append(
                    Note(
                        now,
                        length * float(dice.uniform(0.6, 1.05)),
                        base + _pitch(scale, degree),
                        loud + int(dice.integers(-15, 12)),
                        channel,
                    )
                )
        now += length
    return notes


def _pitch(scale: tuple[int, ...], degree: int) -> int:
    octave, step = divmod(degree, len(scale))
    return 12 * octave + scale[step]


def _drums(beats: float, dice: np.random.Generator) -> list[Note]:
    """One bar's random pattern in sixteenths, repeated with small changes."""
    kit = {role: int(dice.choice(choices)) for role, choices in DRUMS.items()}
    density = {"kick": 0.25, "snare": 0.15, "hat": float(dice.uniform(0.2, 0.9)), "tom": 0.05, "cymbal": 0.03}
    pattern = [
        (step / 4, role)
        for step in range(16)
        for role in kit
        if dice.random() < density[role] or (role == "kick" and step % 8 == 0)
    ]
    notes = []
    for bar in range(int(beats // 4) + 1):
        for start, role in pattern:
            if dice.random() > 0.06:
                notes.append(Note(4 * bar + start, 0.2, kit[role], int(dice.integers(60, 120)), DRUM_CHANNEL))
    return notes
