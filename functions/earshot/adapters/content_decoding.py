"""Content-Encoding undone: the blocks of a body in, the blocks of its content out, in memory of one block.

urllib3's decoders take a gzip stream that ends early for complete; these do not. A stream is complete when its last
member is (RFC 1952, 2.2 and 2.3.1). What follows the last member and is none itself is passed over, as browsers do.
"""

import zlib
from collections.abc import Callable, Iterator

MAX_BLOCK_BYTES = 64 * 1024  # of content; a few bytes of input may unfold to a thousand times as many
SLICE_BYTES = 4096  # of input at a time: the rest of a slice is copied for each member of a stream of many
MAX_ENCODINGS = 3  # one on top of the other
GZIP, ZLIB, RAW = 31, 15, -15  # wbits of zlib

Decoder = Callable[[Iterator[bytes]], Iterator[bytes]]


class Undecodable(ValueError):
    """The bytes are not of the declared encoding, or end before it does."""


def decoded(blocks: Iterator[bytes], content_encoding: str) -> Iterator[bytes]:
    """The content of a body, in blocks of at most 64 KiB where it was encoded.

    Args:
        content_encoding: the header's value; names that are not known are passed over, since servers write media
            types and charsets there.

    Raises:
        Undecodable: while reading.
    """
    names = [name.strip() for name in content_encoding.lower().split(",", MAX_ENCODINGS)]
    for name in reversed(names[:MAX_ENCODINGS]):
        if decoder := DECODERS.get(name):
            blocks = decoder(blocks)
    return blocks


def _gunzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(GZIP)
    fed = members = 0
    for data in _sliced(blocks):
        while data:
            if decoder.eof:
                if data[:1] != b"\x1f":
                    return
                decoder, fed = zlib.decompressobj(GZIP), 0
            fed += len(data)
            yield from _fed(decoder, data)
            data = decoder.unused_data
            members += decoder.eof
    if fed and not decoder.eof:
        raise Undecodable(f"gzip ends within member {members + 1}")


def _inflated(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """`deflate`: a zlib stream by RFC 9110, 8.4.1.2; some servers send it without the frame of zlib."""
    head, decoder = b"", None
    for data in _sliced(blocks):
        if decoder is None:
            head += data
            if len(head) < 2:
                continue
            framed = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
            decoder = zlib.decompressobj(ZLIB if framed else RAW)
            data = head
        yield from _fed(decoder, data)
        if decoder.eof:
            return
    if head or decoder:
        raise Undecodable("deflate ends early")


def _fed(decoder: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """All that the decoder makes of the data, block by block."""
    while True:
        try:
            block = decoder.decompress(data, MAX_BLOCK_BYTES)
        except zlib.error as error:
            raise Undecodable(str(error)) from error
        if block:
            yield block
        data = decoder.unconsumed_tail
        if decoder.eof or (not data and len(block) < MAX_BLOCK_BYTES):
            return


def _sliced(blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), SLICE_BYTES):
            yield block[start : start + SLICE_BYTES]


DECODERS: dict[str, Decoder] = {"gzip": _gunzipped, "x-gzip": _gunzipped, "deflate": _inflated}
