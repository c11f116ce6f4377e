"""The views of what is heard, over the small world of tests/recorded.py."""

from typing import Any

import pytest

from tests.recorded import PREDICTIONS, prediction


def name(row: dict[str, Any]) -> str:
    return str(row["gcp_url"]).rsplit("/", 1)[1]


def test_current_are_the_predictions_of_the_present_generation_of_what_is_there(world) -> None:
    found = {(name(row), row["task"]) for row in world.view("predictions_current")}
    there = {(name(row), row["task"]) for row in PREDICTIONS}
    assert found == there - {("noisy.wav", "content"), ("gone.wav", "content")}


def test_the_first_of_the_top_labels_is_a_column(world) -> None:
    (row,) = world.view("predictions_current", where="gcp_url LIKE '%one.flac' AND task = 'content'")
    assert (row["top_label"], row["top_score"], row["top_coverage"]) == ("music", 0.9, 1.0)


def test_each_segment_is_a_row(world) -> None:
    rows = world.view("segments", where="gcp_url LIKE '%one.flac' AND task = 'content'")
    assert {(row["label"], row["start_ms"], row["end_ms"], row["score"]) for row in rows} == {
        ("music", 0, 60_000, 0.9),
        ("speech", 0, 15_000, 0.9),
    }


def test_an_embedding_is_an_array_of_numbers(world) -> None:
    found = {name(row): row["embedding"] for row in world.view("embeddings")}
    assert found == {"one.flac": [1.0, 0.0], "copy.mp3": [0.8, 0.6], "low.wav": [0.0, 1.0]}


def test_hours_of_music_by_host(world) -> None:
    hosts = {row["source_host"]: row for row in world.view("content_by_host")}
    assert hosts["a.example.org"]["music_hours"] == pytest.approx(1 / 60)
    assert hosts["a.example.org"]["speech_hours"] == pytest.approx(0.5 / 60)
    assert hosts["b.example.org"]["not_heard"] == 1


def test_instruments_that_occur_together(world) -> None:
    pairs = {(row["instrument"], row["with_instrument"]): row["recordings"] for row in world.view("instrument_matrix")}
    assert pairs == {
        ("piano", "piano"): 2,
        ("violin", "violin"): 1,
        ("piano", "violin"): 1,
        ("violin", "piano"): 1,
    }


def test_a_policy_reads_what_is_heard(world) -> None:
    metrics = {(name(row), row["metric"]): row["value"] for row in world.view("audio_metrics")}
    assert metrics["one.flac", "music_ratio"] == 1.0
    assert metrics["one.flac", "speech_ratio"] == 0.25
    assert metrics["low.wav", "speech_ratio"] == 0.4
    assert metrics["low.wav", "dnsmos_ovrl"] == 3.1
    assert metrics["low.wav", "quiet_ratio"] == 0.75
    assert metrics["noisy.wav", "music_ratio"] is None


def test_a_rule_may_ask_for_little_music(world) -> None:
    world.ask(
        "INSERT INTO `${d}.policies` (name, metric, op, threshold, verdict, reason)"
        " VALUES ('talk', 'music_ratio', '>=', 0.2, 'reject', 'music')"
    )
    verdicts = {name(row): row["reasons"] for row in world.view("audio_verdicts", where="policy = 'talk'")}
    world.ask("DELETE FROM `${d}.policies` WHERE name = 'talk'")
    assert verdicts["one.flac"] == "music"
    assert verdicts["low.wav"] is None


def test_the_newest_generation_then_the_model_promoted_later_stays(own) -> None:
    from tests.recorded import fill

    for generation, order, model in ((10, 5, "first"), (10, 3, "older"), (10, 6, "second"), (9, 9, "of old bytes")):
        row = prediction("a.wav", "content", generation=generation, model_order=order, model=model)
        fill(own.client, own.name, "predictions", [row])
    (row,) = own.view("predictions")
    assert row["model"] == "second"
