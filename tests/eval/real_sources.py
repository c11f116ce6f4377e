"""Real recordings of speech, music and noise from Debian packages, by source: fetched by apt, nothing is installed."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from earshot.errors import EarshotError
from earshot.sound.decode import opened
from earshot.sound.limits_per_file import Limits
from earshot.tagging.tag_recording import one_channel


@dataclass(frozen=True)
class Source:
    """Recordings of one label in a package, below a folder of it."""

    package: str
    label: str
    folder: str = "usr"

    @property
    def name(self) -> str:
        """The package, and its folder where there is more than one source in it."""
        return self.package if self.folder == "usr" else f"{self.package}:{Path(self.folder).name}"


GAMES = "usr/share/games"
SOURCES = (
    Source("asterisk-core-sounds-en-wav", "speech"),
    Source("asterisk-core-sounds-fr-wav", "speech"),
    Source("asterisk-core-sounds-it-wav", "speech"),
    Source("asterisk-core-sounds-ru-wav", "speech"),
    Source("asterisk-prompt-fr-armelle", "speech"),
    Source("asterisk-prompt-it-menardi-wav", "speech"),
    Source("asterisk-moh-opsound-wav", "music"),
    Source("singularity-music", "music"),
    Source("asc-music", "music"),
    Source("hyperrogue-music", "music"),
    Source("wesnoth-1.16-music", "music"),
    Source("warzone2100-music", "music"),
    Source("drascula-music", "music"),
    Source("planetblupi-music-ogg", "music"),
    Source("colobot-common-sounds", "music", f"{GAMES}/colobot/music"),
    Source("supertux-data", "music", f"{GAMES}/supertux2/music"),
    Source("lincity-ng-data", "music", f"{GAMES}/lincity-ng/music"),
    Source("extremetuxracer-data", "music", f"{GAMES}/etr/music"),
    Source("starfighter-data", "music", "usr/share/starfighter/music"),
    Source("colobot-common-sounds", "noise", f"{GAMES}/colobot/sounds"),
    Source("wesnoth-1.16-data", "noise"),
    Source("supertux-data", "noise", f"{GAMES}/supertux2/sounds"),
    Source("lincity-ng-data", "noise", f"{GAMES}/lincity-ng/sounds"),
    Source("extremetuxracer-data", "noise", f"{GAMES}/etr/sounds"),
    Source("starfighter-data", "noise", "usr/share/starfighter/sound"),
    Source("minetest-data", "noise"),
    Source("freedroid-data", "noise"),
)
LEAST_DECISIONS = 100  # of a source: 25 s; packages of a few clicks would weigh as much as those of minutes
ENDINGS = {".wav", ".ogg", ".mp3", ".flac", ".opus", ".gsm"}
MUSIC_FOLDERS = ("music", "voice", "voices")  # in packages of sound effects
TELEPHONE_HZ = 3400


def fetched(folder: Path, package: str) -> Path | None:
    """Folder of an unpacked package; None where apt does not have it."""
    place = folder / package
    if not place.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, capture_output=True, check=False)
        archive = next(iter(sorted(folder.glob(f"{package}_*.deb"))), None)
        if done.returncode or archive is None:
            return None
        subprocess.run(["dpkg-deb", "-x", archive, place], check=True)
        archive.unlink()
    return place


def files(place: Path, label: str) -> list[Path]:
    """Recordings of a package, every one if they are few, else spread evenly over the list."""
    found = sorted(path for path in place.rglob("*") if path.suffix in ENDINGS and path.is_file())
    if label == "noise":
        found = [path for path in found if not any(part in MUSIC_FOLDERS for part in path.parts)]
    return found


def samples_of(paths: list[Path], seconds: float, *, telephone: bool) -> Iterator[tuple[np.ndarray, int]]:
    """One channel of each file, at most that long together; through a telephone's band where asked."""
    share = max(seconds / max(len(paths), 1), 2.0)
    left = seconds
    step = max(int(len(paths) * 2.0 / seconds), 1)
    for path in paths[::step]:
        if left <= 0:
            return
        try:
            samples, rate_hz = gsm(path) if path.suffix == ".gsm" else beginning(path, max(share, 20.0))
        except EarshotError:
            continue
        left -= len(samples) / rate_hz
        yield (band_limited(samples, rate_hz) if telephone else samples), rate_hz


def beginning(path: Path, seconds: float) -> tuple[np.ndarray, int]:
    """One channel of that many seconds, and its rate."""
    with opened(path, Limits()) as decoding:
        rate_hz = decoding.stated.sample_rate_hz
        parts, most = [], round(seconds * rate_hz)
        for block in decoding:
            parts.append(one_channel(block))
            most -= len(block)
            if most <= 0:
                break
    return np.concatenate(parts), rate_hz


def gsm(path: Path) -> tuple[np.ndarray, int]:
    """A telephone's GSM 06.10 without a container, which names neither its coding nor its rate."""
    samples, _ = soundfile.read(path, samplerate=8000, channels=1, format="RAW", subtype="GSM610", dtype="float32")
    return samples, 8000


def band_limited(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Without what lies above 3.4 kHz."""
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / rate_hz) > TELEPHONE_HZ] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def sources_in(folder: Path) -> dict[str, tuple[str, list[Path]]]:
    """Label and files of each source that there is, by name; fetched into the folder where it is not there yet."""
    sources = {}
    for source in SOURCES:
        place = fetched(folder, source.package)
        paths = files(place / source.folder, source.label) if place else []
        if paths:
            sources[source.name] = (source.label, paths)
        else:
            print(f"{source.name}: left out, apt does not have it", file=sys.stderr)
    return sources
