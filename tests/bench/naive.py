"""The script that everybody writes first: pydub for duration and level, librosa for duration and features. Each library
decodes the whole file anew. `audio.py` compares the measures with it.

pydub wants the commands `ffmpeg` and `ffprobe`. Where the system has none, the ffmpeg of a wheel does the work, and the
script is spared what `ffprobe` takes.
"""

import io
import shutil
from pathlib import Path

import imageio_ffmpeg

HAS_FFMPEG = bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))


def level(path: Path) -> dict[str, float]:
    """Duration and level by pydub, duration by librosa."""
    return _pydub(path) | _librosa(path, with_features=False)


def features(path: Path) -> dict[str, float]:
    """The same, and means of librosa's usual features."""
    return _pydub(path) | _librosa(path, with_features=True)


def _pydub(path: Path) -> dict[str, float]:
    from pydub import AudioSegment

    if path.suffix == ".wav":
        segment = AudioSegment.from_wav(path)
    elif HAS_FFMPEG:
        segment = AudioSegment.from_file(path)
    else:  # what from_file does, less ffprobe, which this ffmpeg comes without
        AudioSegment.converter = imageio_ffmpeg.get_ffmpeg_exe()
        segment = AudioSegment.from_file_using_temporary_files(io.BytesIO(path.read_bytes()))
    return {"duration_ms": len(segment), "loudness": segment.dBFS}


def _librosa(path: Path, *, with_features: bool) -> dict[str, float]:
    import librosa

    samples, rate_hz = librosa.load(path)
    values = {"duration_s": float(librosa.get_duration(y=samples, sr=rate_hz))}
    if with_features:
        values["rms"] = float(librosa.feature.rms(y=samples).mean())
        values["mel"] = float(librosa.feature.melspectrogram(y=samples, sr=rate_hz).mean())
        values["mfcc"] = float(librosa.feature.mfcc(y=samples, sr=rate_hz).mean())
        values["chroma"] = float(librosa.feature.chroma_stft(y=samples, sr=rate_hz).mean())
        values["onset"] = float(librosa.onset.onset_strength(y=samples, sr=rate_hz).mean())
        values["onsets"] = len(librosa.onset.onset_detect(y=samples, sr=rate_hz))
    return values
