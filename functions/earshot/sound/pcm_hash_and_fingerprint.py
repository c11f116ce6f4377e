"""What makes two recordings the same: the samples themselves, and how they sound."""

from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from earshot.sound.decoder_output import Block, Facts, mono
from earshot.sound.fingerprint_bands import bands, codes_hex

try:
    import chromaprint  # the extra `fingerprint`, which needs the system's libchromaprint
except ImportError:
    chromaprint = None

SAMPLE = np.dtype("<f4")
FINGERPRINTED_S = 120  # of a recording's beginning, as AcoustID does
WITHOUT_FINGERPRINT: Final[Facts] = dict.fromkeys(("fingerprint", "fingerprint_codes", "fingerprint_bands"))
LEAST_S = 2.72  # Chromaprint's first code takes 30,031 samples of 11,025 Hz, which are 2.724 s
CHROMAPRINT_HZ = 11_025  # what it works at; brought there by soxr, its own resampler takes three times as long

_IDLE: Final[list["chromaprint.Fingerprinter"]] = []
"""Used before, and as good as new once started again; making one takes longer than printing three seconds."""


class Identity:
    """Hashes the samples."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        """Start with no samples."""
        self._hash = sha256(f"{rate_hz} Hz, {channels} channels, float32 little endian\n".encode())

    def add(self, block: Block) -> None:
        """Process the next block."""
        if block.shape[1] == 1 and block.dtype == SAMPLE:
            self._hash.update(block.data)
            return
        interleaved = np.empty(block.shape, SAMPLE)
        for channel, row in enumerate(block.T):  # a tenth of the time of one copy of the whole
            interleaved[:, channel] = row
        self._hash.update(interleaved.data)

    def facts(self) -> Facts:
        """`pcm_sha256`: over a line with rate and channels, then the samples, frame by frame, as 32-bit floats."""
        return {"pcm_sha256": self._hash.hexdigest()}


class Fingerprint:
    """Fingerprints the beginning, mixed to one channel, where the library is there."""

    def __init__(self, rate_hz: int) -> None:
        """Start with no samples."""
        self._rate_hz = rate_hz
        self._left = FINGERPRINTED_S * rate_hz if chromaprint is not None else 0
        self._missing = LEAST_S * rate_hz
        self._held: list[npt.NDArray[np.float32]] = []  # until others follow, so that a short file is processed at once
        self._printer: chromaprint.Fingerprinter | None = None

    def add(self, block: Block) -> None:
        """Process the next block."""
        if self._left > 0:
            if self._held and self._missing <= 0:
                self._feed(last=False)
            self._held.append(mono(block[: self._left]))
            self._left -= len(block)
            self._missing -= len(block)

    def facts(self) -> Facts:
        """`fingerprint`, its codes and its bands: None without the library, and for what is too short."""
        if self._missing > 0 or not self._held:
            return dict(WITHOUT_FINGERPRINT)
        printer = self._feed(last=True)
        printed = printer.finish()
        _IDLE.append(printer)
        codes = chromaprint.decode_fingerprint(printed)[0]
        if not codes:
            return dict(WITHOUT_FINGERPRINT)
        return {
            "fingerprint": printed.decode(),
            "fingerprint_codes": codes_hex(codes),
            "fingerprint_bands": bands(codes),
        }

    def _feed(self, *, last: bool) -> "chromaprint.Fingerprinter":
        if self._printer is None:
            self._resampled = soxr.ResampleStream(self._rate_hz, CHROMAPRINT_HZ, 1, dtype="float32", quality="LQ")
            self._printer = _IDLE.pop() if _IDLE else chromaprint.Fingerprinter()
            self._printer.start(CHROMAPRINT_HZ, 1)
        waiting = self._held[0] if len(self._held) == 1 else np.concatenate(self._held)
        self._held.clear()
        samples = self._resampled.resample_chunk(waiting, last=last) * 32768
        self._printer.feed(np.clip(samples, -32768, 32767).astype("<i2").tobytes())
        return self._printer
