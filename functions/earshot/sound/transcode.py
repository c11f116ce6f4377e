"""Any recording in; one channel, 16 bits, the sample rate and format of one's choice out: what models are trained on.

WAV and FLAC are written in blocks, so hours fit in memory, and keep the samples as they are. The lossy formats are
written by pydub from such a WAV, whose samples it holds whole: 2 bytes each. Several channels are averaged; out of
phase they cancel: `is_inverted` of the row shows where.
"""

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
import soxr

from earshot.sound.decode import opened
from earshot.sound.limits_per_file import Limits

LOSSLESS: Final = ("wav", "flac")
LOSSY: Final = {  # by name: FFmpeg's format, its encoder
    "mp3": ("mp3", "libmp3lame"),
    "ogg": ("ogg", "libvorbis"),
    "opus": ("opus", "libopus"),
    "m4a": ("ipod", "aac"),
}
REPEATABLE: Final = ("-fflags", "+bitexact", "-flags:a", "+bitexact")  # else Ogg's serial number is random
TITLED: Final = ("title", "artist", "copyright")


def transcode(
    path: Path, out: Path, form: str, *, rate_hz: int | None, limits: Limits, tags: Mapping[str, str] | None = None
) -> tuple[int, int]:
    """Write a recording anew.

    Args:
        form: one of `LOSSLESS` or `LOSSY`, whatever the suffix of `out`.
        rate_hz: of the result, None for the recording's own; Opus knows only 8, 12, 16, 24 and 48 kHz, and its encoder
            takes the next.
        tags: of a lossy file: title, artist, copyright.

    Returns:
        Sample rate in Hz and frames of the result, for lossy formats as decoded.

    Raises:
        GiveUp: as `earshot.sound.decode.opened`; what could be decoded before a fault is kept, as in its measures.
        ValueError: nobody here writes that format.
        ImportError: a lossy format, without the extra `transcode`.
    """
    if form in LOSSLESS:
        return _in_blocks(path, out, form, rate_hz, limits)
    if form not in LOSSY:
        raise ValueError(f"{form} cannot be written, only {', '.join((*LOSSLESS, *LOSSY))}")
    segment_of = _pydub()
    plain = out.with_name(f"{out.name}.wav")
    try:
        _in_blocks(path, plain, "wav", rate_hz, limits)
        segment = segment_of.from_wav(plain)
    finally:
        plain.unlink(missing_ok=True)
    name, encoder = LOSSY[form]
    kept = {tag: text for tag, text in (tags or {}).items() if tag in TITLED and text}
    segment.export(out, format=name, codec=encoder, tags=kept, parameters=list(REPEATABLE)).close()
    rate_hz, _channels, frames = counted(out, limits)
    return rate_hz, frames


def counted(path: Path, limits: Limits) -> tuple[int, int, int]:
    """Sample rate, channels and frames of a file, by decoding it: headers lie.

    Raises:
        GiveUp: as `earshot.sound.decode.opened`.
    """
    with opened(path, limits) as decoding:
        for _ in decoding:
            pass
        return decoding.stated.sample_rate_hz, decoding.stated.channels, decoding.frames


def _in_blocks(path: Path, out: Path, form: str, rate_hz: int | None, limits: Limits) -> tuple[int, int]:
    with opened(path, limits) as decoding:
        own_hz = decoding.stated.sample_rate_hz
        out_hz = rate_hz or own_hz
        resampler = soxr.ResampleStream(own_hz, out_hz, 1, dtype="float32") if out_hz != own_hz else None
        frames = 0
        with soundfile.SoundFile(out, "w", out_hz, 1, "PCM_16", format=form.upper()) as file:
            for block in decoding:
                mono = block.mean(axis=1, dtype=np.float32)
                part = resampler.resample_chunk(mono) if resampler else mono
                file.write(part)
                frames += len(part)
            if resampler:
                rest = resampler.resample_chunk(np.zeros(0, np.float32), last=True)
                file.write(rest)
                frames += len(rest)
    return out_hz, frames


def _pydub() -> Any:
    """Pydub's `AudioSegment`, with the ffmpeg of the system or of a wheel."""
    import imageio_ffmpeg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it finds no ffmpeg: it is given one below
        from pydub import AudioSegment
    AudioSegment.converter = shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
    return AudioSegment
