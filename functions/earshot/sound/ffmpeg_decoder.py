"""FFmpeg, through PyAV: any audio stream in, blocks out.

What cannot be decoded amid a stream is stepped over, as the `ffmpeg` command does, and reported.
"""

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from earshot.errors import Undecodable
from earshot.sound import ffmpeg_streams
from earshot.sound.containers import Container
from earshot.sound.decoder_output import BLOCK_FRAMES, Block, Stated
from earshot.sound.ffmpeg_streams import MOST_PLANES, words
from earshot.sound.file_range import FileRange
from earshot.sound.ogg_links import Link

LARGEST_FRAME = 4096  # of AAC with its extensions, and of ALAC
_SCALE = {"u8": 2.0**-7, "s16": 2.0**-15, "s32": 2.0**-31, "s64": 2.0**-63}


class FfmpegRecording:
    """A file whose best audio stream FFmpeg decodes."""

    def __init__(
        self,
        file: av.container.InputContainer,
        container: Container,
        following: Sequence[FileRange] = (),
        duration_s: float | None = None,
        *,
        is_exact: bool = False,
    ) -> None:
        """Take over an open file, and decode its first frame: a header may state half the rate (HE-AAC does).

        Args:
            file: the file, or its first link.
            container: what it was sniffed as.
            following: the links after the first, of a chained Ogg file.
            duration_s: what the headers state together, where not the file alone does.
            is_exact: the headers count samples.

        Raises:
            Undecodable: no audio stream, or a codec that this build cannot decode.
        """
        self._file, self._following, self._container = file, following, container
        stream = ffmpeg_streams.best_audio(file, container)
        self._opus_delay = ffmpeg_streams.OpusDelay(stream) if container.demuxer == "matroska" else None
        self._broken = self._changes = self.stream_bits = 0
        self._ended: str | None = None
        self.block_frames = BLOCK_FRAMES
        self._frames = self._decoded(stream)
        self._first = next(self._frames, None)
        context = stream.codec_context
        shown = context if self._first is None else self._first
        stated_s = duration_s or ffmpeg_streams.duration_s(file, stream, container)
        self._edited_s = stated_s if container.demuxer in ("mp4", "mov", "3gp") and stream.duration else None
        self.stated = Stated(
            container=container.name,
            codec=context.codec.canonical_name,
            sample_rate_hz=shown.sample_rate,
            channels=shown.layout.nb_channels,
            positions=ffmpeg_streams.positions(shown.layout),
            bit_depth=ffmpeg_streams.bit_depth(context),
            duration_s=stated_s,
            is_duration_exact=is_exact,
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
        """Decode; FFmpeg gathers its frames into blocks of `block_frames`.

        What follows the end that an MP4's edit list sets, within one frame of the codec, is padding; more than that,
        and the header is wrong. The codec delay of Opus that the demuxer left in is dropped.
        """
        end = round(self._edited_s * self.stated.sample_rate_hz) if self._edited_s else 0
        first_samples = self._first.samples if self._first is not None else 0
        delay = self._opus_delay.left_in(first_samples) if self._opus_delay else 0
        beyond: list[Block] = []
        position = 0
        for gathered in self._gathered():
            block, delay = gathered[delay:], max(delay - len(gathered), 0)
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
        for link in self._following:
            link.close()

    def _gathered(self) -> Iterator[Block]:
        if self._first is None:
            return
        fifo, time_base = av.AudioFifo(), self._first.time_base
        for frame in chain((self._first,), self._alike(self._first)):
            frame.pts, frame.time_base = None, time_base
            fifo.write(frame)
            while fifo.samples >= self.block_frames and (whole := fifo.read(self.block_frames)):
                yield _samples(whole)
        if rest := fifo.read(fifo.samples):
            yield _samples(rest)

    def _alike(self, first: av.AudioFrame) -> Iterator[av.AudioFrame]:
        """The frames after the first; converted where format, channels or rate change amid the stream."""
        wanted = shape = first.format.name, first.layout.nb_channels, first.sample_rate
        resampler: av.AudioResampler | None = None
        for frame in self._frames:
            before, shape = shape, (frame.format.name, frame.layout.nb_channels, frame.sample_rate)
            if shape != before:
                self._changes += 1
                yield from self._converted(resampler, None)  # what the filter still holds of the stretch before
                resampler = av.AudioResampler(first.format.name, first.layout.name, first.sample_rate)
            if shape == wanted:
                yield frame
            else:
                frame.pts = None
                yield from self._converted(resampler, frame)
        yield from self._converted(resampler, None)

    def _converted(self, resampler: av.AudioResampler | None, frame: av.AudioFrame | None) -> list[av.AudioFrame]:
        try:
            return resampler.resample(frame) if resampler else []
        except (av.FFmpegError, ValueError):
            self._broken += frame is not None
            return []

    def _decoded(self, stream: "av.AudioStream") -> Generator[av.AudioFrame, None, None]:
        yield from self._frames_of(self._file, stream)
        for link in self._following:
            try:
                with av.open(link, "r", format=self._container.demuxer, metadata_errors="replace") as file:
                    yield from self._frames_of(file, ffmpeg_streams.best_audio(file, self._container))
            except (av.FFmpegError, OSError, ValueError, Undecodable):
                self._broken += 1

    def _frames_of(self, file: av.container.InputContainer, stream: "av.AudioStream") -> Iterator[av.AudioFrame]:
        packets = file.demux(stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.FFmpegError, OSError, ValueError) as error:
                self._ended = f"stream ends early: {words(error)}"
                return
            self.stream_bits += 8 * packet.size
            if self._opus_delay and self._opus_delay.is_open:
                self._opus_delay.count(bytes(packet))
            try:
                frames = packet.decode()
            except (av.FFmpegError, OSError, ValueError):
                self._broken += 1
                continue
            if frames and self._opus_delay:
                self._opus_delay.is_open = False
            yield from frames


def open_file(path: Path, container: Container, links: Sequence[Link] = ()) -> FfmpegRecording:
    """Open a file's best audio stream.

    Args:
        path: the file.
        container: what it was sniffed as: the one demuxer that may read it.
        links: of an Ogg file; where it has several, each is decoded for itself.

    Raises:
        Undecodable: FFmpeg cannot, or there is no audio stream.
    """
    skipped = 0 if container.is_tagged and container.demuxer in ffmpeg_streams.READ_ID3 else container.offset
    options = {"protocol_whitelist": "file", "skip_initial_bytes": str(skipped)}
    ranges = [FileRange(path, link.start, link.end) for link in links] if len(links) > 1 else []
    try:
        file = av.open(
            ranges[0] if ranges else f"file:{path}",
            "r",
            format=container.demuxer,
            metadata_errors="replace",
            container_options=options,
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Undecodable(f"FFmpeg: {words(error)}") from error
    try:
        is_exact = ffmpeg_streams.counts_samples(path, container)
        return FfmpegRecording(file, container, ranges[1:], ffmpeg_streams.chained_s(links), is_exact=is_exact)
    except BaseException:
        file.close()
        raise


def _samples(frame: av.AudioFrame) -> Block:
    """A frame's samples, shape (frames, channels)."""
    if frame.format.is_planar and frame.layout.nb_channels >= MOST_PLANES:
        packed = av.AudioResampler(frame.format.packed.name, frame.layout, frame.sample_rate).resample(frame)
        frame = packed[0]
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
