"""How often dual mono, inverted and dead channels are found on real files, with n. A part of `make bench-detectors`.

    python tests/bench/channel_faults.py FOLDER…

Stereo files are drawn from the folders. On them as they are each alarm is checked by the samples themselves: both
channels the same or each other's negative in all samples but for rounding, or one of them zero. Then their left channel
is put into both, upside down into the right, or the right is emptied; as it is, and after lossy codecs. And the right
channel of the stereo itself is turned upside down.
"""

import io
import sys
from collections import Counter
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt

from earshot.errors import GiveUp
from earshot.sound.channels import Channels
from earshot.sound.decode import opened
from earshot.sound.decoder_output import Facts
from earshot.sound.limits_per_file import Limits

LEAST_S, MOST_S, MOST_FILES = 1.0, 15.0, 200
ROUNDING = 2.0**-12  # of full scale: 16 bits, and what a lossy codec leaves of equal channels
LEAST_PEAK = 0.01
CODECS = {"MP3 of 128 kbit/s": ("mp3", "mp3"), "AAC of 128": ("aac", "adts"), "Opus of 128": ("libopus", "ogg")}
BIT_RATE = 128_000
LIMITS = Limits(wall_s=120)
Rows = npt.NDArray[np.float32]  # shape (2, frames)


def stereo(path: Path) -> tuple[Rows, int] | None:
    """The beginning of a stereo file, and its sample rate; None for what is short, silent, no stereo or no audio."""
    try:
        with opened(path, LIMITS) as decoding:
            rate_hz = decoding.stated.sample_rate_hz
            if decoding.stated.channels != 2:
                return None
            parts: list[Rows] = []
            for block in decoding:
                parts.append(block.T)
                if decoding.frames > MOST_S * rate_hz:
                    break
    except GiveUp:
        return None
    rows = np.concatenate(parts, axis=1)
    return (rows, rate_hz) if rows.shape[1] >= LEAST_S * rate_hz and np.abs(rows).max() >= LEAST_PEAK else None


def alarms(rows: Rows) -> set[str]:
    """Which of the three are alleged."""
    meter = Channels(2)
    meter.add(np.ascontiguousarray(rows, np.float32).T)
    facts: Facts = meter.facts()
    names = {"dual mono": facts["is_dual_mono"], "inverted": facts["is_inverted"], "dead": facts["dead_channels"]}
    return {name for name, value in names.items() if value}


def true_ones(rows: Rows) -> set[str]:
    """Which of the three hold by the samples."""
    left, right = rows
    gaps = {
        "dual mono": np.abs(left - right).max(),
        "inverted": np.abs(left + right).max(),
        "dead": np.ptp(rows, 1).min(),
    }
    return {name for name, gap in gaps.items() if gap <= ROUNDING}


def coded(rows: Rows, rate_hz: int, codec: str, container: str) -> Rows:
    """The rows after a lossy codec."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as written:
        rate = 48_000 if codec == "libopus" else rate_hz
        stream = cast(av.AudioStream, written.add_stream(codec, rate=rate, layout="stereo", bit_rate=BIT_RATE))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(np.clip(rows, -1, 1)), format="fltp", layout="stereo")
        frame.sample_rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            written.mux(packet)
    file.seek(0)
    with av.open(file, "r") as read:
        return np.concatenate([frame.to_ndarray() for frame in read.decode(audio=0)], axis=1).astype(np.float32)


def faults(pieces: list[tuple[Rows, int]]) -> None:
    """Print how many of each fault are found, as they are and after each codec, and what else is alleged of them."""
    turned = sum("inverted" in alarms(rows * np.array([[1], [-1]], np.float32)) for rows, _ in pieces)
    print(f"inverted, the right of what is stereo turned upside down: {turned} of {len(pieces)} found")
    for name, right in (("dual mono", 1.0), ("inverted", -1.0), ("dead", 0.0)):
        made = [
            (np.stack([rows[0], right * rows[0]]), rate_hz) for rows, rate_hz in pieces if np.ptp(rows[0]) > LEAST_PEAK
        ]
        ways = {"as it is": [rows for rows, _ in made]}
        ways |= {way: [coded(rows, rate, *codec) for rows, rate in made] for way, codec in CODECS.items()}
        for way, all_rows in ways.items():
            counts = Counter(alarm for rows in all_rows for alarm in alarms(rows))
            others = {other: count for other, count in counts.items() if other != name}
            print(f"{name}, {way}: {counts[name]} of {len(made)} found{f', also {others}' if others else ''}")


def main() -> None:
    """The table."""
    paths = sorted(path for folder in sys.argv[1:] for path in Path(folder).rglob("*") if path.is_file())
    pieces: list[tuple[Rows, int]] = []
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for path in np.random.default_rng(1).permutation(np.array(paths, object)):
        if len(pieces) == MOST_FILES:
            break
        if (found := stereo(path)) is None:
            continue
        pieces.append(found)
        alleged, true = alarms(found[0]), true_ones(found[0])
        right.update(alleged & true)
        missed.update(true - alleged)
        wrong.update(alleged - true)
        for alarm in sorted(alleged - true):
            print(f"{alarm}: alarm on {path}")
    counts = f"right {dict(right)}, not by the samples {dict(wrong)}, missed {dict(missed)}"
    print(f"{len(pieces)} stereo files as they are: {counts}")
    faults(pieces)


if __name__ == "__main__":
    main()
