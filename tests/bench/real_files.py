"""How often the detectors are right on real files: found and false alarms, with their numbers. `make bench-detectors`.

    python tests/bench/real_files.py SPEECH_FOLDER MUSIC_FOLDER…

Speech: clean recordings of 4 s and more, such as those of Debian's asterisk-core-sounds packages. Known faults are
added to them: noise at a known ratio, hum at a known level. Music: pieces without hum, which must raise no alarm.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.errors import GiveUp
from earshot.sound.decoder_output import Facts
from earshot.sound.hum import Hum
from earshot.sound.limits_per_file import Limits
from earshot.sound.silence_and_dropouts import Pauses
from earshot.sound.speech_rate_mono import Voice, listen

RATE_HZ, MOST_S, LEAST_S = 16_000, 60.0, 4.0
MOST_FILES = 60  # of each kind
RATIOS_DB = (-5, 0, 5, 10, 15, 20, 30)
HUM_DB = (-20, -30, -40)
LIMITS = Limits(wall_s=120)
Wave = npt.NDArray[np.float32]


def voices(folders: list[Path]) -> list[Voice]:
    """The first minute of files drawn from the folders, without those that no decoder reads or that are short."""
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    heard: list[Voice] = []
    for path in np.random.default_rng(1).permutation(np.array(paths, object)):
        try:
            voice = listen(path, rate_hz=RATE_HZ, at_most_s=MOST_S, limits=LIMITS)
        except GiveUp:
            continue
        if voice.active_s >= LEAST_S:
            heard.append(voice)
        if len(heard) == MOST_FILES:
            break
    return heard


def facts(meter: Hum | Pauses, wave: Wave) -> Facts:
    """A meter's measures of one channel."""
    meter.add(np.ascontiguousarray(wave[:, np.newaxis], np.float32))
    return meter.facts()


def added(wave: Wave, other: npt.NDArray[np.float64], below_db: float) -> Wave:
    """A wave, and another at that many dB below its RMS."""
    gain = np.sqrt(np.mean(wave.astype(float) ** 2) / np.mean(other**2)) * 10 ** (-below_db / 20)
    return (wave + gain * other).astype(np.float32)


def hum_of(length: int, mains_hz: int) -> npt.NDArray[np.float64]:
    """Mains hum with its first four harmonics."""
    moments = np.arange(length) / RATE_HZ
    lines = [np.sin(2 * np.pi * mains_hz * n * moments + n) / n for n in (1, 2, 3, 4)]
    return np.asarray(np.sum(lines, axis=0))


def main() -> None:
    """The table."""
    speech, music = voices([Path(sys.argv[1])]), voices([Path(folder) for folder in sys.argv[2:]])
    print(f"{len(speech)} recordings of speech, {len(music)} pieces of music")
    dice = np.random.default_rng(2)
    for ratio_db in RATIOS_DB:
        errors = []
        for voice in speech:
            mixed = added(voice.samples, dice.standard_normal(len(voice.samples)), ratio_db)
            got = facts(Pauses(RATE_HZ), mixed)["rms_snr_db"]
            errors.append(float(str(got)) - ratio_db)
        print(
            f"rms_snr_db at {ratio_db:>3} dB: median {np.median(errors):+.1f}, error {np.median(np.abs(errors)):.1f} dB"
        )
    print(f"pesq gate: {sum(voice.is_speech for voice in speech)} of {len(speech)} kept", end=", ")
    print(f"{sum(voice.is_speech for voice in music)} of {len(music)} pieces of music taken for speech")
    for name, kind in (("speech", speech), ("music", music)):
        alarms = sum(facts(Hum(RATE_HZ), voice.samples)["hum_hz"] is not None for voice in kind)
        print(f"hum_hz: false alarms on {alarms} of {len(kind)} recordings of {name}")
    for below_db in HUM_DB:
        found = 0
        for index, voice in enumerate(speech):
            mains_hz = (50, 60)[index % 2]
            mixed = added(voice.samples, hum_of(len(voice.samples), mains_hz), -below_db)
            found += facts(Hum(RATE_HZ), mixed)["hum_hz"] == mains_hz
        print(f"hum_hz: {found} of {len(speech)} found at {below_db} dB")


if __name__ == "__main__":
    main()
