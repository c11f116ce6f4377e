"""What makes two recordings the same."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from sounds import noise, speech, written

from earshot.sound.limits_per_file import Limits
from earshot.sound.measures import measure

LIMITS = Limits()


def test_the_hash_can_be_had_without_us(tmp_path: Path) -> None:
    sound = np.round(noise(channels=2) * 2**15) / 2**15 + 0.0  # no negative zeros
    expected = sha256(b"48000 Hz, 2 channels, float32 little endian\n" + sound.astype("<f4").tobytes()).hexdigest()
    assert measure(written(tmp_path / "a.wav", sound), limits=LIMITS)["pcm_sha256"] == expected


def fingerprint(path: Path) -> list[int]:
    import chromaprint

    printed = measure(path, limits=LIMITS)["fingerprint"]
    numbers: list[int] = chromaprint.decode_fingerprint(str(printed).encode())[0]
    return numbers


def differing(one: list[int], other: list[int]) -> float:
    """Share of bits that differ."""
    bits = sum(((a ^ b) & 0xFFFFFFFF).bit_count() for a, b in zip(one, other, strict=False))
    return bits / 32 / min(len(one), len(other))


def test_a_lossy_copy_has_nearly_the_same_fingerprint_and_other_speech_has_not(tmp_path: Path) -> None:
    pytest.importorskip("chromaprint", reason="the extra fingerprint or libchromaprint is not installed")
    sound = speech(seconds=20, rate_hz=44100)
    original = fingerprint(written(tmp_path / "a.flac", sound, "flac", rate_hz=44100))
    copy = fingerprint(written(tmp_path / "b.mp3", sound, "mp3", rate_hz=44100))
    other = fingerprint(written(tmp_path / "c.flac", speech(seconds=20, rate_hz=44100, voice=5), "flac", rate_hz=44100))
    assert differing(original, copy) < 0.05
    assert differing(original, other) > 0.2


def test_the_fingerprint_is_that_of_chromaprint_itself(tmp_path: Path) -> None:
    chromaprint = pytest.importorskip("chromaprint", reason="the extra fingerprint or libchromaprint is not installed")
    sound = np.round(speech(seconds=20, rate_hz=44100) * 2**15) / 2**15
    printer = chromaprint.Fingerprinter()
    printer.start(44100, 1)
    printer.feed((sound * 2**15).astype("<i2").tobytes())
    theirs = chromaprint.decode_fingerprint(printer.finish())[0]
    assert differing(fingerprint(written(tmp_path / "a.wav", sound, rate_hz=44100)), theirs) < 0.01


def test_what_is_too_short_has_no_fingerprint(tmp_path: Path) -> None:
    assert measure(written(tmp_path / "a.wav", noise()), limits=LIMITS)["fingerprint"] is None


def test_what_is_too_short_for_one_code_is_not_resampled_for_it(tmp_path: Path) -> None:
    pytest.importorskip("chromaprint", reason="the extra fingerprint or libchromaprint is not installed")
    for rate_hz in (8000, 44100):
        sound = speech(seconds=3, rate_hz=rate_hz)
        facts = [
            measure(written(tmp_path / f"{ms}.wav", sound[: ms * rate_hz // 1000], rate_hz=rate_hz), limits=LIMITS)
            for ms in (2719, 2726)
        ]
        assert [fact["fingerprint"] is None for fact in facts] == [True, False]
