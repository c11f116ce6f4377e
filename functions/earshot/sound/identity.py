"""What makes two recordings the same: the samples themselves, and how they sound."""

from hashlib import sha256

import numpy as np

from earshot.sound.blocks import Block, Facts

try:
    import chromaprint  # the extra `fingerprint`, which needs the system's libchromaprint
except ImportError:
    chromaprint = None

FINGERPRINTED_S = 120  # of a recording's beginning, as AcoustID does


class Identity:
    """Hashes samples, and fingerprints their beginning where the library is there."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        """Nothing heard yet."""
        self._hash = sha256(f"{rate_hz} Hz, {channels} channels, float32 little endian\n".encode())
        self._left = FINGERPRINTED_S * rate_hz
        self._printer = None
        if chromaprint is not None and channels <= 2:
            self._printer = chromaprint.Fingerprinter()
            self._printer.start(rate_hz, channels)

    def add(self, block: Block) -> None:
        """Hear a block."""
        self._hash.update(np.ascontiguousarray(block, dtype="<f4").data)
        if self._printer is not None and self._left > 0:
            samples = np.clip(block[: self._left] * 32768, -32768, 32767).astype("<i2")
            self._printer.feed(samples.tobytes())
            self._left -= len(block)

    def facts(self) -> Facts:
        """`pcm_sha256`, and `fingerprint`, None without the library or beyond two channels."""
        fingerprint = self._printer.finish().decode() if self._printer is not None else None
        return {"pcm_sha256": self._hash.hexdigest(), "fingerprint": fingerprint or None}
