"""Notes to sound from recordings of single notes: instruments as npm packages, drums out of Debian's sonic-pi-samples.

`make models` installs the packages into SAMPLES; each has an .mp3 file a note, named by its pitch (`As3.mp3`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr

from earshot.training.synthesis.render_notes import Note
from earshot.training.synthesis.wav_and_spectrum_tools import RATE_HZ, Wave, read_mono

SAMPLES = Path(".earshot/training/samples/node_modules")
INSTRUMENTS: Mapping[str, tuple[str, ...]] = {  # label of OpenMIC: instruments of the packages tonejs-instrument-*-mp3
    "bass": ("bass-electric",),
    "cello": ("cello",),
    "clarinet": ("clarinet",),
    "flute": ("flute",),
    "guitar": ("guitar-acoustic", "guitar-electric", "guitar-nylon"),
    "mallet_percussion": ("xylophone",),
    "organ": ("organ",),
    "piano": ("piano",),
    "saxophone": ("saxophone",),
    "trumpet": ("trumpet",),
    "violin": ("violin",),
}
DRUMS = Path("/usr/share/sonic-pi/samples")
_KIT: Mapping[str, tuple[str, ...]] = {  # files of each part of a drum kit
    "kick": ("drum_heavy_kick", "drum_bass_hard", "drum_bass_soft", "bd_fat", "bd_haus", "bd_pure", "bd_tek", "bd_808"),
    "snare": ("drum_snare_hard", "drum_snare_soft", "sn_dolf", "sn_dub", "sn_generic", "sn_zome", "elec_snare"),
    "hat": ("drum_cymbal_closed", "drum_cymbal_pedal", "drum_cymbal_open"),
    "tom": ("drum_tom_hi_hard", "drum_tom_mid_hard", "drum_tom_lo_hard", "drum_tom_lo_soft", "elec_fuzz_tom"),
    "cymbal": ("drum_cymbal_hard", "drum_cymbal_soft", "drum_splash_hard", "drum_splash_soft"),
}
LICENCES = {
    "sampled": "notes of tonejs-instruments by N. P. Brosowsky, CC-BY-3.0 (npm packages tonejs-instrument-*-mp3 1.1)",
    "sampled-drums": "drums of Sonic Pi, CC0 (package sonic-pi-samples)",
}
_RELEASE_S = 0.15  # how long a note takes to fade after its end
_STEPS = {"C": 0, "Cs": 1, "D": 2, "Ds": 3, "E": 4, "F": 5, "Fs": 6, "G": 7, "Gs": 8, "A": 9, "As": 10, "B": 11}
_NAME = re.compile("([A-G]s?)([0-9])")  # C4 is MIDI pitch 60


def play(
    notes: Iterable[Note], label: str, beats_per_minute: float, dice: np.random.Generator, shift: float = 0.0
) -> Wave:
    """The notes on one of the label's instruments, at 16 kHz, mono.

    Args:
        shift: semitones that the sample played lies under the note: its formants move up by as much.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    instrument = str(dice.choice(INSTRUMENTS[label]))
    samples = _instrument(SAMPLES / f"tonejs-instrument-{instrument}-mp3")
    pitches = np.array(sorted(samples))
    made: dict[int, Wave] = {}
    events = []
    for note in notes:
        if note.pitch not in made:
            nearest = int(pitches[np.argmin(np.abs(pitches - (note.pitch - shift)))])
            ratio = 2 ** ((note.pitch - nearest) / 12)
            made[note.pitch] = soxr.resample(samples[nearest], RATE_HZ * ratio, RATE_HZ).astype(np.float32)
        events.append((note, made[note.pitch]))
    return _laid(events, beats_per_minute, ringing=label in ("mallet_percussion",))


def play_drums(
    notes: Iterable[Note], roles: Mapping[str, Sequence[int]], beats_per_minute: float, dice: np.random.Generator
) -> Wave:
    """The notes of a drum kit: one file of each part, a little higher or lower in every recording.

    Args:
        roles: General MIDI pitches of kick, snare, hat, tom and cymbal.

    Raises:
        FileNotFoundError: the package sonic-pi-samples is not installed.
    """
    part_of = {pitch: role for role, pitches in roles.items() for pitch in pitches}
    kit = {}
    for role, files in _KIT.items():
        wave = _drum(str(dice.choice(files)))
        kit[role] = soxr.resample(wave, RATE_HZ * 2 ** (float(dice.uniform(-4, 4)) / 12), RATE_HZ).astype(np.float32)
    return _laid([(note, kit[part_of[note.pitch]]) for note in notes], beats_per_minute, ringing=True)


def _laid(events: Sequence[tuple[Note, Wave]], beats_per_minute: float, *, ringing: bool) -> Wave:
    """All notes at their places; one that does not ring ends with its length."""
    beat_s = 60 / beats_per_minute
    end_s = max((note.start + note.beats for note, _ in events), default=0.0) * beat_s + 1.0
    wave = np.zeros(int(end_s * RATE_HZ), dtype=np.float32)
    release = int(_RELEASE_S * RATE_HZ)
    fade = np.linspace(1, 0, release, dtype=np.float32) ** 2
    for note, sample in events:
        length = len(sample) if ringing else int(note.beats * beat_s * RATE_HZ) + release
        sound = sample[:length] * np.float32((max(1, note.velocity) / 127) ** 1.5)
        if not ringing and len(sound) == length:
            sound[-release:] *= fade
        start = int(note.start * beat_s * RATE_HZ)
        sound = sound[: max(0, len(wave) - start)]
        wave[start : start + len(sound)] += sound
    return wave


@lru_cache(maxsize=32)
def _instrument(folder: Path) -> dict[int, Wave]:
    found = {}
    for path in sorted(folder.glob("*.mp3")):
        if name := _NAME.fullmatch(path.stem):  # others are second recordings of a note
            wave = read_mono(path)
            found[12 * (int(name[2]) + 1) + _STEPS[name[1]]] = wave / max(float(np.abs(wave).max()), 1e-6)
    if not found:
        raise FileNotFoundError(f"no samples in {folder}: `make models` installs them")
    return found


@lru_cache(maxsize=64)
def _drum(name: str) -> Wave:
    path = DRUMS / f"{name}.flac"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: Debian's package sonic-pi-samples has it")
    return read_mono(path)
