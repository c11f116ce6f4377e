"""The task `speech_quality`: what the stream brings beside speech does not change what is estimated of the speech."""

import numpy as np
import pytest

from earshot.sound.speech_quality import model
from earshot.tagging.speech_quality_task import Beginning, assessed
from tests.sounds import Samples, joined, silence, speech

RATE_HZ = 44_100

pytestmark = pytest.mark.skipif(
    model("silero_vad", "silero_vad", "data/silero_vad_16k_sequence.onnx") is None
    or model("speechmos", "dnsmos_p835", "dnsmos_models/sig_bak_ovr.onnx") is None,
    reason="the extra tagger and silero-vad are not installed",
)


def summary(sound: Samples) -> dict[str, float]:
    """What the task says of a stream that comes in blocks of half a second."""
    beginning = Beginning(RATE_HZ)
    for start in range(0, len(sound), RATE_HZ // 2):
        beginning.add(sound[start : start + RATE_HZ // 2, 0].astype(np.float32))
    values: dict[str, float] = assessed(beginning)["summary"]
    return values


def test_silence_beside_speech_does_not_change_the_opinion() -> None:
    spoken, nothing = speech(seconds=10, rate_hz=RATE_HZ), silence(seconds=8, rate_hz=RATE_HZ)
    alone, behind = summary(spoken), summary(joined(spoken, nothing))
    assert behind["speech_ratio"] == pytest.approx(alone["speech_ratio"] * 10 / 18, abs=0.05)
    for name in ("dnsmos_sig", "dnsmos_bak", "dnsmos_ovrl"):
        assert behind[name] == pytest.approx(alone[name], abs=0.15)
