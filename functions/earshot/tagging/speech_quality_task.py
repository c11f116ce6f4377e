"""The task `speech_quality`: how much of a recording's beginning is speech, and how good that sounds.

Silero VAD and DNSMOS P.835 over the first ten minutes, by `sound.speech_quality`; what is heard is kept while the file
is decoded for the other tasks, at most 38 MB of it.
"""

import time
from typing import Any

import numpy as np
import soxr

from earshot.sound import speech_quality
from earshot.tagging.causal_windows import Floats

FRAME_MS = 1000 * speech_quality.FRAME / speech_quality.RATE_HZ
LEAST_FRAMES = 8  # 256 ms: a run of speech that is shorter is no segment


class Beginning:
    """The first ten minutes of a stream, one channel at 16 kHz."""

    def __init__(self, rate_hz: int) -> None:
        """Nothing heard yet."""
        self._resampled = soxr.ResampleStream(rate_hz, speech_quality.RATE_HZ, 1, dtype="float32", quality="HQ")
        self._left = round(speech_quality.ASSESSED_S * rate_hz)
        self._parts: list[Floats] = []

    def add(self, mono: Floats) -> None:
        """Hear a block; what goes beyond the beginning is not kept."""
        if self._left > 0:
            self._parts.append(self._resampled.resample_chunk(np.ascontiguousarray(mono[: self._left])))
            self._left -= len(mono)

    def samples(self) -> Floats:
        """All that was kept, which is kept no longer; nothing may follow."""
        parts, self._parts = [*self._parts, self._resampled.resample_chunk(np.zeros(0, np.float32), last=True)], []
        return np.concatenate(parts)


def assessed(beginning: Beginning) -> dict[str, Any]:
    """The task's answer; a summary of None where the models are not installed."""
    started = time.process_time()
    facts, is_speech = speech_quality.assess_samples(beginning.samples())
    return {
        "model": facts["speech_model"] or "none",
        "version": str(facts["dnsmos_model"] or ""),
        "sha256": None,
        "stage": "imported",
        "hop_ms": round(FRAME_MS),
        "thresholds": {"speech": speech_quality.SPEECH},
        "summary": {name: value for name, value in facts.items() if isinstance(value, float)},
        "top": [],
        "segments": _segments(is_speech),
        "is_cut": False,
        "embedding": None,
        "cpu_ms": round(1000 * (time.process_time() - started)),
    }


def _segments(is_speech: Any) -> list[dict[str, Any]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(is_speech, np.int8), [0]])))
    return [
        {"start_ms": round(first * FRAME_MS), "end_ms": round(last * FRAME_MS), "label": "speech", "score": 1.0}
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        if last - first >= LEAST_FRAMES
    ]
