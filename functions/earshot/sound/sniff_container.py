"""The first bytes of a file in, its audio container out; or an error that names what the bytes are instead.

Only the bytes decide, never the name or the declared type. A container without a signature of its own (MPEG
audio, ADTS) must show consecutive frames that agree with each other. These, and FLAC, may begin late: after ID3v2 tags,
after zero padding, mid-frame as recorded radio streams do, or after up to 64 KiB of anything that has no name of its
own, such as a tag with a wrong size. Before any other container, leading junk makes a file no audio.
"""

from earshot.errors import Empty, NotAudio
from earshot.sound import containers
from earshot.sound.containers import Container
from earshot.sound.describe_non_audio import what_instead
from earshot.sound.headerless_flac import first_flac_frame
from earshot.sound.headerless_streams import first_frame, first_frame_in_junk

HEAD_BYTES = 4096  # enough for three MPEG frames at 320 kbit/s, and for the first Ogg page
JUNK_BYTES = 72 << 10  # looked at where the head does not decide: up to 64 KiB of junk, then five frames of MPEG audio
FRAMES_BEHIND_JUNK = 5  # in a row, for a stream that begins beyond the head


def sniff(head: bytes) -> Container:
    """Which audio container begins with these bytes.

    Args:
        head: the first `HEAD_BYTES` of the file, or all of it where it is shorter; `JUNK_BYTES` where
            `is_undecided` is true of those.

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
    frame = first_frame(head[:HEAD_BYTES], start)
    if frame is None:
        return sniff_behind_junk(head, _unknown(head))
    return containers.BY_FRAME[frame.kind].at(frame.offset, is_tagged=start > 0)


def is_undecided(head: bytes) -> bool:
    """Whether more than these bytes, up to `JUNK_BYTES`, may show that they are audio after all."""
    try:
        sniff(head)
    except NotAudio as error:
        return str(error).startswith("not audio but unknown bytes") and HEAD_BYTES <= len(head) < JUNK_BYTES
    except Empty:
        pass
    return False


def sniff_behind_junk(head: bytes, instead: str) -> Container:
    """The MPEG audio, ADTS or FLAC stream that begins somewhere in these bytes.

    Raises:
        NotAudio: none does, so that the bytes are `instead`.
    """
    marker = head.find(b"fLaC\0\0\0\x22")  # with STREAMINFO, which has 34 bytes and comes first; RFC 9639, 8
    flac = first_flac_frame(head) if marker < 0 else marker
    frame = first_frame_in_junk(head, FRAMES_BEHIND_JUNK)
    if frame is not None and (flac is None or frame.offset < flac):
        return containers.BY_FRAME[frame.kind].at(frame.offset)
    if flac is not None:
        return containers.FLAC.at(flac)
    raise NotAudio(f"not audio but {instead}")


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
