"""What holds for every meter alike."""

from collections.abc import Callable

import numpy as np
import pytest
from sounds import Samples, joined, noise, silence, speech, tone

from earshot.sound.bandwidth import Spectrum
from earshot.sound.channels import Channels
from earshot.sound.clipping import Clipping
from earshot.sound.decoder_output import Facts
from earshot.sound.hum import Hum
from earshot.sound.loudness import Loudness
from earshot.sound.measures import Meter
from earshot.sound.pcm_hash_and_fingerprint import Fingerprint, Identity
from earshot.sound.rms_and_peak import Level
from earshot.sound.silence_and_dropouts import Pauses
from earshot.sound.true_peak import TruePeak

METERS: dict[str, Callable[[int, int], Meter]] = {
    "level": lambda rate_hz, channels: Level(channels),
    "loudness": Loudness,
    "true peak": TruePeak,
    "channels": lambda rate_hz, channels: Channels(channels),
    "clipping": lambda rate_hz, channels: Clipping(rate_hz, channels, 16),
    "pauses": lambda rate_hz, channels: Pauses(rate_hz),
    "spectrum": Spectrum,
    "hum": lambda rate_hz, channels: Hum(rate_hz),
    "identity": Identity,
    "fingerprint": lambda rate_hz, channels: Fingerprint(rate_hz),
}


def measured(name: str, samples: Samples, block_frames: int, rate_hz: int = 11025) -> Facts:
    """What a meter measures of a signal that arrives in blocks of a length."""
    meter = METERS[name](rate_hz, samples.shape[1])
    for start in range(0, len(samples), block_frames):
        meter.add(np.asfortranarray(samples[start : start + block_frames], dtype=np.float32))
    return meter.facts()


def eventful() -> Samples:
    """Some of everything, at a rate that 10 ms do not divide."""
    torn = noise(level_dbfs=-30, seconds=1.5, rate_hz=11025, channels=2)
    torn[5000:5300] = 0
    return joined(
        silence(seconds=0.4, rate_hz=11025, channels=2),
        torn,
        0.8 * np.clip(tone(300, amplitude=1.8, seconds=1.3, rate_hz=11025, channels=2), -1, 1),
        np.clip(tone(450, amplitude=1.4, seconds=1.1, rate_hz=11025, channels=2), -1, 1),
        tone(5000, amplitude=0.95, seconds=1, rate_hz=11025, channels=2, degrees=45),
    )


@pytest.mark.parametrize("block_frames", [97, 1000, 4096])
@pytest.mark.parametrize("name", METERS)
def test_facts_do_not_depend_on_how_the_signal_is_cut(name: str, block_frames: int) -> None:
    whole, cut = measured(name, eventful(), 10**9), measured(name, eventful(), block_frames)
    assert cut.keys() == whole.keys()
    for column, value in whole.items():
        assert cut[column] == (pytest.approx(value, rel=1e-4, abs=1e-4) if isinstance(value, float) else value), column


@pytest.mark.parametrize("frames", [1, 2, 30, 500])
@pytest.mark.parametrize("name", METERS)
def test_a_very_short_signal_has_facts(name: str, frames: int) -> None:
    facts = measured(name, noise(seconds=1, rate_hz=11025)[:frames], 10**9)
    assert all(np.isfinite(value) for value in facts.values() if isinstance(value, float))


@pytest.mark.parametrize("level", [1e-30, 1e5])
@pytest.mark.parametrize("name", METERS)
def test_extreme_levels_give_finite_facts(name: str, level: float) -> None:
    facts = measured(name, level * noise(level_dbfs=0, seconds=4, rate_hz=11025, channels=2), 4096)
    assert all(np.isfinite(value) for value in facts.values() if isinstance(value, float))


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 7, 8, 32])
@pytest.mark.parametrize("name", METERS)
def test_any_number_of_channels_is_heard(name: str, channels: int) -> None:
    assert measured(name, noise(seconds=0.7, rate_hz=11025, channels=channels), 4096)


def test_more_dropouts_than_a_hundred_thousand_are_counted() -> None:
    meter = Pauses(2000)
    sound = np.tile(np.r_[np.zeros(12), np.full(48, 0.5)], 110_000).astype(np.float32)[12:, None]
    for start in range(0, len(sound), 32_768):
        meter.add(np.asfortranarray(sound[start : start + 32_768]))
    assert meter.facts()["dropouts"] == 109_999


@pytest.mark.parametrize(("mains_hz", "level_db"), [(50, -30), (60, -30), (50, -25)])
def test_hum_under_continuous_speech_is_found(mains_hz: int, level_db: float) -> None:
    sound = speech(seconds=30, rate_hz=16000, level_dbfs=-20)[:, 0]
    seconds = np.arange(len(sound)) / 16000
    hum = sum(gain * np.sin(2 * np.pi * mains_hz * n * seconds + n) for n, gain in ((1, 1.0), (2, 0.5), (3, 0.5)))
    hum *= 10 ** ((-20 + level_db) / 20) / np.sqrt(np.mean(hum**2))
    for wave, expected in ((sound + hum, mains_hz), (sound, None)):
        meter = Hum(16000)
        meter.add(np.asfortranarray(wave[:, None].astype(np.float32)))
        assert meter.facts()["hum_hz"] == expected
