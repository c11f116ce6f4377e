"""The views of what is heard, over the small world of tests/recorded.py."""

import re
from pathlib import Path
from typing import Any

import numpy as np
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


def test_the_recordings_that_sound_most_like_one(world) -> None:
    from earshot.cli.similar import NEAREST, OF_RECORDING

    subject = "gs://recordings/audio/one.flac"
    (found,) = world.queries.rows(OF_RECORDING, subject=subject)
    rows = world.queries.rows(
        NEAREST.format(count=2),
        embedding=found["embedding"],
        model_version=found["model_version"],
        subject=subject,
    )
    assert [(name(row), round(row["similarity"], 6)) for row in rows] == [("copy.mp3", 0.8), ("low.wav", 0.0)]


def test_what_was_heard_in_a_withdrawn_recording_is_erased(own) -> None:
    from earshot.adapters.erase_withdrawn_rows import WithdrawnRows
    from tests.recorded import fill

    row = prediction("a.wav", "content", segments="[]", music_ratio=0.5, embedding="[1.0]")
    fill(own.client, own.name, "predictions", [row])
    WithdrawnRows(own.client, own.name).erase([], [str(row["gcp_url"])])
    (kept,) = own.view("predictions")
    assert (kept["segments"], kept["embedding"], kept["music_ratio"]) == (None, None, 0.5)


def test_the_cost_counts_what_the_tagger_used(world) -> None:
    (row,) = world.view("cost", where="item = 'tagger_vcpu_s'")
    assert row["amount"] == pytest.approx(0.5 * len(PREDICTIONS))


def test_recordings_without_a_task_are_chosen_to_be_heard(world) -> None:
    from earshot.operating.request_tagging import tag

    class Notifications(list[tuple[str, int, str]]):
        def publish(self, gcp_url: str, generation: int, only: str = "") -> None:
            self.append((gcp_url.rsplit("/", 1)[1], generation, only))

        def flush(self) -> None:
            pass

    all_of_them, without = Notifications(), Notifications()
    tag(world.queries, all_of_them, "TRUE")
    tag(world.queries, without, "TRUE -- every one", "content")
    assert len(all_of_them) == 6
    assert {only for _, _, only in all_of_them} == {"tagger"}
    assert {found for found, _, _ in without} == {"noisy.wav", "dropped.wav"}


def test_a_recording_whose_model_was_refused_is_chosen_again(own) -> None:
    from earshot.operating.request_tagging import CHOSEN
    from tests.recorded import fill, recording

    names = ("refused.wav", "broken.wav", "heard.wav")
    fill(own.client, own.name, "audio_metadata", [recording(one, f"https://a.example.org/{one}") for one in names])
    nothing = {"model": None, "model_version": None}
    rows = [
        prediction("refused.wav", "content", reason="model_refused", detail="hash differs", **nothing),
        prediction("broken.wav", "content", reason="undecodable", detail="lost sync", **nothing),
        prediction("heard.wav", "content", music_ratio=1.0),
    ]
    fill(own.client, own.name, "predictions", rows)
    chosen = own.queries.rows(CHOSEN.format(where="TRUE"), task="content", version="")
    assert [name(row) for row in chosen] == ["refused.wav"]
    newer = own.queries.rows(CHOSEN.format(where="TRUE"), task="content", version="20270101T000000Z-0123abcd")
    assert {name(row) for row in newer} == {"refused.wav", "heard.wav"}


RECIPES = re.findall(
    r"\n\n([^\n]+):\n\n```sql\n(SELECT.*?)```|\n\n(Versions)[^\n]+\n\n```sql\n(SELECT.*?)```",
    (Path(__file__).parents[2] / "docs" / "tagging.md").read_text().partition("## Recipes")[2],
    re.DOTALL,
)


def test_the_recipes_of_the_page_give_what_the_small_world_holds(world) -> None:
    asked = [(title or other, sql or second) for title, sql, other, second in RECIPES]
    mixed, instruments, near, versions = (world.queries.rows(sql) for _, sql in asked)
    assert [(name(row), row["start_ms"], row["end_ms"]) for row in mixed] == [("one.flac", 0, 15_000)]
    assert [(row["instrument"], row["recordings"], row["seconds"]) for row in instruments] == [
        ("piano", 2, 60.0),
        ("violin", 1, 60.0),
        ("flute", 1, 0.8),
    ]
    alike = [("copy.mp3", "gs://recordings/audio/one.flac")]
    assert [(name(row), row["other_gcp_url"]) for row in near] == alike
    assert near[0]["similarity"] == pytest.approx(0.8)
    assert [(name(row), row["other_gcp_url"]) for row in versions] == alike


def test_similar_recordings_come_in_the_order_of_the_cosine_whatever_their_number(own) -> None:
    """The order that VECTOR_SEARCH with COSINE gives, computed by numpy."""
    from earshot.cli.similar import NEAREST
    from tests.recorded import fill, recording

    vectors = np.random.default_rng(5).normal(0, 1, (60, 16)).round(6)
    names = [f"{at:02}.wav" for at in range(len(vectors))]
    fill(own.client, own.name, "audio_metadata", [recording(one, f"https://a.example.org/{one}") for one in names])
    rows = [
        prediction(one, "content", embedding=str(vector.tolist())) for one, vector in zip(names, vectors, strict=True)
    ]
    fill(own.client, own.name, "predictions", rows)
    asked = vectors[7]
    cosines = vectors @ asked / np.linalg.norm(vectors, axis=1) / np.linalg.norm(asked)
    wanted = [names[at] for at in np.argsort(-cosines) if at != 7][:20]
    found = own.queries.rows(
        NEAREST.format(count=20),
        embedding=str(asked.tolist()),
        model_version=rows[0]["model_version"],
        subject="gs://recordings/audio/07.wav",
    )
    assert [name(row) for row in found] == wanted
    assert [row["similarity"] for row in found] == pytest.approx(sorted(np.delete(cosines, 7))[::-1][:20], abs=1e-9)
