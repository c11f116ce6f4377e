"""FLAC frames without the file header, as a stream that was recorded from its middle has. Source: RFC 9639, 9.1."""

MOST_HEADER_BYTES = 16
_SYNC = (b"\xff\xf8", b"\xff\xf9")
_POLYNOMIAL = 0x07
_TABLE: list[int] = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte << 1 ^ (_POLYNOMIAL if _byte & 0x80 else 0)
    _TABLE.append(_byte & 0xFF)


def first_flac_frame(head: bytes) -> int | None:
    """Offset of the first FLAC frame in `head` that the next one follows; None without such a pair."""
    first: tuple[int, bytes, int] | None = None
    for offset in sorted(at for sync in _SYNC for at in _all(head, sync)):
        header = _header(head, offset)
        if header is None:
            continue
        kind, number = header
        if first is not None and kind == first[1] and number > first[2]:
            return first[0]
        if first is None or offset - first[0] > 1 << 15:
            first = offset, kind, number
    return None


def _all(head: bytes, sync: bytes) -> list[int]:
    found, at = [], head.find(sync)
    while at != -1:
        found.append(at)
        at = head.find(sync, at + 1)
    return found


def _header(head: bytes, offset: int) -> tuple[bytes, int] | None:
    """The bytes that all frames of a stream share, and the frame's number; None where its CRC-8 is wrong."""
    header = head[offset : offset + MOST_HEADER_BYTES]
    if len(header) < MOST_HEADER_BYTES or header[3] & 1 or header[2] >> 4 == 0 or header[2] & 15 == 15:
        return None
    if header[3] >> 4 > 10 or header[3] >> 1 & 7 == 3:
        return None  # reserved channel assignment or bit depth
    length, number = _coded_number(header[4:11])
    if not length:
        return None
    end = 4 + length + {6: 1, 7: 2}.get(header[2] >> 4, 0) + {12: 1, 13: 2, 14: 2}.get(header[2] & 15, 0)
    crc = 0
    for byte in header[:end]:
        crc = _TABLE[crc ^ byte]
    return (header[1:2] + bytes([header[2] & 15, header[3] & 0x0E]), number) if crc == header[end] else None


def _coded_number(body: bytes) -> tuple[int, int]:
    """Length and value of a number coded like UTF-8, of up to seven bytes; length 0 where it is not one."""
    lead = body[0]
    if lead < 0x80:
        return 1, lead
    length = next((bits for bits in range(2, 8) if lead >> (7 - bits) & 1 == 0), 7)
    number = lead & (0x7F >> length)
    if lead < 0xC0 or any(byte & 0xC0 != 0x80 for byte in body[1:length]):
        return 0, 0
    for byte in body[1:length]:
        number = number << 6 | byte & 0x3F
    return length, number
