"""What FFmpeg reports of an audio stream: which one, its layout, depth, duration, and the codec delay of Opus."""

import re
from collections.abc import Sequence
from pathlib import Path

import av

from earshot.errors import Undecodable
from earshot.sound.containers import Container
from earshot.sound.ogg_links import Link

MOST_PLANES = 8  # PyAV counts planes up to a null pointer, and FFmpeg's array of eight has none: from 8 on, packed
READ_ID3 = ("mp3", "aac", "flac", "tta", "ape", "mpc", "tak", "wv")  # demuxers that skip ID3v2 tags themselves
OPUS_HZ = 48_000
LATE_START_S = 1.0  # a first timestamp beyond is that of a piece of a stream, not a codec's delay
_COUNTING = ("mp4", "mov", "3gp", "flac", "tta", "wv", "ape", "wav", "w64", "aiff", "tak", "dsf")
_XING_BYTES = 64  # of the first MPEG frame: header, CRC, 32 bytes of side information, tag and flags
_LOSSLESS = ("flac", "alac", "wavpack", "tta", "ape", "als", "mlp", "truehd", "tak", "wmalossless")
_OPUS_FRAME_SAMPLES = (
    *((480, 960, 1920, 2880) * 3),  # SILK, by the upper five bits of the first byte; RFC 6716, table 2
    *((480, 960) * 2),  # hybrid
    *((120, 240, 480, 960) * 4),  # CELT
)


def best_audio(file: av.container.InputContainer, container: Container) -> "av.AudioStream":
    """The audio stream that a player would choose, its decoder asked for samples channel by channel.

    Raises:
        Undecodable: there is none, or this build has no decoder for it.
    """
    stream = file.streams.best("audio")
    if not isinstance(stream, av.AudioStream):
        raise Undecodable(f"{container.name} without an audio stream")
    if stream.codec_context is None:
        raise Undecodable(f"{container.name} with a codec that this build cannot decode")
    planar = stream.codec_context.channels < MOST_PLANES
    stream.codec_context.options = {"request_sample_fmt": "s16p" if planar else "s16"}
    return stream


def duration_s(file: av.container.InputContainer, stream: "av.AudioStream", container: Container) -> float | None:
    """The duration that the headers state, in seconds; None where they do not.

    The pre-skip of Ogg Opus is not part of it (RFC 7845, 4), nor is what precedes the first timestamp of Matroska.
    """
    stated = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None
    if stated and container.demuxer == "ogg":
        stated -= pre_skip(stream) / OPUS_HZ
    if stated is None and file.duration:
        stated = file.duration / av.time_base
        start = (file.start_time or 0) / av.time_base
        if container.demuxer == "matroska":
            stated -= start if LATE_START_S < start < stated else 0
            stated -= pre_skip(stream) / OPUS_HZ
    return stated if stated and stated > 0 else None


def counts_samples(path: Path, container: Container) -> bool:
    """Whether the headers count samples or frames, so that their duration is no estimate from the bit rate."""
    if container.demuxer != "mp3":
        return container.demuxer in _COUNTING
    with path.open("rb") as file:
        file.seek(container.offset)
        head = file.read(_XING_BYTES)
    return any(head[at + 7] & 1 for tag in (b"Xing", b"Info") if 0 <= (at := head.find(tag)) < len(head) - 8)


def chained_s(links: Sequence[Link]) -> float | None:
    """The duration of a chained Ogg file by its pages; None unless there are several links, all of Vorbis."""
    if len(links) < 2 or not all(link.vorbis and link.vorbis[0] for link in links):
        return None
    return sum(link.granule / link.vorbis[0] for link in links if link.vorbis)


def pre_skip(stream: "av.AudioStream") -> int:
    """Samples at 48 kHz that an Opus decoder drops at the start; 0 for other codecs."""
    head = stream.codec_context.extradata or b""
    return int.from_bytes(head[10:12], "little") if head.startswith(b"OpusHead") else 0


class OpusDelay:
    """Counts what of the pre-skip the Matroska demuxer has left in.

    It drops the element CodecDelay, which some writers scale by the input's rate instead of 48 kHz; the codec's own
    header is right.
    """

    def __init__(self, stream: "av.AudioStream") -> None:
        """Start before the first packet."""
        self._wanted = pre_skip(stream)
        self._coded = 0
        self.is_open = self._wanted > 0
        """No frame has been decoded yet."""

    def count(self, packet: bytes) -> None:
        """Count the samples that a packet codes."""
        if packet:
            frames = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 1)[packet[0] & 3]
            self._coded += frames * _OPUS_FRAME_SAMPLES[packet[0] >> 3]

    def left_in(self, first_samples: int) -> int:
        """Samples still to be dropped, given those of the first decoded frame."""
        return max(self._wanted - max(self._coded - first_samples, 0), 0)


def positions(layout: av.AudioLayout) -> tuple[str, ...]:
    """Loudspeaker of each channel; empty where the layout does not name them."""
    named = tuple(channel.name for channel in layout.channels)
    return named if len(set(named)) == layout.nb_channels else ()


def bit_depth(context: "av.AudioCodecContext") -> int | None:
    """Bits of a sample; None for lossy codecs."""
    name, extradata = context.codec.canonical_name, context.extradata or b""
    if name == "flac" and len(extradata) >= 34:  # STREAMINFO, RFC 9639, 8.2
        return ((extradata[12] & 1) << 4 | extradata[13] >> 4) + 1
    if name == "alac" and len(extradata) >= 18:  # ALACSpecificConfig behind its box header
        return extradata[17]
    if name.startswith(("dsd_", "dst")):
        return 1
    if width := re.fullmatch(r"pcm_[sfu](\d+)\w*", name):
        return int(width[1])
    return 8 * context.format.bytes if name in _LOSSLESS and context.format else None


def words(error: Exception) -> str:
    """A foreign error as the end of a sentence."""
    return getattr(error, "strerror", None) or type(error).__name__
