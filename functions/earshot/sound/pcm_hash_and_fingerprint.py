"""What makes two recordings the same: the samples themselves, and how they sound."""

from hashlib import sha256
from typing import Final

import numpy as np
import soxr

from earshot.sound.decoder_output import Block, Facts
from earshot.sound.fingerprint_bands import bands, codes_hex

try:
    import chromaprint  # the extra `fingerprint`, which needs the system's libchromaprint
except ImportError:
    chromaprint = None

FINGERPRINTED_S = 120  # of a recording's beginning, as AcoustID does
WITHOUT_FINGERPRINT: Final[Facts] = dict.fromkeys(("fingerprint", "fingerprint_codes", "fingerprint_bands"))
CHROMAPRINT_HZ = 11_025  # what it works at; brought there by soxr, its own resampler takes three times as long


class Identity:
    """Hashes the samples."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        """Start with no samples."""
        self._hash = sha256(f"{rate_hz} Hz, {channels} channels, float32 little endian\n".encode())

    def add(self, block: Block) -> None:
        """Process the next block."""
        self._hash.update(np.ascontiguousarray(block, dtype="<f4").data)

    def facts(self) -> Facts:
        """`pcm_sha256`: over a line with rate and channels, then the samples, frame by frame, as 32-bit floats."""
        return {"pcm_sha256": self._hash.hexdigest()}


class Fingerprint:
    """Fingerprints the beginning, mixed to one channel, where the library is there."""

    def __init__(self, rate_hz: int) -> None:
        """Start with no samples."""
        self._left = FINGERPRINTED_S * rate_hz if chromaprint is not None else 0
        self._printer = None
        if chromaprint is not None:
            self._resampled = soxr.ResampleStream(rate_hz, CHROMAPRINT_HZ, 1, dtype="float32", quality="LQ")
            self._printer = chromaprint.Fingerprinter()
            self._printer.start(CHROMAPRINT_HZ, 1)

    def add(self, block: Block) -> None:
        """Process the next block."""
        if self._left > 0:
            mono = block[: self._left].T.sum(axis=0) / np.float32(block.shape[1])
            self._left -= len(block)
            self._feed(mono, last=self._left <= 0)

    def facts(self) -> Facts:
        """`fingerprint`, its codes and its bands: None without the library, and for what is too short."""
        if self._printer is None:
            return dict(WITHOUT_FINGERPRINT)
        if self._left > 0:
            self._feed(np.empty(0, np.float32), last=True)
        printed = self._printer.finish()
        codes = chromaprint.decode_fingerprint(printed)[0]
        if not codes:
            return dict(WITHOUT_FINGERPRINT)
        return {
            "fingerprint": printed.decode(),
            "fingerprint_codes": codes_hex(codes),
            "fingerprint_bands": bands(codes),
        }

    def _feed(self, mono: Block, *, last: bool) -> None:
        if self._printer is None:
            return
        samples = self._resampled.resample_chunk(mono, last=last) * 32768
        self._printer.feed(np.clip(samples, -32768, 32767).astype("<i2").tobytes())
