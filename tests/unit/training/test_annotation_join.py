"""Frames joined with annotations: half of a frame decides, the latest judgement wins, the rest is dropped."""

from datetime import UTC, datetime, timedelta

import pytest

from earshot.audio import Annotation
from earshot.training.annotation_join import join

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LABELS = ("speech", "music")


def judged(label, start_ms, end_ms, minutes=0):
    when = NOON + timedelta(minutes=minutes)
    url = "gs://b/audio/a.wav"
    return Annotation(
        gcp_url=url, task="content", label=label, start_ms=start_ms, end_ms=end_ms, annotator="a", created_at=when
    )


def test_a_frame_needs_half_of_itself_judged():
    joined = join(4, 200, [judged("speech", 100, 500)], LABELS)
    assert list(joined.frames) == [0, 1, 2]
    assert joined.truth.tolist() == [[1, 0]] * 3
    assert joined.dropped == 1
    assert list(join(4, 200, [judged("speech", 101, 499)], LABELS).frames) == [1]


def test_the_latest_judgement_wins_where_two_overlap():
    joined = join(2, 200, [judged("speech", 0, 400), judged("music", 200, 400, minutes=1)], LABELS)
    assert joined.truth.tolist() == [[1, 0], [0, 1]]


def test_labels_judged_at_once_hold_together():
    joined = join(1, 200, [judged("speech", 0, 200), judged("music", 0, 200)], LABELS)
    assert joined.truth.tolist() == [[1, 1]]


def test_an_empty_label_is_a_judgement_that_none_is_heard():
    joined = join(1, 200, [judged("", 0, 200)], LABELS)
    assert joined.truth.tolist() == [[0, 0]]
    assert joined.dropped == 0


def test_without_annotations_every_frame_is_dropped():
    joined = join(3, 200, [], LABELS)
    assert (len(joined.frames), joined.dropped) == (0, 3)


def test_an_unknown_label_is_refused():
    with pytest.raises(ValueError, match="name noise"):
        join(1, 200, [judged("noise", 0, 200)], LABELS)
