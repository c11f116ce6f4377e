"""The first bytes of a file in, its audio container out; or an error that names what the bytes are instead.

Only the bytes decide, never the name or the declared type. A container without a signature of its own (MPEG
audio, ADTS) must show consecutive frames that agree with each other; these alone may begin late: after ID3v2 tags,
after zero padding, or mid-frame as recorded radio streams do. Any other leading junk is not audio.
"""

from earshot.errors import Empty, NotAudio
from earshot.sound import containers
from earshot.sound.containers import Container
from earshot.sound.describe_non_audio import what_instead
from earshot.sound.headerless_streams import first_frame

HEAD_BYTES = 4096  # enough for three MPEG frames at 320 kbit/s, and for the first Ogg page


def sniff(head: bytes) -> Container:
    """Which audio container begins with these bytes.

    Args:
        head: the first `HEAD_BYTES` of the file, or all of it where it is shorter.

    Returns:
        The container; its `offset` is where the audio begins. A file whose ID3v2 tag outgrows the head
        is taken for mp3 (`is_certain` is False): decoding looks again behind the tag.

    Raises:
        Empty: no bytes.
        NotAudio: something else; the message names it.
    """
    if not head:
        raise Empty("no bytes at all")
    start = after_id3(head)
    if start >= len(head) and start > 0:
        return containers.MP3.at(start, is_tagged=True, is_certain=False)
    found = containers.by_signature(head[start:])
    if found is not None:
        return found.at(start, is_tagged=start > 0)
    if start == 0 and (instead := what_instead(head)):
        raise NotAudio(f"not audio but {instead}")
    frame = first_frame(head, start)
    if frame is None:
        raise NotAudio(f"not audio but {_unknown(head)}")
    return containers.BY_FRAME[frame.kind].at(frame.offset, is_tagged=start > 0)


def after_id3(head: bytes, start: int = 0) -> int:
    """Offset of the first byte behind all ID3v2 tags at `start`; may lie beyond the head."""
    while head[start : start + 3] == b"ID3" and len(head) >= start + 10:
        if head[start + 3] == 0xFF or any(byte & 0x80 for byte in head[start + 6 : start + 10]):
            break  # not a tag: version FF and size bytes above 127 do not exist (ID3v2.4 structure, 3.1)
        size = 0
        for byte in head[start + 6 : start + 10]:
            size = size << 7 | byte
        start += 10 + size + (10 if head[start + 5] & 0x10 else 0)  # a footer, by its flag
    return start


def _unknown(head: bytes) -> str:
    if not head.strip(b"\0"):
        return "zero bytes"
    return f"unknown bytes ({head[:8].hex(' ')})"
