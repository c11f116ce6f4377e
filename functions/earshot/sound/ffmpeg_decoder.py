"""FFmpeg, through PyAV: any audio stream in, blocks out. What cannot be decoded amid a stream is stepped over, as the
`ffmpeg` command does, and reported.
"""

import re
from collections.abc import Generator, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from earshot.errors import Undecodable
from earshot.sound.containers import Container
from earshot.sound.decoder_output import BLOCK_FRAMES, Block, Stated

LARGEST_FRAME = 4096  # of AAC with its extensions, and of ALAC
_SCALE = {"u8": 2.0**-7, "s16": 2.0**-15, "s32": 2.0**-31, "s64": 2.0**-63}
_LOSSLESS = ("flac", "alac", "wavpack", "tta", "ape", "als", "mlp", "truehd", "tak", "wmalossless")


class FfmpegRecording:
    """A file whose best audio stream FFmpeg decodes."""

    def __init__(self, file: av.container.InputContainer, stream: "av.AudioStream", container: Container) -> None:
        """Take over an open file, and decode its first frame: a header may state half the rate (HE-AAC does)."""
        self._file = file
        self._stream = stream
        self._broken = 0
        self._changes = 0
        self._ended: str | None = None
        self.stream_bits = 0
        self._frames = self._decoded()
        self._first = next(self._frames, None)
        context = stream.codec_context
        shown = context if self._first is None else self._first
        duration_s = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None
        self._edited_s = duration_s if container.demuxer in ("mp4", "mov", "3gp") else None
        self.stated = Stated(
            container=container.name,
            codec=context.codec.canonical_name,
            sample_rate_hz=shown.sample_rate,
            channels=shown.layout.nb_channels,
            positions=_positions(shown.layout),
            bit_depth=_bit_depth(context),
            duration_s=duration_s or (file.duration / av.time_base if file.duration else None),
            tags={**stream.metadata, **file.metadata},
        )

    @property
    def fault(self) -> str | None:
        """Packets stepped over, changes of format amid the stream, and why it ended early."""
        faults = [
            f"{self._broken} broken packets" if self._broken else "",
            f"{self._changes} changes of format" if self._changes else "",
            self._ended or "",
        ]
        return "; ".join(filter(None, faults)) or None

    def blocks(self) -> Iterator[Block]:
        """Decode; FFmpeg gathers its frames into blocks of `BLOCK_FRAMES`. What follows the end that an MP4's edit list
        sets, within one frame of the codec, is padding; more than that, and the header is wrong.
        """
        end = round(self._edited_s * self.stated.sample_rate_hz) if self._edited_s else 0
        beyond: list[Block] = []
        position = 0
        for block in self._gathered():
            kept = block[: max(end - position, 0)] if end else block
            position += len(block)
            if len(kept):
                yield kept
            if len(kept) < len(block):
                beyond.append(block[len(kept) :])
                if position - end > LARGEST_FRAME:
                    yield from beyond
                    beyond, end = [], 0

    def close(self) -> None:
        """Close the file."""
        self._frames.close()
        self._file.close()

    def _gathered(self) -> Iterator[Block]:
        if self._first is None:
            return
        fifo, time_base = av.AudioFifo(), self._first.time_base
        for frame in chain((self._first,), self._alike(self._first)):
            frame.pts, frame.time_base = None, time_base
            fifo.write(frame)
            if fifo.samples >= BLOCK_FRAMES and (whole := fifo.read(BLOCK_FRAMES)):
                yield _samples(whole)
        if rest := fifo.read(fifo.samples):
            yield _samples(rest)

    def _alike(self, first: av.AudioFrame) -> Iterator[av.AudioFrame]:
        """The frames after the first; converted where format, channels or rate change amid the stream."""
        wanted = shape = first.format.name, first.layout.nb_channels, first.sample_rate
        resampler = av.AudioResampler(first.format.name, first.layout.name, first.sample_rate)
        for frame in self._frames:
            before, shape = shape, (frame.format.name, frame.layout.nb_channels, frame.sample_rate)
            if shape == wanted:
                yield frame
                continue
            if shape != before:
                self._changes += 1
                resampler = av.AudioResampler(first.format.name, first.layout.name, first.sample_rate)
            frame.pts = None
            try:
                yield from resampler.resample(frame)
            except (av.FFmpegError, ValueError):
                self._broken += 1

    def _decoded(self) -> Generator[av.AudioFrame, None, None]:
        packets = self._file.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.FFmpegError, OSError, ValueError) as error:
                self._ended = f"stream ends early: {_words(error)}"
                return
            self.stream_bits += 8 * packet.size
            try:
                yield from packet.decode()
            except (av.FFmpegError, OSError, ValueError):
                self._broken += 1


def open_file(path: Path, container: Container) -> FfmpegRecording:
    """Open a file's best audio stream.

    Raises:
        Undecodable: FFmpeg cannot, or there is no audio stream.
    """
    skipped = 0 if container.is_tagged else container.offset
    options = {"protocol_whitelist": "file", "skip_initial_bytes": str(skipped)}
    try:
        file = av.open(f"file:{path}", format=container.demuxer, metadata_errors="replace", container_options=options)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Undecodable(f"FFmpeg: {_words(error)}") from error
    try:
        stream = file.streams.best("audio")
        if not isinstance(stream, av.AudioStream):
            raise Undecodable(f"{container.name} without an audio stream")
        if stream.codec_context is None:
            raise Undecodable(f"{container.name} with a codec that this build cannot decode")
        stream.codec_context.options = {"request_sample_fmt": "s16p"}  # channel by channel, where the codec can
        return FfmpegRecording(file, stream, container)
    except BaseException:
        file.close()
        raise


def _samples(frame: av.AudioFrame) -> Block:
    """A frame's samples, shape (frames, channels)."""
    kind = frame.format.name.removesuffix("p")
    planes: npt.NDArray[Any] = frame.to_ndarray()
    rows = planes if frame.format.is_planar else planes.reshape(-1, frame.layout.nb_channels).T
    if kind == "flt":
        return np.asfortranarray(rows.T)
    if kind == "u8":
        rows = rows.astype(np.int16) - 128
    floats = np.empty(rows.shape, np.float32)
    np.multiply(rows, np.float32(_SCALE.get(kind, 1.0)), out=floats, casting="same_kind")
    return floats.T


def _positions(layout: av.AudioLayout) -> tuple[str, ...]:
    named = tuple(channel.name for channel in layout.channels)
    return named if len(set(named)) == layout.nb_channels else ()


def _bit_depth(context: av.AudioCodecContext) -> int | None:
    name, extradata = context.codec.canonical_name, context.extradata or b""
    if name == "flac" and len(extradata) >= 34:  # STREAMINFO, RFC 9639, 8.2
        return ((extradata[12] & 1) << 4 | extradata[13] >> 4) + 1
    if name == "alac" and len(extradata) >= 18:  # ALACSpecificConfig behind its box header
        return extradata[17]
    if width := re.fullmatch(r"pcm_[sfu](\d+)\w*", name):
        return int(width[1])
    return 8 * context.format.bytes if name in _LOSSLESS and context.format else None


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
