"""A number in, its class out."""

import pytest

from earshot.sound.threshold_labels import energy_class, quality_label


@pytest.mark.parametrize(
    ("loudness", "expected"),
    [
        (0.0, "High Energy"),
        (-14.0, "High Energy"),
        (-14.01, "Medium Energy"),
        (-26.0, "Medium Energy"),
        (-26.01, "Low Energy"),
        (-120.0, "Low Energy"),
    ],
)
def test_a_threshold_belongs_to_the_class_above_it(loudness: float, expected: str) -> None:
    assert energy_class(loudness, high_dbfs=-14.0, medium_dbfs=-26.0) == expected


@pytest.mark.parametrize(
    ("pesq", "expected"),
    [
        (4.64, "Excellent"),
        (4.0, "Excellent"),
        (3.99, "Good"),
        (3.0, "Good"),
        (2.99, "Fair"),
        (2.0, "Fair"),
        (2.5, "Fair"),
        (1.99, "Poor"),
    ],
)
def test_a_score_has_its_word(pesq: float, expected: str) -> None:
    assert quality_label(pesq, excellent=4.0, good=3.0, fair=2.0) == expected


def test_without_a_score_there_is_no_word() -> None:
    assert quality_label(None, excellent=4.0, good=3.0, fair=2.0) is None
