"""Windows of a stream: what each decision hears, however the samples arrive."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.tagging.causal_windows import CausalWindows


def cut(samples, sizes, window=10, hop=4):
    stream, made, start = CausalWindows(window, hop), [], 0
    for size in sizes:
        made += stream.add(samples[start : start + size])
        start += size
    made += stream.add(samples[start:])
    made += stream.flush()
    return [row for part in made for row in part.samples], [int(end) for part in made for end in part.ends]


def test_a_window_ends_with_the_decision_that_hears_it() -> None:
    samples = np.arange(1, 17, dtype=np.float32)
    rows, ends = cut(samples, [16])
    assert ends == [4, 8, 12, 16]
    assert rows[2].tolist() == list(range(3, 13))
    assert rows[3].tolist() == list(range(7, 17))


def test_before_a_whole_window_was_heard_the_past_is_repeated() -> None:
    rows, _ = cut(np.arange(1, 5, dtype=np.float32), [4])
    assert rows[0].tolist() == [3, 4, 1, 2, 3, 4, 1, 2, 3, 4]


def test_the_last_samples_are_heard_as_well() -> None:
    rows, ends = cut(np.arange(1, 19, dtype=np.float32), [18])
    assert ends[-1] == 18
    assert rows[-1].tolist() == list(range(9, 19))


def test_one_sample_is_one_window() -> None:
    rows, ends = cut(np.array([0.5], np.float32), [])
    assert ends == [1]
    assert rows[0].tolist() == [0.5] * 10


@given(st.lists(st.integers(0, 40), max_size=12), st.integers(0, 300))
def test_windows_do_not_depend_on_the_sizes_of_blocks(sizes: list[int], count: int) -> None:
    samples = np.random.default_rng(count).uniform(-1, 1, count).astype(np.float32)
    whole, ends = cut(samples, [])
    parts, other_ends = cut(samples, sizes)
    assert ends == other_ends
    assert all((one == other).all() for one, other in zip(whole, parts, strict=True))


def test_a_hop_longer_than_the_window_is_refused() -> None:
    with pytest.raises(ValueError, match="hop"):
        CausalWindows(10, 11)
