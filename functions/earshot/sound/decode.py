"""A file in, blocks of samples out: decoded once, at its own rate, with its own channels.

libsndfile reads PCM containers; FFmpeg, through PyAV, everything else, and what libsndfile gives up on. FFmpeg is
preferred for FLAC, Ogg and MP3 because libsndfile stops in silence at the length that a header claims, and so loses
what follows in joined files, streamed FLAC and chained Ogg. The demuxer is dictated by the sniffed container: no
probing, so no playlist can name another file.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Protocol

from earshot.errors import Empty, GiveUp, NotAudio, Undecodable
from earshot.sound import by_ffmpeg, by_libsndfile
from earshot.sound.blocks import Block, Stated
from earshot.sound.containers import Container
from earshot.sound.sniff import HEAD_BYTES, sniff

RATES_HZ = range(4_000, 384_001)
CHANNELS = range(1, 33)


class Recording(Protocol):
    """A file being decoded."""

    @property
    def stated(self) -> Stated: ...
    @property
    def fault(self) -> str | None:
        """What went wrong so far, while what could be decoded was kept; complete once `blocks` is exhausted."""

    @property
    def stream_bits(self) -> int:
        """Bits of the encoded audio read so far."""

    def blocks(self) -> Iterator[Block]: ...
    def close(self) -> None: ...


def container_of(path: Path) -> Container:
    """Sniff a file; behind an ID3v2 tag of any size too.

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
def opened(path: Path) -> Iterator[tuple[Recording, Iterator[Block]]]:
    """A file's facts and its blocks, each of shape (frames, channels), float32, full scale ±1.0.

    Raises:
        Empty: no bytes, or not one sample.
        NotAudio: by its first bytes.
        Undecodable: neither decoder makes a sample of it.
    """
    container = container_of(path)
    openers: list[Callable[[Path, Container], Recording]]
    openers = [by_libsndfile.open_file] if container.by_libsndfile and container.offset == 0 else []
    openers.append(by_ffmpeg.open_file)
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
            yield recording, chain((first,), blocks)
            return
        finally:
            recording.close()
    raise why


def _within_reason(stated: Stated) -> None:
    if stated.sample_rate_hz not in RATES_HZ:
        raise Undecodable(f"sample rate is {stated.sample_rate_hz} Hz, limits are {RATES_HZ[0]} and {RATES_HZ[-1]} Hz")
    if stated.channels not in CHANNELS:
        raise Undecodable(f"{stated.channels} channels, limits are {CHANNELS[0]} and {CHANNELS[-1]}")
