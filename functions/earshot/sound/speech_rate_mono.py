"""A file in; one channel at a speech rate out, with the levels that distinguish speech from silence and from music."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from earshot.sound.decode import opened
from earshot.sound.limits_per_file import Limits
from earshot.sound.pitch_glide import pitch_glide

Mono = npt.NDArray[np.float32]
"""Shape (frames,), full scale ±1.0."""

FRAME_S = 0.02
QUIET_DBFS = -70.0  # below this a frame is nobody's speech, whatever its file's level
ACTIVE_BELOW_LOUD_DB = 30.0  # dynamic range of speech, after ITU-T P.56's range of levels within an utterance
CANCELLED_DB = -40.0  # of the mean of all channels below the channels themselves
FALL_DB, FALL_FRAMES = 10.0, 3  # how far speech falls, and within how many frames, at the end of a syllable
CERTAIN_FALL_SHARE = 0.18  # no music came near: 0.157 at most of 222 pieces
LEAST_FALL_SHARE, CHANGES = 0.105, (0.035, 0.26)  # docs/measures.md has how much speech and music lie beyond
LEAST_GLIDE = 0.008  # octaves within 20 ms: 10 cents
FALL_RANGE_DB = 40.0  # below the loud frames levels are not distinguished
FALL_WINDOW_S, FALL_SOUND_SHARE = 3.0, 0.1  # windows; the share of their frames that must sound


@dataclass(frozen=True)
class Voice:
    """The beginning of a recording as one channel."""

    samples: Mono
    rate_hz: int
    duration_s: float
    """Of the whole recording, which may be longer than `samples`."""
    is_cancelled: bool = False
    """The channels cancel each other in the mean of all, so that `samples` is not what a listener hears."""

    @property
    def frame_dbfs(self) -> npt.NDArray[np.float64]:
        """RMS level of each 20 ms frame in dBFS, at least -120; shape (frames,)."""
        length = round(FRAME_S * self.rate_hz)
        frames = self.samples[: len(self.samples) // length * length].reshape(-1, length)
        squares: npt.NDArray[np.float64] = np.mean(np.square(frames, dtype=np.float64), axis=1)
        return 10 * np.log10(np.maximum(squares, 1e-12))

    @property
    def active_s(self) -> float:
        """Seconds in which somebody may be speaking: frames within 30 dB of the loud ones."""
        levels = self.frame_dbfs
        if not levels.size:
            return 0.0
        floor = max(float(np.percentile(levels, 95)) - ACTIVE_BELOW_LOUD_DB, QUIET_DBFS)
        return float(np.count_nonzero(levels > floor)) * FRAME_S

    @property
    def fall_share(self) -> float:
        """Share of the 60 ms steps in which the level falls by more than 10 dB; 0.1 and up for most clean speech.

        Speech breaks off that fast between syllables all the time; the notes of music decay, and where drums do not,
        they play for a part of the piece. So it is the 25th percentile over windows of about 3 s that have sound.
        """
        levels = self.frame_dbfs
        if levels.size <= FALL_FRAMES:
            return 0.0
        loud = float(np.percentile(levels, 95))
        levels = np.maximum(levels, loud - FALL_RANGE_DB)
        falls = levels[FALL_FRAMES:] < levels[:-FALL_FRAMES] - FALL_DB
        sounds = levels[:-FALL_FRAMES] > loud - ACTIVE_BELOW_LOUD_DB
        count = max(round(falls.size * FRAME_S / FALL_WINDOW_S), 1)
        windows = zip(np.array_split(falls, count), np.array_split(sounds, count), strict=True)
        shares = [float(fall.mean()) for fall, sound in windows if sound.mean() >= FALL_SOUND_SHARE]
        return float(np.percentile(shares, 25)) if shares else 0.0

    @property
    def crossing_change(self) -> float:
        """Median change of the zero-crossing rate from one 20 ms frame to the next that sound, over its mean.

        0.05 to 0.25 for speech, whose vowels and fricatives alternate; less for tones that are held.

        Source: J. Saunders, "Real-time discrimination of broadcast speech/music", ICASSP 1996.
        """
        levels = self.frame_dbfs
        if not levels.size:
            return 0.0
        frames = self.samples[: levels.size * round(FRAME_S * self.rate_hz)].reshape(levels.size, -1)
        rates = np.diff(np.signbit(frames), axis=1).mean(axis=1)
        sounds = levels > np.percentile(levels, 95) - ACTIVE_BELOW_LOUD_DB
        changes = np.abs(np.diff(rates))[sounds[1:] & sounds[:-1]]
        mean = float(rates[sounds].mean()) if sounds.any() else 0.0
        return float(np.median(changes)) / mean if changes.size and mean > 0 else 0.0

    @property
    def is_speech(self) -> bool:
        """Whether the level breaks off as that of clean speech: very often, or with crossings and a pitch that move."""
        falls = self.fall_share
        if falls >= CERTAIN_FALL_SHARE or falls < LEAST_FALL_SHARE:
            return falls >= CERTAIN_FALL_SHARE
        levels = self.frame_dbfs
        sounds = levels > np.percentile(levels, 95) - ACTIVE_BELOW_LOUD_DB
        glide = pitch_glide(self.samples, self.rate_hz, sounds)
        return CHANGES[0] <= self.crossing_change <= CHANGES[1] and (glide is None or glide >= LEAST_GLIDE)


def native_rate_hz(path: Path, limits: Limits) -> int:
    """The file's own sample rate.

    Raises:
        GiveUp: it cannot be decoded.
    """
    with opened(path, limits) as decoding:
        return decoding.stated.sample_rate_hz


def listen(path: Path, *, rate_hz: int, at_most_s: float, limits: Limits) -> Voice:
    """Decode a file into one channel (the mean of all) at `rate_hz`; only its first `at_most_s` are kept.

    Raises:
        GiveUp: it cannot be decoded within the limits.
    """
    parts: list[Mono] = []
    with opened(path, limits) as decoding:
        native_hz = decoding.stated.sample_rate_hz
        resampled = soxr.ResampleStream(native_hz, rate_hz, 1, dtype="float32", quality="HQ")
        left = round(at_most_s * native_hz)
        mixed = single = 0.0
        for block in decoding:
            if left > 0:
                mono = np.ascontiguousarray(block[:left].mean(axis=1))
                mixed += float(np.dot(mono, mono))
                single += float(np.einsum("fc,fc->", block[:left], block[:left])) / block.shape[1]
                parts.append(resampled.resample_chunk(mono))
                left -= len(block)
        parts.append(resampled.resample_chunk(np.empty(0, np.float32), last=True))
        is_cancelled = single > 0 and mixed < single * 10 ** (CANCELLED_DB / 10)
        return Voice(np.concatenate(parts), rate_hz, decoding.frames / native_hz, is_cancelled)
