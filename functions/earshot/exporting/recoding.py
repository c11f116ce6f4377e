"""Audio as training wants it: one channel, 16 bits, at a chosen rate; in blocks, so that hours fit in memory.

`sound.transcode` gives the same samples and holds a recording whole, which eight workers at a time could not.
Several channels are averaged. Out of phase they cancel: `is_inverted` of the row says where.
"""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from earshot.exporting.request import Codec
from earshot.sound.decode import opened
from earshot.sound.limits import Limits


def recode(source: Path, target: Path, codec: Codec, rate_hz: int | None, limits: Limits) -> tuple[int, int]:
    """Write `source` to `target` as mono, 16 bit, at `rate_hz` or its own rate; its rate and frames.

    Raises:
        GiveUp: as `earshot.sound.decode.opened`; what could be decoded before a fault is kept, as in its measures.
    """
    with opened(source, limits) as decoding:
        own_hz = decoding.stated.sample_rate_hz
        out_hz = rate_hz or own_hz
        resampler = soxr.ResampleStream(own_hz, out_hz, 1, dtype="float32") if out_hz != own_hz else None
        frames = 0
        with soundfile.SoundFile(target, "w", out_hz, 1, "PCM_16", format=codec.upper()) as out:
            for block in decoding:
                mono = block.mean(axis=1, dtype=np.float32)
                part = resampler.resample_chunk(mono) if resampler else mono
                out.write(part)
                frames += len(part)
            if resampler:
                rest = resampler.resample_chunk(np.zeros(0, np.float32), last=True)
                out.write(rest)
                frames += len(rest)
    return out_hz, frames


def counted(source: Path, limits: Limits) -> tuple[int, int, int]:
    """Sample rate, channels and frames of a file, by decoding it: headers lie.

    Raises:
        GiveUp: as `earshot.sound.decode.opened`.
    """
    with opened(source, limits) as decoding:
        for _ in decoding:
            pass
        return decoding.stated.sample_rate_hz, decoding.stated.channels, decoding.frames
