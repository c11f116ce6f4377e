"""A matrix of levels as a PNG with a palette, by zlib alone: no imaging library in an image that draws nothing else."""

import struct
import zlib

import numpy as np
import numpy.typing as npt

MAGMA = bytes.fromhex(
    "00000402010903031206051a0a08220e0b2b130d34180f3d1d114722115029115a2f116336106b3d0f71440f764a1079"
    "52137c59157e5f187f651a806b1d81721f817822817e24828426818b2981912b81982d809e2f7fa5317eab337cb2357b"
    "ba3878c03a76c73d73cd4071d3436ed9466bdf4a68e44f64e95462ed5a5ff1605df4675cf66e5cf8765cfa7d5efb8560"
    "fc8e64fd9668fe9d6cfea571feac76feb47bfebb81fec287feca8dfed194fed89afde0a1fde7a9fceeb0fcf6b8fcfdbf"
)
"""64 colours from black over violet to pale yellow, even steps to the eye: magma of matplotlib (CC0)."""
STEPS = len(MAGMA) // 3


def png(levels: npt.NDArray[np.uint8]) -> bytes:
    """Encode.

    Args:
        levels: shape (rows, columns), top row first, values below STEPS.
    """
    rows, columns = levels.shape
    lines = np.zeros((rows, columns + 1), np.uint8)  # each line begins with its filter: none
    lines[:, 1:] = levels
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    data = zlib.compress(lines.tobytes(), 6)
    parts = ((b"IHDR", header), (b"PLTE", MAGMA), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
