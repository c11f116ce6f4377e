"""The links of an Ogg file: where each logical stream begins and ends, and how many samples its pages promise.

A chained Ogg file is several complete Ogg files in a row, often of different rates and channel counts. Only page
headers are read (RFC 3533, 6), so a link costs a seek for each of its pages and no decoding.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

MOST_LINKS = 1000  # more in one file are decoded as one stream
MOST_PAGES = 2_000_000  # about 8 GB of ordinary pages
_HEADER = 27
_FIRST, _LAST = 0x02, 0x04  # header flags: first and last page of a logical stream
NO_GRANULE = (1 << 64) - 1  # no packet ends on the page


@dataclass
class Link:
    """One link of an Ogg file."""

    start: int
    """Offset of its first byte."""
    end: int = 0
    """Offset behind its last byte."""
    head: bytes = b""
    """The first packet of its first stream, which names the codec."""
    streams: int = 0
    audio_bytes: int = 0
    """Payload of the pages behind the codec's headers."""
    granule: int = 0
    """Granule position of the last page that has one: samples from the start, for audio codecs."""
    is_ended: bool = False
    """A page is flagged as the stream's last."""
    is_whole: bool = True
    """No page is missing, by their sequence numbers, and the last is complete."""

    @property
    def vorbis(self) -> tuple[int, int] | None:
        """Sample rate in Hz and channels of a Vorbis stream; None for other codecs."""
        if not self.head.startswith(b"\x01vorbis") or len(self.head) < 16:
            return None
        return int.from_bytes(self.head[12:16], "little"), self.head[11]


def links(path: Path) -> list[Link]:
    """The links of an Ogg file in order; empty where its first bytes are no Ogg page.

    Bytes between pages, as damaged files have, end the list: what follows belongs to the last link.
    """
    found: list[Link] = []
    sequence: dict[int, int] = {}
    are_heads = False  # amid the first pages of a link, one for each of its streams
    with path.open("rb", buffering=1 << 16) as file:
        size = path.stat().st_size
        offset = 0
        for _ in range(MOST_PAGES):
            header = file.read(_HEADER)
            if len(header) < _HEADER or header[:4] != b"OggS":
                break
            lacing = file.read(header[26])
            length = sum(lacing)
            serial, number = int.from_bytes(header[14:18], "little"), int.from_bytes(header[18:22], "little")
            if header[5] & _FIRST:
                if not are_heads:
                    if len(found) == MOST_LINKS:
                        break
                    found.append(Link(start=offset, head=file.read(min(length, 64))))
                    sequence = {}
                are_heads = True
                found[-1].streams += 1
            elif found:
                are_heads = False
                _count(found[-1], header, length, number == sequence.get(serial, number - 1) + 1)
            sequence[serial] = number
            offset += _HEADER + header[26] + length
            if offset > size and found:
                found[-1].is_whole = False
            file.seek(offset)
        if found and offset < size:
            found[-1].is_whole = False
    for link, following in pairwise(found):
        link.end = following.start
    if found:
        found[-1].end = size
    return found


def _count(link: Link, header: bytes, length: int, is_next: bool) -> None:
    granule = int.from_bytes(header[6:14], "little")
    link.is_whole &= is_next
    link.is_ended |= bool(header[5] & _LAST)
    if granule == 0:
        return  # a page of the codec's headers
    link.audio_bytes += length
    if granule != NO_GRANULE:
        link.granule = max(link.granule, granule) if granule < 1 << 62 else link.granule
