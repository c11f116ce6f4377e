"""Notes to sound: a MIDI file written by mido, rendered by fluidsynth with a soundfont, or by timidity with patches."""

import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import mido

from earshot.training.synthesis.wav_and_spectrum_tools import Wave, read_mono

DRUM_CHANNEL = 9  # General MIDI: percussion
_TICKS = 480  # a beat
_RENDER_HZ = 32_000  # above the training rate, so that the resampler, not the synthesiser, removes what aliases

FONTS = {
    "fluid": "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "musescore": "/usr/share/sounds/sf2/MuseScore_General_Full.sf2",
    "freepats": "/etc/timidity/freepats.cfg",
    "csound": "/usr/share/sounds/sf2/sf_GMbank.sf2",
    "timgm": "/usr/share/sounds/sf2/TimGM6mb.sf2",  # held out: instruments are tested on it
}
LICENCES = {
    "fluid": "FluidR3 GM, MIT (package fluid-soundfont-gm)",
    "musescore": "MuseScore General, MIT, parts CC0 (package musescore-general-soundfont-lossless)",
    "freepats": "Freepats, GPL-2-or-later with an exception for what is played with it (package freepats)",
    "csound": "sf_GMbank, public domain (package csound-soundfont)",
    "timgm": "TimGM6mb, GPL-2 (package timgm6mb-soundfont); test only",
}
_FREEPATS_RANGES = "0-2 4-9 13-16 19 21 23-30 32-38 40 42 44-48 53 56-61 64-76 79 80 84 88 94 95 98 101 102 104 114 115"
FREEPATS_PROGRAMS = frozenset(  # the others are silent
    program
    for first, _, last in (part.partition("-") for part in _FREEPATS_RANGES.split())
    for program in range(int(first), int(last or first) + 1)
)


@dataclass(frozen=True)
class Note:
    """One note: start and length in beats, MIDI pitch 0 to 127, velocity 1 to 127, channel 0 to 15."""

    start: float
    beats: float
    pitch: int
    velocity: int
    channel: int = 0


def render(
    notes: Iterable[Note],
    programs: dict[int, int],
    font: str,
    beats_per_minute: float,
    *,
    reverb: bool,
    shift: float = 0.0,
) -> Wave:
    """The notes as sound at 16 kHz, mono.

    Args:
        notes: any order.
        programs: General MIDI program (0 to 127) of each channel.
        font: a key of FONTS.
        shift: whole semitones that the notes are played higher and the sound is then slowed down by: the pitch stays,
            formants and attacks become those of a larger instrument (of a smaller one where it is negative).

    Raises:
        FileNotFoundError: the synthesiser or the soundfont is not installed.
        subprocess.CalledProcessError: the synthesiser failed.
    """
    if not Path(FONTS[font]).exists():
        raise FileNotFoundError(f"soundfont {font} is not installed: {FONTS[font]} ({LICENCES[font]})")
    slower = 2 ** (shift / 12)
    if shift:
        notes = [
            note if note.channel == DRUM_CHANNEL else replace(note, pitch=note.pitch + round(shift)) for note in notes
        ]
    with tempfile.TemporaryDirectory() as folder:
        song, out = Path(folder) / "song.mid", Path(folder) / "song.wav"
        _write(song, notes, programs, beats_per_minute * slower)
        command = _timidity(font, song, out) if font == "freepats" else _fluidsynth(font, song, out, reverb=reverb)
        subprocess.run(command, check=True, capture_output=True, timeout=300)  # noqa: S603 - our own strings, no shell
        return read_mono(out, played_at=1 / slower)


def _fluidsynth(font: str, song: Path, out: Path, *, reverb: bool) -> list[str]:
    effects = "1" if reverb else "0"
    dynamic = "synth.dynamic-sample-loading=1"  # of a font of 490 MB, the instruments that are played
    options = ["-ni", "-q", "-g", "0.35", "-R", effects, "-C", effects, "-o", dynamic]
    return ["fluidsynth", *options, *f"-r {_RENDER_HZ} -O s16 -T wav -F".split(), str(out), FONTS[font], str(song)]


def _timidity(font: str, song: Path, out: Path) -> list[str]:
    return [
        *_without_random_addresses(),
        "timidity",
        "-c",
        FONTS[font],
        "-s",
        str(_RENDER_HZ),
        "-Ow1sl",
        "-A70",
        "-o",
        str(out),
        str(song),
    ]


@cache
def _without_random_addresses() -> tuple[str, ...]:
    """What starts a program whose memory lies at the same addresses each time, where the system allows it.

    TiMidity (2.14.0) reads what it has not written: by chance of the addresses, three in four renderings of a flute
    differed in a few samples.
    """
    command = ("setarch", "--addr-no-randomize")
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)  # noqa: S603 - our own strings, no shell
    except (OSError, subprocess.CalledProcessError):
        return ()
    return command


def _write(path: Path, notes: Iterable[Note], programs: dict[int, int], beats_per_minute: float) -> None:
    events: list[tuple[int, int, mido.Message]] = []  # tick, order at a tick (ends before starts), message
    for note in notes:
        start, end = round(note.start * _TICKS), round((note.start + note.beats) * _TICKS)
        pitch, velocity = min(127, max(0, note.pitch)), min(127, max(1, note.velocity))
        events.append((start, 1, mido.Message("note_on", channel=note.channel, note=pitch, velocity=velocity)))
        events.append((end, 0, mido.Message("note_off", channel=note.channel, note=pitch)))
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(beats_per_minute))])
    for channel, program in programs.items():
        track.append(mido.Message("program_change", channel=channel, program=program))
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    mido.MidiFile(ticks_per_beat=_TICKS, tracks=[track]).save(path)
