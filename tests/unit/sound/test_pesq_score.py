"""PESQ: equal to the library where the pair is valid, and absent where it is not."""

from pathlib import Path

import numpy as np
import pesq
import pytest
from sounds import Samples, encoded, music, noise, silence, speech, written

from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import score_isolated
from earshot.sound.pesq_score import MOST_WINDOWS, compare, score, windows
from earshot.sound.speech_rate_mono import Voice

LIMITS = Limits()
CLEAN = speech(seconds=9)
NOISY = CLEAN + noise(level_dbfs=-44, seconds=9, rate_hz=16000)

REFUSED: dict[str, tuple[Samples, Samples]] = {
    "reference_mismatch": (CLEAN, speech(seconds=9, voice=2)),
    "too_short": (speech(seconds=3), speech(seconds=3)),
    "silent": (CLEAN, silence(seconds=9, rate_hz=16000)),
    "music": (music(seconds=9), music(seconds=9)),
}


def voice(samples: Samples, rate_hz: int = 16000) -> Voice:
    return Voice(np.ascontiguousarray(samples[:, 0], np.float32), rate_hz, len(samples) / rate_hz)


@pytest.mark.parametrize(("mode", "rate_hz"), [("wb", 16000), ("nb", 8000)])
def test_a_valid_pair_scores_as_the_library_does(tmp_path: Path, mode: str, rate_hz: int) -> None:
    clean = speech(seconds=9, rate_hz=rate_hz).astype(np.float32)
    noisy = (clean + noise(level_dbfs=-50, seconds=9, rate_hz=rate_hz)).astype(np.float32)
    paths = (
        written(tmp_path / "d.wav", noisy, "wavf32", rate_hz=rate_hz),
        written(tmp_path / "r.wav", clean, "wavf32", rate_hz=rate_hz),
    )
    facts = score(*paths, limits=LIMITS)
    assert facts["pesq"] == pytest.approx(pesq.pesq(rate_hz, clean[:, 0], noisy[:, 0], mode), abs=1e-3)
    assert (facts["pesq_status"], facts["pesq_mode"], facts["pesq_windows"]) == ("ok", mode, 1)


def test_the_same_sound_scores_the_highest_there_is() -> None:
    assert compare(voice(CLEAN), voice(0.3 * CLEAN), "wb")["pesq"] == pytest.approx(4.644, abs=0.001)


def test_more_noise_scores_lower() -> None:
    scores = [
        compare(voice(CLEAN), voice(CLEAN + noise(level_dbfs=level, seconds=9, rate_hz=16000)), "wb")["pesq"]
        for level in (-70, -54, -44)
    ]
    assert all(isinstance(value, float) for value in scores)
    assert scores == sorted(scores, key=lambda value: -float(value or 0))


def plucked() -> Samples:
    """Two notes a second that decay by 70 dB a second: most of it lies 15 dB and more below the attacks."""
    moments = np.arange(9 * 16000) / 16000
    since = moments % 0.5
    return (0.3 * np.sin(2 * np.pi * 440 * moments) * 10 ** (-70 * since / 20))[:, np.newaxis]


def test_decaying_notes_are_music_although_they_are_mostly_quiet() -> None:
    notes = voice(plucked())
    assert np.mean(notes.frame_dbfs < np.percentile(notes.frame_dbfs, 95) - 15) > 0.3
    assert compare(notes, notes, "wb")["pesq_status"] == "music"


def test_long_pauses_do_not_make_music_of_speech() -> None:
    paused = voice(np.concatenate([CLEAN, silence(seconds=30, rate_hz=16000), CLEAN]))
    assert compare(paused, paused, "wb")["pesq_status"] == "ok"


@pytest.mark.parametrize("status", REFUSED)
def test_a_pair_that_cannot_be_compared_says_why(status: str) -> None:
    clean, degraded = REFUSED[status]
    facts = compare(voice(clean), voice(degraded), "wb")
    assert facts["pesq_status"] == status
    assert facts["pesq"] is None
    assert facts["pesq_mode"] is None


def test_much_shorter_is_a_mismatch() -> None:
    assert compare(voice(CLEAN), voice(CLEAN[: 16000 * 6]), "wb")["pesq_status"] == "reference_mismatch"


@pytest.mark.parametrize("lag_s", [0.7, -0.7])
def test_a_late_or_early_start_is_found(lag_s: float) -> None:
    pad = silence(seconds=abs(lag_s), rate_hz=16000)
    shifted = np.concatenate([pad, CLEAN] if lag_s > 0 else [CLEAN[len(pad) :], pad])
    pairs, correlation, _ = windows(voice(CLEAN), voice(shifted))
    assert correlation > 0.99
    assert all(len(clean) == len(degraded) for clean, degraded in pairs)


def test_a_long_recording_is_scored_in_windows_that_the_library_survives() -> None:
    clean = np.concatenate([speech(seconds=10, voice=number) for number in range(20)])
    pairs, _, _ = windows(voice(clean), voice(clean))
    assert len(pairs) == MOST_WINDOWS
    assert max(len(ours) for ours, _ in pairs) <= 12 * 16000


def test_a_lossy_copy_of_its_original_scores_well(tmp_path: Path) -> None:
    original = written(tmp_path / "o.flac", speech(seconds=9, rate_hz=44100), "flac", rate_hz=44100)
    preview = written(tmp_path / "p.mp3", speech(seconds=9, rate_hz=44100), "mp3", rate_hz=44100)
    facts = score(preview, original, limits=LIMITS)
    assert facts["pesq_status"] == "ok"
    assert float(facts["pesq"] or 0) > 3.5


def test_no_reference_no_score(tmp_path: Path) -> None:
    facts = score_isolated(tmp_path / "any.wav", None, limits=LIMITS)
    assert (facts["pesq"], facts["pesq_status"]) == (None, "no_reference")


def test_a_reference_that_is_no_audio_is_an_error_not_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(encoded(NOISY, rate_hz=16000))
    page = tmp_path / "r.wav"
    page.write_bytes(b"<html>")
    assert score_isolated(path, page, limits=LIMITS)["pesq_status"] == "error"


@pytest.mark.parametrize(("kept", "status"), [(1.0, "ok"), (0.95, "ok"), (0.88, "partial"), (0.8, "partial")])
def test_a_recording_of_which_much_is_missing_is_not_scored_on_the_rest(kept: float, status: str) -> None:
    facts = compare(voice(CLEAN), voice(CLEAN[: round(kept * len(CLEAN))]), "wb")
    assert facts["pesq_status"] == status
    assert facts["pesq_coverage"] == pytest.approx(kept, abs=0.01)
    assert (facts["pesq"] is None) is (status == "partial")


def test_what_is_there_is_scored_where_that_is_asked_for() -> None:
    facts = compare(voice(CLEAN), voice(CLEAN[: round(0.8 * len(CLEAN))]), "wb", least_coverage=0.75)
    assert (facts["pesq_status"], facts["pesq_coverage"]) == ("ok", pytest.approx(0.8, abs=0.01))


def test_stereo_whose_mix_cancels_is_cancelled_and_not_silent(tmp_path: Path) -> None:
    clean = written(tmp_path / "clean.wav", CLEAN, rate_hz=16000)
    inverted = written(tmp_path / "a.wav", np.concatenate([CLEAN, -CLEAN], axis=1), rate_hz=16000)
    assert score(inverted, clean, limits=Limits())["pesq_status"] == "cancelled"
    assert score(clean, inverted, limits=Limits())["pesq_status"] == "cancelled"
    left = written(tmp_path / "b.wav", np.concatenate([CLEAN, 0 * CLEAN], axis=1), rate_hz=16000)
    assert score(left, clean, limits=Limits())["pesq_status"] == "ok"
