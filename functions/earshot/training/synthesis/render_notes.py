"""Notes to sound: a MIDI file written by mido, rendered by fluidsynth with a soundfont."""

import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import mido

from earshot.training.synthesis.wav_and_spectrum_tools import Wave, read_mono

DRUM_CHANNEL = 9  # General MIDI: percussion
_TICKS = 480  # a beat
_RENDER_HZ = 32_000  # above the training rate, so that the resampler, not the synthesiser, removes what aliases

FONTS = {
    "fluid": "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "musescore": "/usr/share/sounds/sf2/MuseScore_General_Full.sf2",
    "timgm": "/usr/share/sounds/sf2/TimGM6mb.sf2",  # held out, as the next: instruments are evaluated on them
    "csound": "/usr/share/sounds/sf2/sf_GMbank.sf2",
}
LICENCES = {
    "fluid": "FluidR3 GM, MIT (package fluid-soundfont-gm)",
    "musescore": "MuseScore General, MIT, parts CC0 (package musescore-general-soundfont-lossless)",
    "timgm": "TimGM6mb, GPL-2 (package timgm6mb-soundfont); evaluation only",
    "csound": "sf_GMbank, LGPL-2.1-or-later (package csound-soundfont); evaluation only",
}


@dataclass(frozen=True)
class Note:
    """One note: start and length in beats, MIDI pitch 0 to 127, velocity 1 to 127, channel 0 to 15."""

    start: float
    beats: float
    pitch: int
    velocity: int
    channel: int = 0


def render(
    notes: Iterable[Note], programs: dict[int, int], font: str, beats_per_minute: float, *, reverb: bool
) -> Wave:
    """The notes as sound at 16 kHz, mono.

    Args:
        notes: any order.
        programs: General MIDI program (0 to 127) of each channel.
        font: a key of FONTS.

    Raises:
        FileNotFoundError: fluidsynth or the soundfont is not installed.
        subprocess.CalledProcessError: fluidsynth failed.
    """
    if not Path(FONTS[font]).exists():
        raise FileNotFoundError(f"soundfont {font} is not installed: {FONTS[font]} ({LICENCES[font]})")
    with tempfile.TemporaryDirectory() as folder:
        song, out = Path(folder) / "song.mid", Path(folder) / "song.wav"
        _write(song, notes, programs, beats_per_minute)
        effects = "1" if reverb else "0"
        command = [
            "fluidsynth",
            "-ni",
            "-q",
            "-g",
            "0.35",
            "-R",
            effects,
            "-o",
            "synth.dynamic-sample-loading=1",  # of a font of 490 MB, the instruments that are played
            "-C",
            effects,
            "-r",
            str(_RENDER_HZ),
            "-O",
            "s16",
            "-T",
            "wav",
            "-F",
            str(out),
            FONTS[font],
            str(song),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=300)  # noqa: S603 - our own strings, no shell
        return read_mono(out)


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
