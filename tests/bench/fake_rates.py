"""How often `fake_rate` is right on real files: found and false alarms, with n. A part of `make bench-detectors`.

    python tests/bench/fake_rates.py FOLDER…

Of the files of 44.1 and 48 kHz that are drawn from the folders, those are full-band whose spectrum reaches on to 96 %
of half the sample rate without falling by more than 25 dB from 75 % on. Each alarm on them is printed: a true one is
a file that somebody upsampled before. The others are made fakes: by linear interpolation, by a filter, by codecs.
"""

import io
import sys
from itertools import islice
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt
import soxr

from earshot.errors import GiveUp
from earshot.sound.bandwidth import Spectrum
from earshot.sound.decode import opened
from earshot.sound.decoder_output import BLOCK_FRAMES, Facts
from earshot.sound.limits_per_file import Limits

LEAST_RATE_HZ, LEAST_S, MOST_S, MOST_FILES = 44_100, 2.0, 15.0, 200
MOST_FAKES = 60  # pieces that fakes are made of
FRAME = 4096
LOWER, UPPER = (0.70, 0.75), (0.94, 0.96)  # of half the sample rate
FALL_DB, RANGE_DB = 25.0, 110.0
OLD_HZ = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000)
CODECS = (("mp3", 320_000), ("mp3", 192_000), ("mp3", 128_000), ("aac", 192_000), ("libopus", 128_000))
CONTAINERS = {"mp3": "mp3", "aac": "adts", "libopus": "ogg"}
LIMITS = Limits(wall_s=120)
Wave = npt.NDArray[np.float32]  # shape (frames,)
Piece = tuple[Wave, int]  # and its sample rate


def wave_of(path: Path) -> Piece | None:
    """The beginning of a file as one channel, and its rate; None for what is short, of a lower rate or not audio."""
    parts: list[Wave] = []
    try:
        with opened(path, LIMITS) as decoding:
            rate_hz = decoding.stated.sample_rate_hz
            if rate_hz < LEAST_RATE_HZ:
                return None
            for block in decoding:
                parts.append(block.mean(axis=1))
                if decoding.frames > MOST_S * rate_hz:
                    break
    except GiveUp:
        return None
    wave = np.concatenate([np.empty(0, np.float32), *parts])
    return (wave, rate_hz) if len(wave) >= LEAST_S * rate_hz else None


def is_full_band(wave: Wave) -> bool:
    """Whether the spectrum reaches on to nearly half the sample rate."""
    frames = wave[: len(wave) // FRAME * FRAME].reshape(-1, FRAME) * np.hanning(FRAME)
    power = np.square(np.abs(np.fft.rfft(frames))).mean(axis=0)
    lower, upper = (float(power[round(a * FRAME / 2) : round(b * FRAME / 2)].mean()) for a, b in (LOWER, UPPER))
    falls = upper < lower * 10 ** (-FALL_DB / 10)
    return float(power.max()) > 0 and not falls and upper > float(power.max()) * 10 ** (-RANGE_DB / 10)


def verdict(wave: Wave, rate_hz: int) -> Facts:
    """The measures of the meter."""
    meter = Spectrum(rate_hz, 1)
    for start in range(0, len(wave), BLOCK_FRAMES):
        meter.add(np.asfortranarray(wave[start : start + BLOCK_FRAMES, np.newaxis], np.float32))
    return meter.facts()


def alarms(pieces: list[Piece]) -> int:
    """How many of them have a fake rate by the meter."""
    return sum(verdict(*piece)["fake_rate"] is True for piece in pieces)


def interpolated(wave: Wave, rate_hz: int, old_hz: int) -> Wave:
    """A wave at a lower rate, brought back by linear interpolation and rounded to 16 bits."""
    low = soxr.resample(wave, rate_hz, old_hz)
    moments = np.arange(int(len(low) * rate_hz / old_hz)) * old_hz / rate_hz
    return (np.round(np.interp(moments, np.arange(len(low)), low) * 32767) / 32767).astype(np.float32)


def coded(wave: Wave, rate_hz: int, codec: str, bit_rate: int) -> Piece:
    """A wave after a lossy codec, and the rate that comes out of it."""
    file = io.BytesIO()
    with av.open(file, "w", format=CONTAINERS[codec]) as written:
        rate = 48_000 if codec == "libopus" else rate_hz
        stream = cast(av.AudioStream, written.add_stream(codec, rate=rate, layout="stereo", bit_rate=bit_rate))
        frame = av.AudioFrame.from_ndarray(np.tile(np.clip(wave, -1, 1), (2, 1)), format="fltp", layout="stereo")
        frame.sample_rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            written.mux(packet)
    file.seek(0)
    with av.open(file, "r") as read:
        out_hz = read.streams.audio[0].rate
        rows = [frame.to_ndarray()[0] for frame in read.decode(audio=0)]
    return np.concatenate(rows).astype(np.float32), out_hz


def fakes(pieces: list[Piece]) -> None:
    """Print how many are found of the pieces after each way to lose the upper band."""
    halves = [(soxr.resample(soxr.resample(wave, rate, rate / 2), rate / 2, rate), rate) for wave, rate in pieces]
    print(f"fake_rate: {alarms(halves)} of {len(pieces)} found with a filter at half the rate")
    for old_hz in OLD_HZ:
        drawn = [(interpolated(wave, rate, old_hz), rate) for wave, rate in pieces]
        print(f"fake_rate: {alarms(drawn)} of {len(pieces)} found from {old_hz} Hz with linear interpolation")
    for codec, bit_rate in CODECS:
        lossy = [coded(wave, rate, codec, bit_rate) for wave, rate in pieces]
        print(f"fake_rate: {alarms(lossy)} of {len(pieces)} found after {codec} at {bit_rate // 1000} kbit/s")


def main() -> None:
    """The table."""
    paths = sorted(path for folder in sys.argv[1:] for path in Path(folder).rglob("*") if path.is_file())
    drawn = np.random.default_rng(1).permutation(np.array(paths, object))
    heard = ((path, found) for path in drawn if (found := wave_of(path)) is not None and is_full_band(found[0]))
    pieces: list[Piece] = []
    count = 0
    for path, piece in islice(heard, MOST_FILES):
        count += 1
        measured = verdict(*piece)
        if measured["fake_rate"] is True:
            print(f"fake_rate: alarm at {measured['cutoff_hz']} Hz of {piece[1]} on {path}")
        else:
            pieces.append(piece)
    print(f"fake_rate: {count - len(pieces)} alarms on {count} full-band files")
    fakes(pieces[:MOST_FAKES])


if __name__ == "__main__":
    main()
