"""What the site offers: each recording's place, its sound, and what a measurement must find."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from earshot.local.demo_site import speech
from earshot.local.demo_site.files import encoded
from earshot.local.demo_site.sounds import Samples, chord, driven, levelled, noise, resampled, silence, tone

HIGH, MEDIUM, LOW = "High Energy", "Medium Energy", "Low Energy"


@dataclass(frozen=True)
class Recording:
    """A file of the site; `level_dbfs` is its RMS level before a lossy encoder, None for digital silence."""

    path: str
    title: str
    energy: str
    level_dbfs: float | None
    rate_hz: int
    compute: Callable[[], Samples]

    def file(self) -> bytes:
        """The bytes."""
        sound = self.compute()
        sound = sound if self.level_dbfs is None else levelled(sound, self.level_dbfs)
        return encoded(sound, self.path, self.rate_hz)


def _made(
    path: str, title: str, energy: str, level_dbfs: float | None, rate_hz: int, compute: Callable[[], Samples]
) -> Recording:
    return Recording(path, title, energy, level_dbfs, rate_hz, compute)


def _lullaby_over_music() -> Samples:
    """Speech over music that is 10 dB softer."""
    voice = levelled(resampled(speech.speech(4.0, 18), speech.RATE_HZ, 44_100), -20.0)
    return voice + levelled(chord(4.0, 44_100, (220.0, 277.2), 3), -30.0)


RECORDINGS = (
    _made("/files/tone.wav", "Tone of 1 kHz", MEDIUM, -20.0, 48_000, partial(tone, 1000.0, 3.0, 48_000, -20.0)),
    _made(
        "/files/brass.flac",
        "Brass in the hall",
        HIGH,
        -8.0,
        44_100,
        lambda: driven(chord(5.0, 44_100, (233.1, 293.7, 349.2, 466.2)), -8.0),
    ),
    _made("/files/rain.ogg", "Rain on a roof", MEDIUM, -23.0, 44_100, partial(noise, 6.0, 44_100, 1)),
    _made("/files/night.opus", "Night in the garden", LOW, -41.0, 48_000, partial(noise, 8.0, 48_000, 2, -6.0)),
    _made(
        "/files/piano.mp3",
        "Piano in a small room",
        MEDIUM,
        -19.0,
        44_100,
        partial(chord, 7.0, 44_100, (261.6, 329.6, 392.0)),
    ),
    _made("/files/lullaby.m4a", "Lullaby over music", LOW, -30.0, 44_100, _lullaby_over_music),
    _made("/files/siren.wav", "Siren, far too close", HIGH, -4.0, 16_000, partial(tone, 880.0, 2.0, 16_000, -4.0)),
    _made("/files/left-running.wav", "Tape left running", LOW, None, 44_100, partial(silence, 2.0, 44_100)),
    _made("/voices/reading.mp3", "A reading", MEDIUM, -22.0, 16_000, partial(speech.speech, 9.0, 11)),
    _made("/voices/answer.ogg", "An answer", MEDIUM, -24.0, 16_000, partial(speech.speech, 5.0, 12, 190.0)),
    _made("/voices/whisper.flac", "A whisper", LOW, -36.0, 16_000, partial(speech.speech, 6.0, 13, 150.0)),
)

# Degraded versions of one clean recording, by what became of it; the label is PESQ's with the default thresholds.
DEGRADED: dict[str, tuple[str, Callable[[Samples], Samples]]] = {
    "studio.wav": ("Excellent", lambda clean: speech.with_noise(clean, 62.0, 21)),
    "telephone.wav": ("Good", speech.through_telephone),
    "cassette.wav": ("Fair", lambda clean: speech.with_noise(clean, 42.0, 22)),
    "overdriven.wav": ("Poor", lambda clean: speech.clipped(clean, 0.1)),
}
REFERENCE = "reference.wav"


def write_pairs(folder: Path) -> tuple[Path, list[Path]]:
    """The clean recording and its degraded versions as files, 8 s at 16 kHz; the clean one apart in `reference/`."""
    clean = speech.speech(8.0, 7)
    reference = folder / "reference" / REFERENCE
    reference.parent.mkdir(parents=True, exist_ok=True)
    reference.write_bytes(encoded(clean, REFERENCE, speech.RATE_HZ))
    for name, (_label, degrade) in DEGRADED.items():
        (folder / name).write_bytes(encoded(degrade(clean), name, speech.RATE_HZ))
    return reference, [folder / name for name in DEGRADED]
