"""Bytes as they come in, blocks of samples out at once: a pipe is decoded while it is still open.

FFmpeg reads the stream from front to back, by the one demuxer that the first bytes name. What needs the end of a file
before its first sample (an MP4 with its index at the end, CAF, WavPack) is copied to a temporary file and decoded when
the stream has ended. Memory does not grow with the length of the stream.
"""

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Protocol

import av

from earshot.errors import Empty, Undecodable
from earshot.sound.containers import Container
from earshot.sound.decode import Decoding, opened, within_limits
from earshot.sound.ffmpeg_decoder import FfmpegRecording
from earshot.sound.ffmpeg_streams import READ_ID3, words
from earshot.sound.limits_per_file import Limits
from earshot.sound.sniff_container import HEAD_BYTES, JUNK_BYTES, is_undecided, sniff

STREAMED = (
    *("wav", "w64", "aiff", "au", "nistsphere", "voc", "flac", "tta", "ogg", "mp3", "aac", "ac3", "amr"),
    *("matroska", "asf", "avi", "flv", "mpegts", "mpeg"),
)  # demuxers that need no seeking
BLOCK_S = 0.05
COPIED_AT_ONCE = 1 << 16
ENDLESS = Limits(max_duration_s=math.inf, wall_s=math.inf)
# By default FFmpeg decodes up to five seconds before it reports the properties of a stream.
PROBED = {"probesize": str(HEAD_BYTES), "analyzeduration": "100000"}  # bytes; microseconds
_SAMPLES = {8: "u8", 16: "s16le", 24: "s24le", 32: "s32le"}  # FFmpeg's demuxers of plain samples, by bits
_PCM = 1  # WAVE_FORMAT_PCM
_OPEN = (0, 0xFFFF_FFFF)  # what writes to a pipe puts for the length of the data


class Source(Protocol):
    """A stream of bytes; `read1` waits for at least one of them, and gives an empty string at the end."""

    def read1(self, size: int = -1, /) -> bytes: ...


@contextmanager
def opened_stream(source: Source, limits: Limits = ENDLESS) -> Iterator[Decoding]:
    """A stream being decoded, in blocks of `BLOCK_S` at most where its container allows.

    Raises:
        Empty: no bytes, or not one sample.
        NotAudio: by its first bytes.
        Undecodable: FFmpeg makes no sample of it.
    """
    head = _read(source, HEAD_BYTES)
    if is_undecided(head):
        head += _read(source, JUNK_BYTES - len(head))
    container = sniff(head)
    if container.demuxer not in STREAMED or container.is_free_format:
        with _copied(head, source) as path, opened(path, limits) as decoding:
            yield decoding
        return
    recording = _open(head, source, container)
    try:
        within_limits(recording.stated)
        recording.block_frames = math.ceil(BLOCK_S * recording.stated.sample_rate_hz)
        blocks = recording.blocks()
        first = next(blocks, None)
        if first is None:
            raise Undecodable(recording.fault) if recording.fault else Empty("not one sample")
        yield Decoding(recording, chain((first,), blocks), limits)
    finally:
        recording.close()


def _open(head: bytes, source: Source, container: Container) -> FfmpegRecording:
    wav = plain_samples(head) if container.offset == 0 else None
    if wav:
        demuxer, options = wav.demuxer, {"sample_rate": str(wav.sample_rate_hz), "ch_layout": f"{wav.channels}C"}
        joined = _Joined(head[wav.offset :], source, wav.length)
    else:
        demuxer, options = container.demuxer, {}
        skipped = 0 if container.is_tagged and container.demuxer in READ_ID3 else container.offset
        joined = _Joined(head[skipped:], source, None, skip=max(skipped - len(head), 0))
    try:
        file = av.open(
            joined,
            "r",
            format=demuxer,
            metadata_errors="replace",
            buffer_size=HEAD_BYTES,
            container_options=PROBED | options,
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Undecodable(f"FFmpeg: {words(error)}") from error
    try:
        return FfmpegRecording(file, container)
    except BaseException:
        file.close()
        raise


@dataclass(frozen=True)
class PlainSamples:
    """Where the plain samples of a WAV file begin, and what they are."""

    offset: int
    length: int | None
    """Bytes; None where the header leaves it open."""
    demuxer: str
    sample_rate_hz: int
    channels: int


def plain_samples(head: bytes) -> PlainSamples | None:
    """The plain samples of a WAV file, by its first bytes; None where FFmpeg had better read the header.

    FFmpeg's own demuxer waits for 64 KiB of them, which may hold a film's coded sound: eight seconds of `arecord`.
    """
    if not head.startswith(b"RIFF") or head[8:12] != b"WAVE":
        return None
    at, found = 12, None
    while len(head) >= at + 8:
        name, size = struct.unpack_from("<4sI", head, at)
        if name == b"data":
            if found is None:
                return None
            demuxer, rate_hz, channels = found
            return PlainSamples(at + 8, None if size in _OPEN else size, demuxer, rate_hz, channels)
        if name == b"fmt " and len(head) >= at + 24:
            kind, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", head, at + 8)
            if kind != _PCM or bits not in _SAMPLES or not channels or not rate_hz:
                return None
            found = _SAMPLES[bits], rate_hz, channels
        at += 8 + size + size % 2
    return None


class _Joined:
    """Bytes that were read ahead, then the rest of the stream: what FFmpeg reads from."""

    def __init__(self, head: bytes, source: Source, length: int | None, skip: int = 0) -> None:
        """Read at most `length` bytes, after `skip` of the source are thrown away."""
        self._head, self._source, self._skip = head, source, skip
        self._left = math.inf if length is None else length

    def read(self, size: int = -1) -> bytes:
        """What is there, at most `size` bytes; waits for one byte; empty at the end."""
        while self._skip and (skipped := self._source.read1(min(self._skip, JUNK_BYTES))):
            self._skip -= len(skipped)
        wanted = int(min(size if size > 0 else HEAD_BYTES, self._left))
        if not wanted:
            return b""
        data, self._head = self._head[:wanted], self._head[wanted:]
        data = data or self._source.read1(wanted)
        self._left -= len(data)
        return data


def _read(source: Source, size: int) -> bytes:
    """Bytes of the stream, as many unless it ends before."""
    parts = bytearray()
    while len(parts) < size and (data := source.read1(size - len(parts))):
        parts += data
    return bytes(parts)


@contextmanager
def _copied(head: bytes, source: Source) -> Iterator[Path]:
    with TemporaryDirectory(prefix="earshot-") as folder:
        path = Path(folder, "input")
        with path.open("wb") as file:
            file.write(head)
            _copy(source, file)
        yield path


def _copy(source: Source, file: IO[bytes]) -> None:
    while data := source.read1(COPIED_AT_ONCE):
        file.write(data)
