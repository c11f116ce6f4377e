"""What the header of a WAV file claims: which loudspeaker each channel feeds, and how much data there should be.

libsndfile corrects a false length silently and does not report the loudspeakers, hence this parser.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

POSITIONS = (  # by bit of dwChannelMask; Microsoft's WAVEFORMATEXTENSIBLE, named as FFmpeg names them
    "FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR", "TC", "TFL", "TFC", "TFR", "TBL", "TBC", "TBR",
)  # fmt: skip
UNKNOWN_BYTES = 0xFFFF_FFFF  # what writes to a pipe, or RF64, puts for a length
_EXTENSIBLE = 0xFFFE
_CHUNKS = 64  # looked at before the data; more is not a header


@dataclass(frozen=True)
class WavHeader:
    """What a WAV header claims."""

    positions: tuple[str, ...]
    """Empty where it states none, or for more loudspeakers than channels."""
    duration_s: float | None
    """By the length of the data chunk; None where the header leaves that open."""


def read(path: Path, offset: int = 0) -> WavHeader | None:
    """The header of a WAV or RF64 file that begins at `offset`; None where it is not one that can be followed."""
    positions: tuple[str, ...] = ()
    bytes_per_s, long_bytes = 0, None
    with path.open("rb") as file:
        file.seek(offset)
        if file.read(4) not in (b"RIFF", b"RF64", b"BW64") or file.read(8)[4:] != b"WAVE":
            return None
        for _ in range(_CHUNKS):
            header = file.read(8)
            if len(header) < 8:
                return None
            name, size = struct.unpack("<4sI", header)
            if name == b"data":
                size = long_bytes if size == UNKNOWN_BYTES and long_bytes is not None else size
                known = size not in (0, UNKNOWN_BYTES) and bytes_per_s
                return WavHeader(positions, size / bytes_per_s if known else None)
            body = file.read(min(size, 40)) if name in (b"fmt ", b"ds64") else b""
            if name == b"fmt " and len(body) >= 16:
                kind, channels, _, bytes_per_s = struct.unpack("<HHII", body[:12])
                if kind == _EXTENSIBLE and len(body) >= 24:
                    positions = _positions(int.from_bytes(body[20:24], "little"), channels)
            if name == b"ds64" and len(body) >= 16:
                long_bytes = int.from_bytes(body[8:16], "little")
            file.seek(size + size % 2 - len(body), 1)
    return None


def _positions(mask: int, channels: int) -> tuple[str, ...]:
    named = tuple(name for bit, name in enumerate(POSITIONS) if mask >> bit & 1)
    return named if len(named) == channels else ()
