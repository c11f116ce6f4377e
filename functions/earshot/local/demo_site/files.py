"""Samples into files: wav, flac, mp3 and Ogg Vorbis by libsndfile, m4a and Opus by FFmpeg."""

from io import BytesIO
from pathlib import PurePosixPath
from typing import cast

import av
import numpy as np
import soundfile

from earshot.local.demo_site.sounds import Samples

LIBSNDFILE = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
    ".ogg": ("OGG", "VORBIS"),
}
FFMPEG = {".m4a": ("ipod", "aac"), ".opus": ("ogg", "libopus")}
MEDIA_TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",
    ".opus": "audio/ogg; codecs=opus",
}
BLOCK = 1 << 14  # frames at a time: libvorbis overflows its stack on one long write


def encoded(samples: Samples, name: str, rate_hz: int) -> bytes:
    """The bytes of a mono file; the name's extension says which kind. Opus wants 48 kHz."""
    extension = PurePosixPath(name).suffix
    if extension in FFMPEG:
        return _by_ffmpeg(samples, *FFMPEG[extension], rate_hz)
    form, subtype = LIBSNDFILE[extension]
    file = BytesIO()
    with soundfile.SoundFile(file, "w", samplerate=rate_hz, channels=1, format=form, subtype=subtype) as sound:
        for start in range(0, len(samples), BLOCK):
            sound.write(samples[start : start + BLOCK])
    return file.getvalue()


def _by_ffmpeg(samples: Samples, muxer: str, encoder: str, rate_hz: int) -> bytes:
    file = BytesIO()
    with av.open(file, "w", format=muxer, container_options={"fflags": "+bitexact"}) as container:
        stream = cast(av.AudioStream, container.add_stream(encoder, rate=rate_hz, layout="mono"))
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate_hz)
        for start in range(0, len(samples), BLOCK):
            block = np.ascontiguousarray(samples[None, start : start + BLOCK], dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate_hz, start
            for converted in resampler.resample(frame):
                container.mux(stream.encode(converted))
        for converted in resampler.resample(None):
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return file.getvalue()
