"""Render the synthetic data of one task into a folder, with a manifest that is equal, bit for bit, for equal seeds.

Each recording has dice of its own (task seed and its number), so any part can be rendered alone or again.
"""

import hashlib
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earshot.training.synthesis import instruments, music, noise, render_notes, sampled_notes, speech
from earshot.training.synthesis.wav_and_spectrum_tools import Wave, read_mono, write_wav
from earshot.training.training_data_manifest import Row, write_manifest

log = logging.getLogger(__name__)

INSTRUMENT_FONTS = ("fluid", "sampled", "musescore", "freepats", "csound")


@dataclass(frozen=True)
class Recipe:
    """What one recording is made of: `kind` is speech, music, noise, effect or instrument."""

    number: int
    kind: str
    what: str  # voice, style, kind of noise or instrument's label
    font: str
    seconds: float
    split: str

    @property
    def name(self) -> str:
        """File name inside the data folder."""
        what = self.what.replace("/", "_").replace("+", "_")
        return f"{self.kind}/{self.number:05d}_{what}{'_' + self.font if self.font else ''}.wav"

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the recording."""
        return (self.what,) if self.kind == "instrument" else ("noise",) if self.kind == "effect" else (self.kind,)

    @property
    def group(self) -> str:
        """What must not be split: a voice, a soundfont's instrument, a song."""
        return self.what if self.kind == "speech" else f"{self.kind}/{self.number}"

    @property
    def licence(self) -> str:
        """Licence of what was played."""
        if self.kind == "speech":
            return speech.LICENCES[self.what.partition("/")[0]]
        if self.font == "sampled":
            return sampled_notes.LICENCES["sampled-drums" if self.what == "drums" else "sampled"]
        return render_notes.LICENCES[self.font] if self.font else "computed by earshot, Apache-2.0"


def content_recipes(scale: float = 1.0) -> Iterator[Recipe]:
    """Speech, music, noise: 222 voices, 70 songs, 60 noises and 8 effects at scale 1; a tenth is for validation."""
    number = 0
    names = speech.voices() * max(1, round(scale)) if scale >= 1 else speech.voices()[:: max(1, round(1 / scale))]
    many = max(1, round(6 * min(1.0, scale)))  # of each of the six human voices
    for voice in names + [name for name in speech.voices() if "espeak" not in name] * many:
        validate = hash_share(voice) < 0.1
        yield Recipe(number, "speech", voice, "", 0, "validation" if validate else "train")
        number += 1
    for turn in range(max(2, round(14 * scale))):
        for style in music.STYLES:
            font = music.TRAIN_FONTS[(number + turn) % len(music.TRAIN_FONTS)]
            yield Recipe(number, "music", style, font, 30, "validation" if turn % 10 == 1 else "train")
            number += 1
    for turn in range(max(2, round(6 * scale))):
        for kind in noise.KINDS:
            yield Recipe(number, "noise", kind, "", 12, "validation" if turn % 6 == 1 else "train")
            number += 1
    for turn in range(max(2, round(8 * scale))):
        yield Recipe(
            number, "effect", "effect", music.TRAIN_FONTS[turn % 2], 20, "validation" if turn % 10 == 1 else "train"
        )
        number += 1


def instrument_recipes(scale: float = 1.0) -> Iterator[Recipe]:
    """Phrases of every label: instruments of five makers train and, other phrases, validate; one of a sixth tests."""
    number = 0
    plan = (("train", INSTRUMENT_FONTS, 35), ("validation", INSTRUMENT_FONTS, 5), ("test", ("timgm",), 7))
    for label in instruments.PROGRAMS:
        for split, fonts, turns in plan:
            for turn in range(max(2, round(turns * scale))):
                yield Recipe(number, "instrument", label, fonts[turn % len(fonts)], 45, split)
                number += 1


def hash_share(text: str) -> float:
    """A number in [0, 1) that follows from the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32


def make(recipe: Recipe, seed: int) -> Wave:
    """The recording of that recipe."""
    dice = np.random.default_rng([seed, recipe.number])
    if recipe.kind == "speech":
        return speech.speak(recipe.what, dice, 6)
    if recipe.kind == "music":
        return music.song(recipe.what, recipe.font, dice, recipe.seconds)
    if recipe.kind == "noise":
        return noise.noise(recipe.what, dice, recipe.seconds)
    if recipe.kind == "effect":
        return instruments.effect(recipe.font, dice, recipe.seconds)
    return instruments.phrase(recipe.what, recipe.font, dice, recipe.seconds, reshaped=recipe.split == "train")


def render(recipes: list[Recipe], folder: Path, seed: int, workers: int = 0) -> Path:
    """Render what is not yet there; writes folder/manifest.jsonl and returns its path."""
    jobs = [(recipe, folder, seed) for recipe in recipes]
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        rows = []
        for count, row in enumerate(pool.map(_render_one, jobs), 1):
            rows.append(row)
            if count % 50 == 0:
                log.info("rendered", extra={"fields": {"recordings": count, "of": len(jobs)}})
    return write_manifest(folder / "manifest.jsonl", rows)


def _render_one(job: tuple[Recipe, Path, int]) -> Row:
    recipe, folder, seed = job
    path = folder / recipe.name
    if not path.exists():
        partial = path.with_suffix(".part.wav")
        write_wav(partial, make(recipe, seed))
        partial.rename(path)
    wave = read_mono(path)
    return Row.of_file(recipe.name, wave, recipe.labels, recipe.group, recipe.split, recipe.licence)
