"""True peak: what is skipped could not have mattered."""

import numpy as np
import pytest
from sounds import noise

from earshot.sound.true_peak import STRETCH, TAPS, TruePeak, interpolator


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_no_window_exceeds_its_bounds(factor: int, order: int) -> None:
    between = interpolator(factor)
    windows = np.random.default_rng(1).normal(size=(20_000, STRETCH + TAPS)).astype(np.float32)
    for _ in range(order):
        windows = np.cumsum(windows, axis=1)
    reached = np.abs(windows @ between.matrix).max(axis=1)
    largest = np.abs(windows).max(axis=1)
    bends = np.abs(np.diff(windows, 2, axis=1)).max(axis=1)
    assert np.all(reached <= largest * between.gain * 1.0001)
    assert np.all(reached <= (largest + bends * between.bend) * 1.0001)


def test_skipping_changes_nothing() -> None:
    samples = noise(seconds=1, channels=1).astype(np.float32) * np.linspace(0.2, 1, 48000, dtype=np.float32)[:, None]
    meter = TruePeak(48000, 1)
    for start in range(0, len(samples), 5000):
        meter.add(np.asfortranarray(samples[start : start + 5000]))
    padded = np.pad(samples[:, 0], TAPS)
    windows = np.lib.stride_tricks.sliding_window_view(padded, STRETCH + TAPS)[::STRETCH]
    everything = max(np.abs(windows @ interpolator(4).matrix).max(), np.abs(samples).max())
    assert meter.facts()["true_peak_dbtp"] == pytest.approx(20 * np.log10(everything), abs=0.02)


def test_at_192_khz_the_samples_are_near_enough() -> None:
    assert interpolator(1).matrix.size == 0
