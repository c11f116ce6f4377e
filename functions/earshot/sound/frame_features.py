"""A recording in; a row of features for each of its frames out, as Parquet: what classical models learn from.

librosa computes them, and is imported here only, since that alone takes seconds. Columns: docs/features.md.
"""

import fcntl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import librosa
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import soxr

from earshot.sound import ANALYSER_VERSION
from earshot.sound.decode import opened
from earshot.sound.limits_per_file import Limits

Floats = npt.NDArray[Any]

RATE_HZ: Final = 22_050  # librosa's own default: what lies above 11 kHz is not in the features
FRAMES_MS: Final = range(20, 10_001)
MFCCS, MELS, CHROMAS = 13, 40, 12
ONSET_HOP, ONSET_WINDOW = 220, 1024  # samples: 10 and 46 ms
CHUNK_S = 30.0  # analysed at once, to whole frames
FLOOR = 1e-10  # power: -100 dB, below which nothing is distinguished
STEVENS = 0.67  # exponent of Stevens' law of loudness, as Essentia's Loudness has it


def write_features(path: Path, out: Path, *, frame_ms: int = 200, limits: Limits | None = None) -> int:
    """Write a recording's features.

    Args:
        frame_ms: length of a frame, 20 to 10,000; frames do not overlap, and the last is left out unless it is whole.

    Returns:
        The number of rows; none for a recording shorter than a frame.

    Raises:
        GiveUp: the recording cannot be decoded within the limits.
        ValueError: `frame_ms` is out of range.
    """
    if frame_ms not in FRAMES_MS:
        raise ValueError(f"frames of {frame_ms} ms; {FRAMES_MS[0]} to {FRAMES_MS[-1]} ms are possible")
    load_compiled_code()
    length = round(frame_ms * RATE_HZ / 1000)
    frames: list[dict[str, Floats]] = []
    flux: list[Floats] = []
    rising = _Flux()
    for chunk in _chunks(path, length, limits or Limits()):
        whole = chunk[: len(chunk) // length * length]
        if whole.size:
            frames.append(_of_frames(whole, length))
        flux.append(rising.add(chunk))
    flux.append(rising.flush())
    table = _table(frames, np.concatenate(flux), frame_ms, length)
    pq.write_table(table, out, compression="zstd")
    return int(table.num_rows)


@cache
@cache
def load_compiled_code() -> None:
    """Have librosa's functions compiled, or load their machine code, while no other process does.

    numba keeps machine code in one folder for all processes of an installation; when several processes write it at a
    time, some crash, and so does whoever loads it later.
    """
    clicks = np.zeros(RATE_HZ, np.float32)
    clicks[:: RATE_HZ // 4] = 1.0
    length = RATE_HZ // 5
    with Path(librosa.__file__).open("rb") as installation:
        fcntl.flock(installation, fcntl.LOCK_EX)  # ends with the file, also when this process is killed
        rising = _Flux()
        _table([_of_frames(clicks, length)], np.concatenate([rising.add(clicks), rising.flush()]), 200, length)


def _chunks(path: Path, length: int, limits: Limits) -> Iterator[Floats]:
    """One channel at `RATE_HZ`, in chunks of whole frames; the last may end within one."""
    size = max(round(CHUNK_S * RATE_HZ) // length, 1) * length
    waiting = np.zeros(0, np.float32)
    with opened(path, limits) as decoding:
        resampled = soxr.ResampleStream(decoding.stated.sample_rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")
        for block in decoding:
            mono = block.T.sum(axis=0) / np.float32(block.shape[1])
            waiting = np.concatenate([waiting, resampled.resample_chunk(mono)])
            while len(waiting) >= size:
                yield waiting[:size]
                waiting = waiting[size:]
        waiting = np.concatenate([waiting, resampled.resample_chunk(np.zeros(0, np.float32), last=True)])
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]


def _of_frames(samples: Floats, length: int) -> dict[str, Floats]:
    """Level, mel bands, MFCC and chroma of each frame; rows are frames."""
    squares = np.square(samples.reshape(-1, length), dtype=np.float64)
    power = np.abs(librosa.stft(samples, n_fft=length, hop_length=length, center=False)) ** 2 / length
    mel = librosa.feature.melspectrogram(S=power, sr=RATE_HZ, n_fft=length, n_mels=MELS)
    decibels = 10 * np.log10(np.maximum(mel, FLOOR))
    chroma = librosa.feature.chroma_stft(S=power, sr=RATE_HZ, n_fft=length, tuning=0.0)
    return {
        "loudness_dbfs": 10 * np.log10(np.maximum(squares.mean(axis=1), 1e-12)),
        "loudness_stevens": squares.sum(axis=1) ** STEVENS,
        "mfcc": librosa.feature.mfcc(S=decibels, n_mfcc=MFCCS).T,
        "mel_db": decibels.T,
        "chroma": chroma.T,
    }


class _Flux:
    """Onset strength every 10 ms: how much the mel spectrum gains on that of 10 ms before."""

    def __init__(self) -> None:
        self._waiting = np.zeros(ONSET_WINDOW // 2, np.float32)  # so that windows are centred on their hop
        self._last: Floats | None = None

    def add(self, samples: Floats) -> Floats:
        """The strengths that these samples complete."""
        self._waiting = np.concatenate([self._waiting, samples])
        windows = (len(self._waiting) - ONSET_WINDOW) // ONSET_HOP + 1
        if windows <= 0:
            return np.zeros(0)
        power = np.abs(librosa.stft(self._waiting, n_fft=ONSET_WINDOW, hop_length=ONSET_HOP, center=False)) ** 2
        self._waiting = self._waiting[windows * ONSET_HOP :]
        mel = 10 * np.log10(np.maximum(librosa.feature.melspectrogram(S=power, sr=RATE_HZ), FLOOR))
        before, self._last = mel[:, :1] if self._last is None else self._last, mel[:, -1:]
        strength: Floats = librosa.onset.onset_strength(S=np.hstack([before, mel]), sr=RATE_HZ, center=False)
        return strength[1:]

    def flush(self) -> Floats:
        """The strengths of the last half window."""
        return self.add(np.zeros(ONSET_WINDOW // 2, np.float32))


def _table(frames: list[dict[str, Floats]], flux: Floats, frame_ms: int, length: int) -> pa.Table:
    columns = {name: np.concatenate([part[name] for part in frames]) for name in frames[0]} if frames else {}
    rows = len(next(iter(columns.values()))) if columns else 0
    peaks: Floats = (
        librosa.onset.onset_detect(onset_envelope=flux, sr=RATE_HZ, hop_length=ONSET_HOP)
        if flux.any()
        else np.zeros(0, int)
    )
    onsets = np.bincount((peaks.astype(int) * ONSET_HOP) // length, minlength=rows)[:rows]
    starts = -(-np.arange(rows) * length // ONSET_HOP)
    within = flux[: -(-rows * length // ONSET_HOP)]  # to the end of the last frame
    strongest = np.maximum.reduceat(within, starts) if rows else np.zeros(0)
    arrays: dict[str, pa.Array] = {
        "frame": pa.array(np.arange(rows), pa.int32()),
        "start_ms": pa.array(np.round(np.arange(rows) * (1000 * length / RATE_HZ)), pa.int32()),
        "onset_strength": pa.array(strongest, pa.float32()),
        "onsets": pa.array(onsets, pa.int32()),
    }
    for name, width in (
        ("loudness_dbfs", 0),
        ("loudness_stevens", 0),
        ("mfcc", MFCCS),
        ("mel_db", MELS),
        ("chroma", CHROMAS),
    ):
        values = columns.get(name, np.zeros((0, width)))
        for index in range(width):
            arrays[f"{name}_{index + 1:02d}"] = pa.array(values[:, index], pa.float32())
        if not width:
            arrays[name] = pa.array(values.reshape(-1), pa.float32())
    metadata = {"frame_ms": str(frame_ms), "rate_hz": str(RATE_HZ), "analyser_version": str(ANALYSER_VERSION)}
    return pa.table(arrays).replace_schema_metadata(metadata)
