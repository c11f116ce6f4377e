"""How fast a pitch moves, against what was put in; and notes that break off like syllables."""

import numpy as np
import pytest
from sounds import noise

from earshot.sound.pitch_glide import pitch_glide
from earshot.sound.speech_rate_mono import CERTAIN_FALL_SHARE, LEAST_FALL_SHARE, Mono, Voice

RATE_HZ = 16_000


def voice(hz: np.ndarray) -> Mono:
    """Twelve harmonics of a pitch that is given for each sample."""
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    return np.asarray(0.05 * sum(np.sin(n * phase) / n for n in range(1, 13)), np.float32)


def everywhere(samples: Mono) -> np.ndarray:
    """All of its frames count."""
    return np.ones(len(samples) // 320, bool)


@pytest.mark.parametrize("octaves_per_s", [0.5, 1.0, 2.0])
def test_a_glide_is_measured(octaves_per_s: float) -> None:
    seconds = np.arange(RATE_HZ) / RATE_HZ
    samples = voice(90 * 2 ** (octaves_per_s * seconds))
    assert pitch_glide(samples, RATE_HZ, everywhere(samples)) == pytest.approx(octaves_per_s * 0.02, rel=0.15)


@pytest.mark.parametrize("hz", [80.0, 123.5, 220.0, 370.0])
def test_a_held_note_does_not_glide(hz: float) -> None:
    samples = voice(np.full(RATE_HZ, hz))
    assert pitch_glide(samples, RATE_HZ, everywhere(samples)) == pytest.approx(0, abs=0.001)


def test_frames_that_do_not_count_are_left_out() -> None:
    seconds = np.arange(RATE_HZ) / RATE_HZ
    samples = np.concatenate([voice(90 * 2**seconds), voice(np.full(RATE_HZ + 3, 123.5))])  # no whole number at 4 kHz
    frames = np.arange(len(samples) // 320)
    assert pitch_glide(samples, RATE_HZ, frames > 52) == pytest.approx(0, abs=0.001)
    assert pitch_glide(samples, RATE_HZ, frames < 48) == pytest.approx(0.02, rel=0.15)


def test_noise_has_no_pitch() -> None:
    samples = noise(seconds=2, rate_hz=RATE_HZ)[:, 0].astype(np.float32)
    assert pitch_glide(samples, RATE_HZ, everywhere(samples)) is None


def test_less_than_a_frame_has_no_pitch() -> None:
    samples = np.zeros(100, np.float32)
    assert pitch_glide(samples, RATE_HZ, everywhere(samples)) is None


@pytest.mark.parametrize(("octaves_per_s", "is_speech"), [(0.0, False), (1.5, True)])
def test_notes_that_break_off_like_syllables_are_music(octaves_per_s: float, is_speech: bool) -> None:
    seconds = np.arange(12 * RATE_HZ) / RATE_HZ
    syllable = seconds % 0.3
    hz = 110 * 2 ** (octaves_per_s * syllable)
    bright = (syllable > 0.15) * noise(level_dbfs=-45, seconds=12, rate_hz=RATE_HZ)[:, 0]
    samples = ((voice(hz) + bright) * (syllable < 0.25)).astype(np.float32)
    heard = Voice(samples, RATE_HZ, 12.0)
    assert LEAST_FALL_SHARE < heard.fall_share < CERTAIN_FALL_SHARE
    assert heard.is_speech is is_speech
