"""Real recordings of Debian packages that no default model is trained on: what the shipped models are measured by."""

from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from earshot.tagging.causal_windows import Floats
from earshot.training.synthesis.wav_and_spectrum_tools import RATE_HZ, read_mono

AUDIBLE_DB = 30.0  # under the recording's loud parts; quieter hops count as pauses
LEAST_DBFS = -50.0


@dataclass(frozen=True)
class Source:
    """Recordings of one package.

    Attributes:
        name: short.
        label: speech, music or noise.
        package: that installs them.
        pattern: their paths; `**` goes into folders.
        most: files at most, evenly spaced over the sorted list.
        most_s: seconds at most of each.
    """

    name: str
    label: str
    package: str
    pattern: str
    most: int = 60
    most_s: float = 60.0


SOURCES = (
    Source("french", "speech", "asterisk-core-sounds-fr-wav", "/usr/share/asterisk/sounds/fr_CA_f_June/*.wav"),
    Source("italian", "speech", "asterisk-core-sounds-it-wav", "/usr/share/asterisk/sounds/it_IT_m_Carlo/*.wav"),
    Source("russian", "speech", "asterisk-core-sounds-ru-wav", "/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU/*.wav"),
    Source("gsm", "speech", "asterisk-prompt-fr-armelle", "/usr/share/asterisk/sounds/fr/*.gsm"),
    Source("singularity", "music", "singularity-music", "/usr/share/games/singularity/music/**/*.ogg", 12),
    Source("asc", "music", "asc-music", "/usr/share/games/asc/music/*", 12),
    Source("opsound", "music", "asterisk-moh-opsound-wav", "/usr/share/asterisk/moh/*.wav", 12),
    Source("hyperrogue", "music", "hyperrogue-music", "/usr/share/hyperrogue/music/*.ogg", 12),
    Source("colobot", "music", "colobot-common-sounds", "/usr/share/games/colobot/music/*.ogg", 12),
    Source("colobot-effects", "noise", "colobot-common-sounds", "/usr/share/games/colobot/sounds/*.wav", 80),
    Source("wesnoth-effects", "noise", "wesnoth-1.16-data", "/usr/share/games/wesnoth/1.16/data/core/sounds/*.ogg", 80),
    Source(
        "wesnoth-ambient", "noise", "wesnoth-1.16-data", "/usr/share/games/wesnoth/1.16/data/core/sounds/ambient/*.ogg"
    ),
)


def recordings(source: Source) -> Iterator[tuple[str, Floats]]:
    """Name and samples at 16 kHz of each recording; nothing where the package is not installed."""
    paths = sorted(path for path in glob(source.pattern, recursive=True) if Path(path).is_file())  # noqa: PTH207 - ** from the root
    if len(paths) > source.most:
        paths = [paths[round(at)] for at in np.linspace(0, len(paths) - 1, source.most)]
    for path in paths:
        try:
            wave = _read(Path(path))
        except soundfile.LibsndfileError:
            continue  # no audio file: a playlist, a licence
        wave = wave[: int(source.most_s * RATE_HZ)]
        if len(wave) >= RATE_HZ // 4:
            yield path, wave


def _read(path: Path) -> Floats:
    if path.suffix != ".gsm":
        return read_mono(path)
    samples, _ = soundfile.read(path, samplerate=8000, channels=1, format="RAW", subtype="GSM610", dtype="float32")
    import soxr

    return np.asarray(soxr.resample(samples, 8000, RATE_HZ), dtype=np.float32)


def telephone(wave: Floats) -> Floats:
    """Nothing above 3.4 kHz."""
    spectrum = np.fft.rfft(wave)
    hz = np.fft.rfftfreq(len(wave), 1 / RATE_HZ)
    return np.fft.irfft(spectrum * np.clip(1 - (hz - 3400) / 200, 0, 1), len(wave)).astype(np.float32)


def audible(wave: Floats, hop: int) -> npt.NDArray[np.bool_]:
    """Which hops are no pause: within 30 dB of the recording's 95th percentile and above -50 dBFS."""
    hops = len(wave) // hop
    energy = np.square(wave[: hops * hop], dtype=np.float64).reshape(hops, hop).mean(axis=1)
    level = 10 * np.log10(np.maximum(energy, 1e-12))
    kept: npt.NDArray[np.bool_] = (level > (np.quantile(level, 0.95) if hops else 0) - AUDIBLE_DB) & (
        level > LEAST_DBFS
    )
    return kept
