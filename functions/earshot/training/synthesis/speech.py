"""Synthetic speech: espeak-ng in many languages and voices, flite's and festival's English voices.

Texts are made of random syllables and a few plain words, so the text is ours and any language can speak it.
"""

import subprocess
import tempfile
from pathlib import Path

import numpy as np

from earshot.training.synthesis.wav_and_spectrum_tools import Wave, at_rms, band, read_mono

_ESPEAK_LANGUAGES_TEXT = (
    "af sq ar an hy as eu bn bs bg ca hr cs da nl en-gb en-us en-gb-scotland en-029 eo et fi fr-fr fr-be ka de el "
    "gu hi hu is id ga it kn ko ku ky la lv lt mk ms ml mt mr nb ne om pa pl pt pt-br ro ru sr sd si sk sl es "
    "es-419 sw sv ta tt te tr uk ur vi cy"
)
ESPEAK_LANGUAGES = tuple(_ESPEAK_LANGUAGES_TEXT.split())
ESPEAK_VARIANTS = (
    tuple(f"+m{n}" for n in range(1, 9))
    + tuple(f"+f{n}" for n in range(1, 6))
    + ("+croak", "+klatt", "+klatt2", "+whisper", "")
)
FLITE_VOICES = ("awb", "rms", "slt", "kal16")
FESTIVAL_VOICES = ("kal_diphone", "cmu_us_slt_arctic_hts")
LICENCES = {
    "espeak-ng": "output of espeak-ng (program GPL-3.0-or-later; its output is not)",
    "flite": "voices of flite, BSD-like (CMU)",
    "festival": "voices of festival, BSD-like (CMU, CSTR)",
}

_ONSETS = ("b bl br d dr f fl fr g gr h j k kl kr l m n p pl pr r s sh sk sl sm sn sp st str t tr v w z").split()  # noqa: SIM905 - a list of words reads better as text
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "oo", "ou", "ee"]
_CODAS = ["", "", "", "n", "r", "s", "t", "l", "m", "nd", "st", "k", "p"]
_WORDS_TEXT = (
    "the one two three please press now after before water morning number record listen again system open close "
    "left right green river paper seven hundred because thank you message time when where people small large"
)
_WORDS = tuple(_WORDS_TEXT.split())


def random_text(dice: np.random.Generator, sentences: int) -> str:
    """Sentences of four to twelve words, half of them plain English words, half made of random syllables."""
    return " ".join(_sentence(dice) for _ in range(sentences))


def _sentence(dice: np.random.Generator) -> str:
    words = [
        str(dice.choice(_WORDS))
        if dice.random() < 0.5
        else "".join(_syllable(dice) for _ in range(int(dice.integers(1, 4))))
        for _ in range(int(dice.integers(4, 13)))
    ]
    if len(words) > 6:
        words[3] += ","
    return " ".join(words).capitalize() + str(dice.choice([".", ".", "?", "!"]))


def _syllable(dice: np.random.Generator) -> str:
    return str(dice.choice(_ONSETS)) + str(dice.choice(_VOWELS)) + str(dice.choice(_CODAS))


def voices() -> list[str]:
    """Names of all voices: engine/voice; a voice is a group, so that a split by group keeps voices apart."""
    espeak = [
        f"espeak-ng/{language}{ESPEAK_VARIANTS[(7 * number + turn * 5) % len(ESPEAK_VARIANTS)]}"
        for number, language in enumerate(ESPEAK_LANGUAGES)
        for turn in range(3)
    ]
    return espeak + [f"flite/{name}" for name in FLITE_VOICES] + [f"festival/{name}" for name in FESTIVAL_VOICES]


def speak(voice: str, dice: np.random.Generator, sentences: int) -> Wave:
    """One recording of that voice at 16 kHz: random text, speed, pitch, and reverberation.

    Raises:
        FileNotFoundError: the engine is not installed.
        subprocess.CalledProcessError: the engine failed.
    """
    engine, _, name = voice.partition("/")
    text = random_text(dice, sentences)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "speech.wav"
        if engine == "espeak-ng":
            speed, pitch = str(int(dice.integers(110, 230))), str(int(dice.integers(15, 86)))
            command = [
                "espeak-ng",
                "-v",
                name,
                "-s",
                speed,
                "-p",
                pitch,
                "-g",
                str(int(dice.integers(0, 8))),
                "-w",
                str(out),
                text,
            ]
        elif engine == "flite":
            stretch, pitch = f"{dice.uniform(0.75, 1.3):.2f}", f"{dice.uniform(80, 230):.0f}"
            command = [
                "flite",
                "-voice",
                name,
                "--setf",
                f"duration_stretch={stretch}",
                "--setf",
                f"int_f0_target_mean={pitch}",
                "-t",
                text,
                "-o",
                str(out),
            ]
        else:
            command = ["text2wave", "-eval", f"(voice_{name})", "-o", str(out)]
        subprocess.run(command, check=True, input=text.encode(), capture_output=True, timeout=120)  # noqa: S603 - a list of our own strings, no shell
        wave = read_mono(out)
    return at_rms(reverberant(_recorded(wave, dice), dice), float(dice.uniform(-32, -16)))


def _recorded(wave: Wave, dice: np.random.Generator) -> Wave:
    """Shorter pauses half the time, and a recording chain's band limits."""
    if dice.random() < 0.5:
        level = np.sqrt(np.convolve(wave**2, np.ones(1600) / 1600, mode="same"))
        wave = wave[level > 0.02 * level.max()]
    if dice.random() < 0.4:
        wave = band(wave, float(dice.uniform(40, 300)), float(dice.uniform(3300, 8000)))
    return wave


def reverberant(wave: Wave, dice: np.random.Generator) -> Wave:
    """The wave with random reverberation half the time: exponentially decaying noise as impulse response."""
    if dice.random() < 0.5 or not wave.size:
        return wave
    decay_s = float(dice.uniform(0.08, 0.8))
    frames = int(16_000 * decay_s)
    tail = dice.standard_normal(frames) * 10 ** (-3 * np.arange(frames) / frames)
    tail *= float(dice.uniform(0.05, 0.6)) / max(float(np.sqrt(np.sum(tail**2))), 1e-9)
    tail[0] = 1.0
    size = len(wave) + frames
    wet = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(tail, size), size)[: len(wave)]
    return wet.astype(np.float32)
