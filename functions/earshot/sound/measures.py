"""A file in, its measures out: every column of the row that the sound alone decides, in one bounded pass."""

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import numpy as np
import soundfile

from earshot.sound import file_tags
from earshot.sound.bandwidth import Spectrum
from earshot.sound.channels import Channels
from earshot.sound.clipping import Clipping
from earshot.sound.decode import Decoding, opened
from earshot.sound.decoder_output import Block, Facts
from earshot.sound.hum import Hum
from earshot.sound.limits_per_file import Limits
from earshot.sound.loudness import Loudness
from earshot.sound.pcm_hash_and_fingerprint import Fingerprint, Identity
from earshot.sound.rms_and_peak import Level
from earshot.sound.silence_and_dropouts import Pauses
from earshot.sound.true_peak import TruePeak

USUAL_RATES_HZ = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
WARM_UP_S = 4.0  # at the lowest of them: enough for a fingerprint, and to look for hum
BATCH = 8  # blocks that a meter processes in a row: its code and tables then stay in the processor's caches


class Meter(Protocol):
    """Processes the blocks of a file in turn, then gives its measures."""

    def add(self, block: Block) -> None: ...
    def facts(self) -> Facts: ...


def measure(path: Path, *, limits: Limits) -> Facts:
    """Measure a file.

    Returns:
        Values by column name of `audio_metadata`; None where a measure has no value.

    Raises:
        Empty: no bytes, or not one sample.
        NotAudio: the bytes are something else.
        Undecodable: no decoder makes samples of it, or not within `limits.wall_s`.
        TooLong: more than `limits.max_duration_s`.
    """
    with opened(path, limits) as decoding:
        meters = every_meter(decoding)
        blocks = iter(decoding)
        while batch := list(islice(blocks, BATCH)):
            for meter in meters:
                for block in batch:
                    meter.add(block)
        measured = described(decoding)
        for meter in meters:
            measured |= meter.facts()
        return measured


def warm_up() -> None:
    """Measure noise at the usual sample rates, so that processes forked from this one find tables and code in place.

    The first files of a process take up to three times as long as later ones. Starts no threads.
    """
    noise = np.random.default_rng(1).normal(0.0, 0.1, (round(WARM_UP_S * USUAL_RATES_HZ[0]), 2))
    with TemporaryDirectory(prefix="earshot-") as folder:
        path = Path(folder, "noise.wav")
        for rate_hz in USUAL_RATES_HZ:
            for channels in (1, 2):
                soundfile.write(path, noise[:, :channels], rate_hz, "PCM_16")
                measure(path, limits=Limits())


def every_meter(decoding: Decoding) -> list[Meter]:
    """A meter for each family of measures."""
    stated = decoding.stated
    rate_hz, channels = stated.sample_rate_hz, stated.channels
    return [
        Level(channels),
        Loudness(rate_hz, channels, stated.positions),
        TruePeak(rate_hz, channels),
        Channels(channels),
        Clipping(rate_hz, channels, stated.bit_depth),
        Pauses(rate_hz),
        Spectrum(rate_hz, channels),
        Hum(rate_hz),
        Identity(rate_hz, channels),
        Fingerprint(rate_hz),
    ]


def described(decoding: Decoding) -> Facts:
    """What the headers state, and what was decoded; complete once all blocks have been read."""
    stated, frames = decoding.stated, decoding.frames
    duration_ms = round(1000 * frames / stated.sample_rate_hz)
    header_ms = None if stated.duration_s is None else round(1000 * stated.duration_s)
    return {
        "duration_ms": duration_ms,
        "header_duration_ms": header_ms,
        "duration_difference_ms": None if header_ms is None else duration_ms - header_ms,
        "container": stated.container,
        "codec": stated.codec,
        "sample_rate_hz": stated.sample_rate_hz,
        "channels": stated.channels,
        "channel_positions": " ".join(stated.positions) or None,
        "bit_depth": stated.bit_depth,
        "bit_rate_bps": round(decoding.stream_bits * stated.sample_rate_hz / frames),
        "decode_fault": decoding.fault,
        "unusable_samples": decoding.unusable_samples,
        **file_tags.facts(stated.tags),
    }
