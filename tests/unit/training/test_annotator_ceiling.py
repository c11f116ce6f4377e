"""Agreement of annotators against theory, and weak labels of loudness against the level of a tone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from earshot.audio import Annotation
from earshot.local.demo_site.sounds import tone
from earshot.training.annotation_join import join
from earshot.training.annotator_ceiling import ceiling
from earshot.training.weak_loudness import LABELS, momentary_lufs, weak_annotations

HOP_MS = 250
CONTENT = ("speech", "music", "noise")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def judged(annotator: str, labels: Sequence[str], url: str = "gs://b/audio/a.wav") -> list[Annotation]:
    """One label a frame."""
    return [
        Annotation(
            gcp_url=url,
            task="content",
            label=label,
            start_ms=at * HOP_MS,
            end_ms=(at + 1) * HOP_MS,
            annotator=annotator,
            created_at=NOW + timedelta(seconds=at),
        )
        for at, label in enumerate(labels)
    ]


def test_two_who_agree_on_seven_of_ten_frames_agree_to_seven_tenths() -> None:
    ada = ["speech"] * 5 + ["music"] * 5
    ben = ["speech"] * 4 + ["music"] + ["music"] * 3 + ["speech"] * 2
    found = ceiling([*judged("ada", ada), *judged("ben", ben)], CONTENT, HOP_MS)
    assert found == {
        "pairs": 1,
        "frames": 10,
        "agreement": 0.7,
        "kappa": 0.4,  # (0.7 - 0.5) / (1 - 0.5): chance is 0.5 * 0.6 + 0.5 * 0.4
        # speech: 4 together of 5 and 6, music: 3 together of 5 and 4
        "f1": round((2 * 4 / (5 + 6) + 2 * 3 / (5 + 4)) / 2, 4),
    }


def test_who_agrees_everywhere_is_at_one_and_who_agrees_nowhere_is_below_chance() -> None:
    same = ["speech", "music", "noise", "music"]
    found = ceiling([*judged("ada", same), *judged("ben", same)], CONTENT, HOP_MS)
    assert found
    assert (found["agreement"], found["kappa"], found["f1"]) == (1.0, 1.0, 1.0)
    opposite = ceiling(
        [*judged("ada", ["speech", "music"] * 5), *judged("ben", ["music", "speech"] * 5)], CONTENT, HOP_MS
    )
    assert opposite
    assert (opposite["agreement"], opposite["kappa"], opposite["f1"]) == (0.0, -1.0, 0.0)


def test_only_frames_that_both_judged_count() -> None:
    found = ceiling([*judged("ada", ["speech"] * 8), *judged("ben", ["speech"] * 3)], CONTENT, HOP_MS)
    assert found
    assert (found["frames"], found["agreement"]) == (3, 1.0)


def test_three_people_are_three_pairs_and_frames_of_all_recordings_are_counted_together() -> None:
    first = [one for name in ("ada", "ben", "cy") for one in judged(name, ["music"] * 4)]
    second = [*judged("ada", ["music"] * 4, "gs://b/audio/b.wav"), *judged("ben", ["noise"] * 4, "gs://b/audio/b.wav")]
    found = ceiling([*first, *second], CONTENT, HOP_MS)
    assert found
    assert (found["pairs"], found["frames"], found["agreement"]) == (3, 16, 0.75)


def test_one_person_and_a_weak_label_are_no_ceiling() -> None:
    assert ceiling(judged("ada", ["speech"] * 4), CONTENT, HOP_MS) is None
    weak = judged("weak:bs1770", ["speech"] * 4)
    assert ceiling([*judged("ada", ["speech"] * 4), *weak], CONTENT, HOP_MS) is None


@pytest.mark.parametrize(
    ("peak_dbfs", "label"),  # of a 1 kHz tone: its loudness is its peak level less 3 LU (BS.1770, note to table 1)
    [(-45, "quiet"), (-30, "normal"), (-10, "loud")],
)
def test_a_tone_is_weakly_labelled_by_its_loudness(peak_dbfs: float, label: str) -> None:
    wave = tone(1000, 4, 16_000, peak_dbfs - 3.01).astype(np.float32)
    made = weak_annotations("gs://b/audio/a.wav", momentary_lufs(wave, 16_000)[2:])
    assert [(one.label, one.start_ms, one.end_ms) for one in made] == [(label, 0, 3600)]
    assert {one.annotator for one in made} == {"weak:bs1770"}


def test_a_rise_of_loudness_is_two_runs_that_meet() -> None:
    wave = np.concatenate([tone(1000, 3, 16_000, -48), tone(1000, 3, 16_000, -13)]).astype(np.float32)
    quiet, loud = weak_annotations("gs://b/audio/a.wav", momentary_lufs(wave, 16_000))
    assert (quiet.label, loud.label) == ("quiet", "loud")
    assert quiet.end_ms == loud.start_ms == pytest.approx(3000, abs=200)
    assert loud.end_ms == 6000


def test_a_person_overrides_a_weak_label_whenever_it_was_made() -> None:
    weak = weak_annotations("gs://b/audio/a.wav", np.full(10, -50.0))
    person = Annotation(
        gcp_url="gs://b/audio/a.wav", task="loudness_class", label="normal", start_ms=0, end_ms=1000, annotator="ada",
        created_at=datetime(2020, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    truth = join(10, 200, [person, *weak], LABELS).truth
    assert truth.argmax(axis=1).tolist() == [1] * 5 + [0] * 5
