"""Streams of frames without a file header: MPEG audio, ADTS and AC-3.

A sync word alone proves nothing (random bytes hold one every 2 KiB), so frames must follow each other at the distance
that their headers state.
"""

from collections.abc import Iterator
from dataclasses import dataclass

FRAMES_IN_DOUBT = 3  # that must agree where the stream does not begin at the first byte

_BITRATES_KBPS = {  # MPEG version 1 or 2, layer: index 1-14; ISO 11172-3 2.4.2.3, ISO 13818-3 2.4.2.3
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_AC3_KBPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
_AC3_RATES_HZ = (48000, 44100, 32000)


@dataclass(frozen=True)
class Frame:
    """One frame: what kind, where, how long in bytes, and the header bits that every frame of a stream shares."""

    kind: str
    offset: int
    bytes: int
    shared: tuple[int, ...]


def first_frame(head: bytes, start: int = 0) -> Frame | None:
    """The first frame of a stream of frames in `head`, or None.

    At `start`, behind zero padding included, a frame counts when the next one agrees, or when the head ends before
    the next one could; anywhere later it takes `FRAMES_IN_DOUBT` of them in a row.
    """
    padded = start + len(head[start:]) - len(head[start:].lstrip(b"\0"))
    for offset in (start, padded):
        frame = frame_at(head, offset)
        if frame is not None and _agreeing(head, frame, 2):
            return frame
    if _is_free_format(head, padded):
        return Frame("free mp3", padded, 0, ())
    for frame in _candidates(head, padded):
        if _agreeing(head, frame, FRAMES_IN_DOUBT, to_the_end=False):
            return frame
    return None


def first_frame_in_junk(head: bytes, wanted: int) -> Frame | None:
    """The first of `wanted` frames in a row anywhere in `head`, or None."""
    return next((frame for frame in _candidates(head, 0) if _agreeing(head, frame, wanted, to_the_end=False)), None)


def frame_at(head: bytes, offset: int) -> Frame | None:
    """The frame whose header begins at `offset`, or None."""
    header = head[offset : offset + 7]
    if len(header) < 7:
        return None
    if header[0] == 0x0B and header[1] == 0x77:
        return _ac3(header, offset)
    if header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    return _adts(header, offset) if header[1] & 0xF6 == 0xF0 else _mpeg(header, offset)


def _is_free_format(head: bytes, offset: int) -> bool:
    """Whether MPEG layer III of free format begins there: the same header without a bit rate at equal distances."""
    header = head[offset : offset + 3]
    if len(header) < 3 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2 or header[2] & 0xF0 or header[2] & 0x0C == 0x0C:
        return False
    first = bytes([header[0], header[1]])
    starts = [offset]
    while len(starts) < FRAMES_IN_DOUBT:
        at = head.find(first, starts[-1] + 24)
        while at != -1 and (len(head) <= at + 2 or head[at + 2] & 0xFC != header[2] & 0xFC):
            at = head.find(first, at + 1)
        if at == -1:
            return False
        starts.append(at)
    return abs((starts[2] - starts[1]) - (starts[1] - starts[0])) <= 1


def _agreeing(head: bytes, frame: Frame, wanted: int, *, to_the_end: bool = True) -> bool:
    for _ in range(wanted - 1):
        end = frame.offset + frame.bytes
        if end + 7 > len(head):
            return to_the_end and end <= len(head)
        following = frame_at(head, end)
        if following is None or (following.kind, following.shared) != (frame.kind, frame.shared):
            return False
        frame = following
    return True


def _candidates(head: bytes, start: int) -> Iterator[Frame]:
    offset = head.find(b"\xff", start)
    while offset != -1:
        frame = frame_at(head, offset)
        if frame is not None:
            yield frame
        offset = head.find(b"\xff", offset + 1)


def _mpeg(header: bytes, offset: int) -> Frame | None:
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3 or header[3] & 3 == 2:
        return None  # reserved values, and the free format, whose frames do not state their length
    kbps = _BITRATES_KBPS[1 if version == 3 else 2, layer][bitrate - 1]
    rate_hz = _RATES_HZ[version][rate]
    if layer == 1:
        length = (12_000 * kbps // rate_hz + padding) * 4
    else:
        length = (72_000 if layer == 3 and version != 3 else 144_000) * kbps // rate_hz + padding
    return Frame("mp3" if layer == 3 else "mp2", offset, length, (version, layer, rate))


def _adts(header: bytes, offset: int) -> Frame | None:
    rate = header[2] >> 2 & 15
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    if rate > 12 or length < 8:
        return None
    return Frame("aac", offset, length, (header[1] & 8, header[2] & 0xFD, header[3] & 0xC0))


def _ac3(header: bytes, offset: int) -> Frame | None:
    rate, size, stream_id = header[4] >> 6, header[4] & 63, header[5] >> 3
    if stream_id > 10:  # E-AC-3, Annex E
        words = ((header[2] & 7) << 8 | header[3]) + 1
        return Frame("ac3", offset, 2 * words, (16,)) if stream_id <= 16 else None
    if rate == 3 or size >= 38:
        return None
    kbps = _AC3_KBPS[size >> 1]
    words = 96_000 * kbps // _AC3_RATES_HZ[rate] + (size & 1 if rate == 1 else 0)
    return Frame("ac3", offset, 2 * words, (rate, size >> 1))
