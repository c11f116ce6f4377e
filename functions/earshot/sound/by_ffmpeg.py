"""FFmpeg, through PyAV: any audio stream in, blocks out. What cannot be decoded amid a stream is stepped over, as the
`ffmpeg` command does, and reported."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from earshot.errors import Undecodable
from earshot.sound.blocks import BLOCK_FRAMES, Block, Stated, empty_block
from earshot.sound.containers import Container

LARGEST_FRAME = 4096  # of AAC with its extensions, and of ALAC
_SCALE = {"u8": 2.0**-7, "s16": 2.0**-15, "s32": 2.0**-31, "s64": 2.0**-63}
_LOSSLESS = ("flac", "alac", "wavpack", "tta", "ape", "als", "mlp", "truehd", "tak", "wmalossless")


class FfmpegRecording:
    """A file whose best audio stream FFmpeg decodes."""

    def __init__(self, file: av.container.InputContainer, stream: "av.AudioStream", container: Container) -> None:
        """Take over an open file."""
        self._file = file
        self._stream = stream
        self._shape: tuple[str, str, int] | None = None  # of the frames being converted
        self._broken = 0
        self._changes = 0
        self._ended: str | None = None
        self.stream_bits = 0
        self._edited_frames = 0
        if container.demuxer in ("mp4", "mov", "3gp") and stream.duration and stream.time_base:
            self._edited_frames = round(stream.duration * stream.time_base * stream.codec_context.sample_rate)
        context = stream.codec_context
        self._layout = context.layout.name
        self._resampler = av.AudioResampler("flt", self._layout, context.sample_rate)
        duration_s = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None
        self.stated = Stated(
            container=container.name,
            codec=context.codec.canonical_name,
            sample_rate_hz=context.sample_rate,
            channels=context.channels,
            positions=_positions(context),
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
        """Decode; frames are gathered into blocks of `BLOCK_FRAMES`."""
        held = empty_block(BLOCK_FRAMES, self.stated.channels)
        filled = 0
        for samples in self._without_padding(_samples(frame) for frame in self._frames()):
            while len(samples):
                taken = min(BLOCK_FRAMES - filled, len(samples))
                held[filled : filled + taken] = samples[:taken]
                samples, filled = samples[taken:], filled + taken
                if filled == BLOCK_FRAMES:
                    yield held
                    held, filled = empty_block(*held.shape), 0
        if filled:
            yield held[:filled]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _without_padding(self, parts: Iterator[Block]) -> Iterator[Block]:
        """MP4's edit list ends a recording within a codec's frame: what follows in that frame is padding. More than
        that is a recording longer than its header says."""
        end = self._edited_frames
        beyond: list[Block] = []
        position = 0
        for part in parts:
            kept = part[: max(end - position, 0)] if end else part
            position += len(part)
            if len(kept):
                yield kept
            if len(kept) < len(part):
                beyond.append(part[len(kept) :])
                if position - end > LARGEST_FRAME:
                    yield from beyond
                    beyond, end = [], 0

    def _frames(self) -> Iterator[av.AudioFrame]:
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
                frames = packet.decode()
            except (av.FFmpegError, OSError, ValueError):
                self._broken += 1
                continue
            for frame in frames:
                yield from self._as_stated(frame)

    def _as_stated(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        """The frame; converted where its rate or channels are not those that the stream began with."""
        shape = frame.format.name, frame.layout.name, frame.sample_rate
        if shape[2] == self.stated.sample_rate_hz and frame.layout.nb_channels == self.stated.channels:
            return [frame]
        if shape != self._shape:
            self._shape = shape
            self._changes += 1
            self._resampler = av.AudioResampler("flt", self._layout, self.stated.sample_rate_hz)
        frame.pts = None
        try:
            return self._resampler.resample(frame)
        except (av.FFmpegError, ValueError):
            self._broken += 1
            return []


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
            raise Undecodable(f"{container.name} with a codec that nobody here decodes")
        return FfmpegRecording(file, stream, container)
    except BaseException:
        file.close()
        raise


def _samples(frame: av.AudioFrame) -> Block:
    """A frame's samples, shape (frames, channels)."""
    kind = frame.format.name.removesuffix("p")
    planes: npt.NDArray[Any] = frame.to_ndarray()
    samples = planes.T if frame.format.is_planar else planes.reshape(-1, frame.layout.nb_channels)
    if kind == "u8":
        samples = samples.astype(np.int16) - 128
    return samples * np.float32(_SCALE[kind]) if kind in _SCALE else samples.astype(np.float32, copy=False)


def _positions(context: av.AudioCodecContext) -> tuple[str, ...]:
    named = tuple(channel.name for channel in context.layout.channels) if context.channels else ()
    return named if len(set(named)) == context.channels else ()


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
