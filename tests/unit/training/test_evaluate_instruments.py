"""Mixes that instruments are measured on: made of waves, of held-out recordings, the same for the same seed."""

import numpy as np
import pytest

from earshot.training.evaluate_instruments import evaluate, mixes
from earshot.training.synthesis.wav_and_spectrum_tools import RATE_HZ, write_wav
from earshot.training.training_data_manifest import Row

HZ = {"bass": 110.0, "flute": 1760.0, "organ": 440.0}
SECOND = RATE_HZ


@pytest.fixture
def rows(tmp_path):
    made = []
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    for label, hz in HZ.items():
        wave = (0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32)
        write_wav(tmp_path / f"{label}.wav", wave)
        made.append(Row.of_file(f"{label}.wav", wave, (label,), label, "test", "computed"))
    return made


class Listener:
    """Answers with the share of the window's power at each label's frequency: right about everything."""

    labels = tuple(HZ)
    window = SECOND
    thresholds = dict.fromkeys(HZ, 0.02)

    def run(self, windows):
        spectrum = np.abs(np.fft.rfft(windows, axis=1)) ** 2
        power = np.stack([spectrum[:, round(hz)] for hz in HZ.values()], axis=1)
        return (power / spectrum.sum(axis=1, keepdims=True)).astype(np.float32), None


class Deaf(Listener):
    def run(self, windows):
        return np.full((len(windows), len(HZ)), 0.5, np.float32), None


def test_a_mix_has_one_to_three_instruments_and_the_truth_names_them(rows, tmp_path):
    waves, truth = mixes(rows, tmp_path, list(HZ), SECOND, 60, seed=1)
    assert waves.shape == (60, SECOND)
    assert set(truth.sum(axis=1)) == {1, 2, 3}
    for wave, holds in zip(waves, truth, strict=True):
        power = np.abs(np.fft.rfft(wave))[[round(hz) for hz in HZ.values()]]
        assert np.array_equal(power > 100, holds)


def test_the_same_seed_makes_the_same_mixes(rows, tmp_path):
    one, two = (mixes(rows, tmp_path, list(HZ), SECOND, 5, seed=3)[0] for _ in range(2))
    assert np.array_equal(one, two)


def test_who_hears_everything_has_all_figures_at_one(rows, tmp_path):
    found = evaluate(Listener(), rows, tmp_path, count=80)
    assert found["mean_average_precision"] == 1
    assert found["micro_f1"] == 1
    assert found["alone_highest"] == 1


def test_who_answers_the_same_to_all_is_as_good_as_chance(rows, tmp_path):
    found = evaluate(Deaf(), rows, tmp_path, count=200)
    assert found["mean_average_precision"] == pytest.approx(2 / 3, abs=0.1)  # one to three of three
    assert found["interval"][0] <= found["mean_average_precision"] <= found["interval"][1]
