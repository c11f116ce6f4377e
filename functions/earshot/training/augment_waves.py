"""Augmentation of waves by audiomentations: what log-mel power cannot imitate. Each part has a switch of its own.

A copy of a recording is made once and its features are cached, so it costs nothing a step. No part moves sound in
time: labels hold for the same milliseconds afterwards.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from earshot.errors import BadRequest
from earshot.training.synthesis.wav_and_spectrum_tools import Wave

HALF = 0.5  # of all copies get a part that is on


@dataclass(frozen=True)
class WaveAugment:
    """Which parts are on, and how many copies of each recording that trains are made beside it.

    Attributes:
        copies: 0 makes none.
        equaliser: seven bands, ±12 dB each.
        pitch: up to four semitones up or down, formants too, at the same length.
        distortion: a soft limiter driven into harmonics, as an overloaded preamplifier adds them.
        low_pass: nothing above 1.5 to 7.5 kHz, 12 to 24 dB an octave.
        high_pass: nothing below 20 Hz to 400 Hz.
        bit_depth: 6 to 12 bits a sample.
    """

    copies: int = 0
    equaliser: bool = True
    pitch: bool = True
    distortion: bool = True
    low_pass: bool = True
    high_pass: bool = True
    bit_depth: bool = True

    @property
    def key(self) -> str:
        """Names the parts that are on; part of the name of a copy's cached features."""
        parts = {name: on for name, on in asdict(self).items() if name != "copies"}
        return hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()[:8]

    def copy(self, wave: Wave, rate_hz: int, number: int, sha256: str) -> Wave:
        """That copy of a recording, of the same length; the same arguments give the same samples.

        Raises:
            BadRequest: audiomentations is not installed.
        """
        seed = int(hashlib.sha256(f"{sha256} {number}".encode()).hexdigest()[:8], 16)
        state, numpy_state = random.getstate(), np.random.get_state()
        random.seed(seed)
        np.random.seed(seed)
        try:
            changed = self._chain()(samples=wave, sample_rate=rate_hz)
        finally:
            random.setstate(state)
            np.random.set_state(numpy_state)
        return np.ascontiguousarray(np.nan_to_num(changed[: len(wave)]), dtype=np.float32)

    def _chain(self) -> Any:
        try:
            import audiomentations
        except ImportError as error:
            raise BadRequest(
                "waves.copies needs audiomentations, which comes with the networks: make test-trainer installs both"
            ) from error
        parts: Any = audiomentations
        chosen: list[tuple[bool, Callable[[], Any]]] = [
            (self.pitch, lambda: parts.PitchShift(-4.0, 4.0, p=HALF)),
            (self.distortion, lambda: parts.TanhDistortion(0.01, 0.5, p=HALF)),
            (self.equaliser, lambda: parts.SevenBandParametricEQ(-12.0, 12.0, p=HALF)),
            (self.low_pass, lambda: parts.LowPassFilter(1500.0, 7500.0, p=HALF)),
            (self.high_pass, lambda: parts.HighPassFilter(20.0, 400.0, p=HALF)),
            (self.bit_depth, lambda: parts.BitCrush(6, 12, p=HALF)),
        ]
        return parts.Compose([make() for on, make in chosen if on])
