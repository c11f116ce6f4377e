"""Loudness: the filter is the standard's, and each loudspeaker has its weight."""

import numpy as np
import pytest
from sounds import noise, steps

from earshot.sound.k_weighting import KWeighting, biquads
from earshot.sound.loudness import Loudness, weights


def lufs(samples: np.ndarray, positions: tuple[str, ...] = ()) -> float:
    meter = Loudness(48000, samples.shape[1], positions)
    meter.add(np.asfortranarray(samples, dtype=np.float32))
    return float(meter.facts()["integrated_lufs"] or np.nan)


def test_coefficients_at_48_khz_are_those_of_the_standard() -> None:
    store, high_pass = biquads(48000)
    assert store == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585], abs=1e-9
    )
    assert high_pass == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-9)


def test_matrices_filter_as_the_recursion_does() -> None:
    samples = noise(seconds=0.2, rate_hz=44100).astype(np.float32)
    expected = samples[:, 0].astype(np.float64)
    for b0, b1, b2, _, a1, a2 in biquads(44100):
        one = two = 0.0
        for at, sample in enumerate(expected):
            expected[at] = b0 * sample + one
            one = b1 * sample - a1 * expected[at] + two
            two = b2 * sample - a2 * expected[at]
    filter_ = KWeighting(44100, 1)
    got = np.concatenate([filter_.push(samples[:3000].T), filter_.push(samples[3000:].T), filter_.flush()], axis=1)
    assert got[0] == pytest.approx(expected, abs=1e-6)


def test_sides_weigh_more_and_low_frequency_effects_nothing() -> None:
    assert weights(6, ()).tolist() == [1, 1, 1, 0, 1.41, 1.41]
    assert weights(8, ()).tolist() == [1, 1, 1, 0, 1, 1, 1.41, 1.41]
    assert weights(3, ("FL", "FR", "LFE")).tolist() == [1, 1, 0]
    assert weights(12, ()).tolist() == [1] * 12


def test_the_layout_that_a_file_states_counts() -> None:
    quiet_but_one = np.concatenate([steps((-90, 3)), steps((-23, 3), channels=1)], axis=1)
    assert lufs(quiet_but_one, ("FL", "FR", "FC")) == pytest.approx(-26.0, abs=0.1)
    assert np.isnan(lufs(quiet_but_one, ("FL", "FR", "LFE")))


@pytest.mark.parametrize(
    ("seconds", "has_integrated", "has_range"), [(0.3, False, False), (0.5, True, False), (4, True, True)]
)
def test_what_is_too_short_has_no_loudness(seconds: float, has_integrated: bool, has_range: bool) -> None:
    meter = Loudness(48000, 2)
    meter.add(np.asfortranarray(steps((-23, seconds)), dtype=np.float32))
    facts = meter.facts()
    assert (facts["integrated_lufs"] is not None) == has_integrated
    assert (facts["loudness_range_lu"] is not None) == has_range
    assert (facts["max_short_term_lufs"] is not None) == has_range
