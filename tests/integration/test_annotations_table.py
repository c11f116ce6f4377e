"""Annotations on a real engine: appended rows, and the view of those that hold."""

from datetime import UTC, datetime, timedelta

from earshot.adapters.annotations_table import AnnotationsTable
from earshot.audio import Annotation

URL = "gs://bucket/audio/a.wav"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def judgement(label, minutes=0, annotator="a", start_ms=0, end_ms=1000, task="content"):
    return Annotation(
        gcp_url=URL,
        task=task,
        label=label,
        start_ms=start_ms,
        end_ms=end_ms,
        annotator=annotator,
        created_at=NOON + timedelta(minutes=minutes),
    )


def holding(own):
    rows = own.view("annotations_current")
    return sorted((row["task"], row["start_ms"], row["label"]) for row in rows)


def test_the_latest_judgement_of_a_stretch_holds_whoever_made_it(own):
    table = AnnotationsTable(own.client, own.name)
    assert table.append([judgement("speech"), judgement("music", start_ms=1000, end_ms=2000)]) == 2
    table.append([judgement("noise", minutes=1, annotator="b")])
    assert holding(own) == [("content", 0, "noise"), ("content", 1000, "music")]


def test_labels_judged_at_once_hold_together(own):
    AnnotationsTable(own.client, own.name).append([judgement("speech"), judgement("music")])
    assert holding(own) == [("content", 0, "music"), ("content", 0, "speech")]


def test_a_weak_label_gives_way_to_a_person_even_when_it_is_newer(own):
    weak = judgement("loud", minutes=5, annotator="weak:bs1770", task="loudness_class")
    AnnotationsTable(own.client, own.name).append([judgement("quiet", task="loudness_class"), weak])
    assert holding(own) == [("loudness_class", 0, "quiet")]


def test_more_rows_than_one_statement_takes_are_appended(own):
    many = [judgement("speech", start_ms=n * 10, end_ms=n * 10 + 10) for n in range(501)]
    assert AnnotationsTable(own.client, own.name).append(many) == 501
    assert len(holding(own)) == 501


def test_candidates_know_what_is_judged_and_what_contradicts(world):
    """The small world's content of one.flac, judged in a dataset where the test may write."""
    rows = world.view("annotation_candidates", where="gcp_url LIKE '%one.flac' AND task = 'content'")
    assert rows
    assert not any(row["is_judged"] or row["is_disagreement"] for row in rows)
    assert all(0 <= row["uncertainty"] <= 1 for row in rows)
    first = min(rows, key=lambda row: row["start_ms"])
    try:
        AnnotationsTable(world.client, world.name).append(
            [
                Annotation(
                    gcp_url=first["gcp_url"],
                    task="content",
                    label="noise" if first["label"] != "noise" else "music",
                    start_ms=first["start_ms"],
                    end_ms=first["end_ms"],
                    annotator="a",
                )
            ]
        )
        again = world.view("annotation_candidates", where="gcp_url LIKE '%one.flac' AND task = 'content'")
        judged = {(row["label"], row["start_ms"]) for row in again if row["is_disagreement"]}
        assert (first["label"], first["start_ms"]) in judged
    finally:
        world.ask("DELETE FROM `${d}.annotations` WHERE TRUE")
