"""Copies of waves changed by audiomentations: repeatable, of the same length, a switch for each part."""

from dataclasses import asdict, replace

import numpy as np
import pytest

pytest.importorskip("audiomentations", reason="needs the trainer's environment: make test-trainer")

from earshot.training.augment_waves import WaveAugment
from earshot.training.feature_cache import FeatureCache
from earshot.training.front_end import FrontEnd
from earshot.training.synthesis.wav_and_spectrum_tools import RATE_HZ, write_wav
from earshot.training.training_data_manifest import Row

pytestmark = pytest.mark.trainer
PARTS = tuple(name for name in asdict(WaveAugment()) if name != "copies")
NONE = WaveAugment(1, **dict.fromkeys(PARTS, False))


@pytest.fixture(scope="module")
def tone():
    t = np.arange(RATE_HZ) / RATE_HZ
    return (0.3 * np.sin(2 * np.pi * 3000 * t) + 0.3 * np.sin(2 * np.pi * 100 * t)).astype(np.float32)


def test_a_copy_is_the_same_each_time_and_no_two_are_alike(tone):
    copies = [WaveAugment().copy(tone, RATE_HZ, number, "a") for number in (0, 0, 1)]
    assert np.array_equal(copies[0], copies[1])
    assert not np.array_equal(copies[0], copies[2])
    assert all(len(each) == len(tone) and np.isfinite(each).all() for each in copies)


def test_other_draws_of_numpy_do_not_depend_on_copies(tone):
    np.random.seed(7)
    wanted = np.random.random(3)
    np.random.seed(7)
    WaveAugment().copy(tone, RATE_HZ, 0, "a")
    assert np.array_equal(np.random.random(3), wanted)


def test_with_all_parts_off_a_copy_is_the_recording(tone):
    assert np.array_equal(NONE.copy(tone, RATE_HZ, 0, "a"), tone)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_changes_about_half_of_the_copies(tone, part):
    alone = replace(NONE, **{part: True})
    changed = sum(not np.array_equal(alone.copy(tone, RATE_HZ, number, "a"), tone) for number in range(12))
    assert 1 <= changed <= 11


def test_features_of_copies_are_cached_beside_those_of_the_recording(tone, tmp_path):
    write_wav(tmp_path / "a.wav", tone)
    row = Row.of_file("a.wav", tone, ("flute",), "a", "train", "computed")
    cache = FeatureCache(tmp_path / "cache", FrontEnd(RATE_HZ, 512, 320, 64, 60.0, 7600.0))
    plain, copy = cache.log_mel(row, tmp_path), cache.log_mel(row, tmp_path, WaveAugment(1), 0)
    assert plain.shape == copy.shape
    assert not np.array_equal(plain, copy)
    assert cache.computed == 2
    assert np.array_equal(cache.log_mel(row, tmp_path, WaveAugment(1), 0), copy)
    assert cache.computed == 2
