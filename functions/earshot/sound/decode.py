"""A file in, blocks of samples out: decoded once, at its own rate, with its own channels.

libsndfile reads PCM containers; FFmpeg, through PyAV, everything else, and what libsndfile gives up on. FFmpeg is
preferred for FLAC, Ogg and MP3 because libsndfile stops in silence at the length that a header claims, and so loses
what follows in joined files, streamed FLAC and chained Ogg. The demuxer is dictated by the sniffed container: no
probing, so no playlist can name another file.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Protocol

from earshot.errors import Empty, GiveUp, NotAudio, TooLong, Undecodable
from earshot.sound import ffmpeg_decoder, libsndfile_decoder, ogg_links
from earshot.sound.containers import Container
from earshot.sound.decoder_output import Block, Stated, usable
from earshot.sound.limits_per_file import Limits
from earshot.sound.sniff_container import HEAD_BYTES, JUNK_BYTES, is_undecided, sniff, sniff_behind_junk

RATES_HZ = range(4_000, 768_001)  # DSD128 is decoded to 705.6 kHz
CHANNELS = range(1, 33)
SHORT_VORBIS_S = 60.0  # longer, and FFmpeg is the quicker; only short streams make it miss or add samples
MISSING_S, MISSING_SHARE = 0.05, 0.005  # less than the headers promise, beyond which a file is called cut short


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
        """What went wrong so far, while what could be decoded was kept; complete once all blocks have been read."""
        stated_s, decoded_s = self.stated.duration_s, self.frames / self.stated.sample_rate_hz
        missing_s = (stated_s or 0.0) - decoded_s
        is_short = self.stated.is_duration_exact and missing_s > max(MISSING_S, MISSING_SHARE * decoded_s)
        short = f"ends at {decoded_s:.3f} s of the {stated_s:.3f} s that its header states" if is_short else None
        return "; ".join(filter(None, (self._recording.fault, short))) or None

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
        head = file.read(HEAD_BYTES)
        try:
            found = sniff(head)
        except NotAudio:
            if not is_undecided(head):
                raise
            found = sniff(head + file.read(JUNK_BYTES - len(head)))
        start = 0
        while not found.is_certain:
            start += found.offset
            file.seek(start)
            behind = file.read(JUNK_BYTES)
            if not behind or is_undecided(behind):  # nothing follows the tag, or its size is wrong
                file.seek(0)
                return sniff_behind_junk(file.read(JUNK_BYTES), f"an ID3 tag of {start} bytes with no audio behind it")
            found = sniff(behind)
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
    why: GiveUp = Empty("not one sample")
    for open_file in _openers(path, container):
        try:
            recording = open_file()
        except Undecodable as error:
            why = error
            continue
        try:
            within_limits(recording.stated)
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


def _openers(path: Path, container: Container) -> list[Callable[[], Recording]]:
    """The decoders to try, in order."""
    if container.demuxer == "ogg" and container.offset == 0:
        links = ogg_links.links(path)
        by_ffmpeg = partial(ffmpeg_decoder.open_file, path, container, links)
        vorbis = links[0].vorbis if len(links) == 1 and links[0].streams == 1 else None
        if vorbis is None or vorbis[1] > 2:  # beyond stereo the two order channels differently
            return [by_ffmpeg]
        by_libsndfile = partial(libsndfile_decoder.open_file, path, container, links[0])
        is_short = links[0].granule <= SHORT_VORBIS_S * vorbis[0] and links[0].is_whole and links[0].is_ended
        return [by_libsndfile, by_ffmpeg] if is_short else [by_ffmpeg, by_libsndfile]
    by_ffmpeg = partial(ffmpeg_decoder.open_file, path, container)
    if container.is_free_format:
        return [partial(libsndfile_decoder.open_file, path, container)]
    if container.by_libsndfile:
        return [partial(libsndfile_decoder.open_file, path, container), by_ffmpeg]
    return [by_ffmpeg]


def within_limits(stated: Stated) -> None:
    """Check rate and number of channels.

    Raises:
        Undecodable: no recording has such.
    """
    rate_hz, channels = stated.sample_rate_hz, stated.channels
    if rate_hz not in RATES_HZ:
        raise Undecodable(f"sample rate is {rate_hz} Hz, limits are {RATES_HZ[0]} and {RATES_HZ[-1]} Hz")
    if channels not in CHANNELS:
        raise Undecodable(f"{channels} channels, limits are {CHANNELS[0]} and {CHANNELS[-1]}")
