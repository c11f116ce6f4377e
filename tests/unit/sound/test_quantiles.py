"""Quantiles, and the mean of channels, are numpy's own to the bit."""

import numpy as np
import pytest

from earshot.sound.decoder_output import mono
from earshot.sound.quantiles import nearest, quantile, quantiles

SHARES = (0.0, 0.1, 0.25, 0.5, 0.95, 1.0)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 11, 64, 997])
@pytest.mark.parametrize("share", SHARES)
def test_a_quantile_is_that_of_numpy(count: int, share: float) -> None:
    values = np.random.default_rng(count).normal(size=(3, count))
    assert np.array_equal(quantile(values, share), np.quantile(values, share, axis=-1))
    assert nearest(values[0], share) == np.quantile(values[0], share, method="nearest")


@pytest.mark.parametrize("count", [1, 2, 11, 64])
def test_several_quantiles_are_those_of_numpy_and_the_values_keep_their_order(count: int) -> None:
    values = np.random.default_rng(count).normal(size=(3, count))
    before = values.copy()
    assert np.array_equal(quantiles(values, SHARES), np.quantile(values, SHARES, axis=-1))
    assert np.array_equal(values, before)


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_mono_is_the_mean_of_the_channels(channels: int) -> None:
    block = np.asfortranarray(np.random.default_rng(channels).normal(size=(1000, channels)), dtype=np.float32)
    assert np.array_equal(mono(block), block.T.sum(axis=0) / np.float32(channels))
