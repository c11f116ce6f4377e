"""A file in, its measures out: every column of the row that the sound alone decides, in one bounded pass."""

import time
from collections.abc import Iterator
from pathlib import Path

from earshot.errors import TooLong, Undecodable
from earshot.sound.blocks import Block
from earshot.sound.decode import opened
from earshot.sound.level import Level
from earshot.sound.limits import Limits

Facts = dict[str, str | int | float | bool | None]


def measure(path: Path, *, limits: Limits) -> Facts:
    """Measure a file.

    Returns:
        Values by column name of `audio_metadata`; finite numbers only, None where a measure has no value.

    Raises:
        Empty: no bytes, or not one sample.
        NotAudio: the bytes are something else.
        Undecodable: no decoder makes samples of it, or not within `limits.wall_s`.
        TooLong: more than `limits.max_duration_s`.
    """
    with opened(path) as (recording, blocks):
        stated = recording.stated
        level = Level()
        frames = 0
        for block in bounded(blocks, stated.sample_rate_hz, limits):
            frames += len(block)
            level.add(block)
        return {
            "duration_ms": round(1000 * frames / stated.sample_rate_hz),
            "container": stated.container,
            "codec": stated.codec,
            "sample_rate_hz": stated.sample_rate_hz,
            "channels": stated.channels,
            **level.facts(),
        }


def bounded(blocks: Iterator[Block], rate_hz: int, limits: Limits) -> Iterator[Block]:
    """The blocks, until they are too many or too slow.

    Raises:
        TooLong: more than `limits.max_duration_s`.
        Undecodable: slower than `limits.wall_s`.
    """
    deadline = time.monotonic() + limits.wall_s
    frames = 0
    for block in blocks:
        frames += len(block)
        if frames > limits.max_duration_s * rate_hz:
            raise TooLong(f"lasts more than {limits.max_duration_s:g} s")
        if time.monotonic() > deadline:
            raise Undecodable(f"took longer than {limits.wall_s:g} s")
        yield block
