"""A file in, blocks of samples out: decoded once, at its own rate, with its own channels.

libsndfile reads PCM containers; FFmpeg, through PyAV, everything else, and what libsndfile gives up on. FFmpeg is
preferred for FLAC, Ogg and MP3 because libsndfile stops in silence at the length that a header claims, and so loses
what follows in joined files, streamed FLAC and chained Ogg. The demuxer is dictated by the sniffed container: no
probing, so no playlist can name another file.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Protocol

from earshot.errors import Empty, GiveUp, NotAudio, TooLong, Undecodable
from earshot.sound import ffmpeg_decoder, libsndfile_decoder
from earshot.sound.containers import Container
from earshot.sound.decoder_output import Block, Stated, usable
from earshot.sound.resource_limits import Limits
from earshot.sound.sniff_container import HEAD_BYTES, sniff

RATES_HZ = range(4_000, 384_001)
CHANNELS = range(1, 33)


class Recording(Protocol):
    """A file that a decoder has opened."""

    @property
    def stated(self) -> Stated: ...
    @property
    def fault(self) -> str | None: ...
    @property
    def stream_bits(self) -> int: ...
    def blocks(self) -> Iterator[Block]: ...
    def close(self) -> None: ...


class Decoding:
    """A file on its way through a decoder: iterate over it once, for its blocks."""

    def __init__(self, recording: Recording, blocks: Iterator[Block], limits: Limits) -> None:
        """Take over an open file, and those of its blocks that are decoded already."""
        self._recording = recording
        self._blocks = blocks
        self._limits = limits
        self.stated = recording.stated
        self.frames = 0
        self.unusable_samples = 0
        """Samples so far that were not finite, or beyond +120 dBFS; they are zero in the blocks."""

    @property
    def fault(self) -> str | None:
        """What went wrong so far, while what could be decoded was kept."""
        return self._recording.fault

    @property
    def stream_bits(self) -> int:
        """Bits of the encoded audio so far."""
        return self._recording.stream_bits

    def __iter__(self) -> Iterator[Block]:
        """The blocks, each of shape (frames, channels), within the limits.

        Raises:
            TooLong: more than `limits.max_duration_s`.
            Undecodable: slower than `limits.wall_s`.
        """
        deadline = time.monotonic() + self._limits.wall_s
        for block in self._blocks:
            self.frames += len(block)
            if self.frames > self._limits.max_duration_s * self.stated.sample_rate_hz:
                raise TooLong(f"lasts more than {self._limits.max_duration_s:g} s")
            if time.monotonic() > deadline:
                raise Undecodable(f"took longer than {self._limits.wall_s:g} s")
            samples, broken = usable(block)
            self.unusable_samples += broken
            yield samples


def container_of(path: Path) -> Container:
    """Sniff a file; behind ID3v2 tags of any size too.

    Raises:
        Empty: no bytes.
        NotAudio: something else.
    """
    with path.open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
        start = 0
        while not found.is_certain:
            start += found.offset
            file.seek(start)
            head = file.read(HEAD_BYTES)
            if not head:
                raise NotAudio(f"not audio but an ID3 tag of {start} bytes with nothing behind it")
            found = sniff(head)
    return found.at(start + found.offset, is_tagged=start > 0 or found.is_tagged)


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Decoding]:
    """A file being decoded.

    Raises:
        Empty: no bytes, or not one sample.
        NotAudio: by its first bytes.
        Undecodable: neither decoder makes a sample of it.
    """
    container = container_of(path)
    openers: list[Callable[[Path, Container], Recording]]
    openers = [libsndfile_decoder.open_file] if container.by_libsndfile and container.offset == 0 else []
    openers.append(ffmpeg_decoder.open_file)
    why: GiveUp = Empty("not one sample")
    for open_file in openers:
        try:
            recording = open_file(path, container)
        except Undecodable as error:
            why = error
            continue
        try:
            _within_reason(recording.stated)
            blocks = recording.blocks()
            first = next(blocks, None)
            if first is None:
                why = Undecodable(recording.fault) if recording.fault else Empty("not one sample")
                continue
            yield Decoding(recording, chain((first,), blocks), limits)
            return
        finally:
            recording.close()
    raise why


def _within_reason(stated: Stated) -> None:
    rate_hz, channels = stated.sample_rate_hz, stated.channels
    if rate_hz not in RATES_HZ:
        raise Undecodable(f"sample rate is {rate_hz} Hz, limits are {RATES_HZ[0]} and {RATES_HZ[-1]} Hz")
    if channels not in CHANNELS:
        raise Undecodable(f"{channels} channels, limits are {CHANNELS[0]} and {CHANNELS[-1]}")
