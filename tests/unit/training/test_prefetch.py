"""Batches made ahead: the same, in the same order; errors arrive where the batch is wanted."""

import itertools

import pytest

from earshot.training.prefetch import prefetched


def test_items_come_in_their_order_and_all_of_them():
    assert list(prefetched(iter(range(100)), ahead=3)) == list(range(100))


def test_an_endless_source_can_be_left():
    ahead = prefetched(itertools.count(), ahead=2)
    assert [next(ahead) for _ in range(5)] == [0, 1, 2, 3, 4]
    ahead.close()
    assert list(ahead) == []


def test_an_error_is_raised_where_the_item_is_wanted():
    def items():
        yield 1
        raise ValueError("no stretches to draw from")

    ahead = prefetched(items())
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="no stretches"):
        next(ahead)
