"""Recordings for the tests of the page, written with the package's own sounds: `python make_recordings.py FOLDER`."""

import sys
from pathlib import Path

import numpy as np
import soundfile

from earshot.local.demo_site import speech
from earshot.local.demo_site.sounds import chord, levelled, tone

RATE_HZ = 16_000
HOURS_RATE_HZ = 8_000
HOSTILE = "<img src=x onerror=alert(1)> \u202e'\"&lt;script&gt;"


def speech_then_music() -> np.ndarray:
    """Six seconds of each, as their labels are tested at 2.4 and 7.9 seconds."""
    spoken = np.resize(speech.speech(6.0, 7), 6 * RATE_HZ)
    played = chord(6.0, RATE_HZ, (261.6, 329.6, 392.0))
    return np.concatenate([levelled(spoken, -23.0), levelled(played, -20.0)])


def three_hours(path: Path) -> None:
    """A minute of a tone and a pause, again and again: no music, so that the tagger is done sooner."""
    minute = tone(1000.0, 60.0, HOURS_RATE_HZ, -20.0).astype(np.float32)
    minute[30 * HOURS_RATE_HZ : 40 * HOURS_RATE_HZ] = 0
    with soundfile.SoundFile(path, "w", HOURS_RATE_HZ, 1, format="FLAC") as file:
        for _ in range(180):
            file.write(minute)


def main(folder: Path) -> None:
    (folder / "few").mkdir(parents=True, exist_ok=True)
    (folder / "long").mkdir(exist_ok=True)
    (folder / "kept").mkdir(exist_ok=True)
    kept = levelled(chord(4.0, RATE_HZ, (233.1, 293.7, 349.2)), -20.0)
    soundfile.write(folder / "kept" / "a kept chord.wav", kept, RATE_HZ, subtype="PCM_16")
    both = speech_then_music()
    soundfile.write(folder / "few" / "speech then music.wav", both, RATE_HZ, subtype="PCM_16")
    name = HOSTILE.replace("/", "\u2215")
    soundfile.write(folder / "few" / f"{name}.wav", both[: 2 * RATE_HZ] * 0.9, RATE_HZ, subtype="PCM_16")
    torn = np.array(both[: 2 * RATE_HZ])
    torn[RATE_HZ : RATE_HZ + RATE_HZ * 6 // 100] = 0
    soundfile.write(folder / "few" / "torn.wav", torn, RATE_HZ, subtype="PCM_16")
    three_hours(folder / "long" / "three hours.flac")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
