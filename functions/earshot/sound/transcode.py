"""Any recording in; one channel, 16 bits, the sample rate and format of one's choice out: what models are trained on.

pydub holds the samples and writes WAV. Its other formats need an ffmpeg on the path; FLAC, Ogg Vorbis and MP3 are
therefore written by libsndfile, and pydub is asked for the rest.
"""

import shutil
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from pydub import AudioSegment

from earshot.sound.limits import Limits
from earshot.sound.voice import listen

BY_LIBSNDFILE: Final = {"flac": ("FLAC", "PCM_16"), "ogg": ("OGG", "VORBIS"), "mp3": ("MP3", "MPEG_LAYER_III")}
WRITTEN_AT_ONCE = 1 << 15  # samples: libvorbis overflows its stack on a long write


def transcode(path: Path, out: Path, *, rate_hz: int, limits: Limits) -> AudioSegment:
    """Write a recording anew, as the suffix of `out` says: .wav, .flac, .ogg, .mp3, or what an installed ffmpeg knows.

    Args:
        rate_hz: of the result; the resampler is soxr's, since pydub's own would alias.

    Returns:
        What was written, for whoever wants to look at it or cut it.

    Raises:
        GiveUp: the recording cannot be decoded within the limits.
        ValueError: nobody here writes that format.
    """
    form = out.suffix.removeprefix(".").lower()
    if form not in {"wav", *BY_LIBSNDFILE} and not shutil.which("ffmpeg"):
        raise ValueError(f"{out.name}: without ffmpeg only wav, {', '.join(BY_LIBSNDFILE)} can be written")
    voice = listen(path, rate_hz=rate_hz, at_most_s=limits.max_duration_s, limits=limits)
    samples = np.clip(np.round(voice.samples * 32768), -32768, 32767).astype("<i2")
    segment = AudioSegment(data=samples.tobytes(), sample_width=2, frame_rate=rate_hz, channels=1)
    if form in BY_LIBSNDFILE:
        container, subtype = BY_LIBSNDFILE[form]
        with soundfile.SoundFile(out, "w", rate_hz, 1, subtype=subtype, format=container) as file:
            for start in range(0, len(samples), WRITTEN_AT_ONCE):
                file.write(samples[start : start + WRITTEN_AT_ONCE])
    else:
        segment.export(out, format=form).close()
    return segment
