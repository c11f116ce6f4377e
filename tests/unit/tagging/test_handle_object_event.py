"""What the notification of an object leads to: rows, reasons, or marks."""

import json
from dataclasses import dataclass, field

import pytest

from earshot.adapters.schema import conform
from earshot.audio import ObjectMetadata, Refusal, audio_id, now
from earshot.errors import BadEvent, ComeAgain, NotAudio, Undecodable
from earshot.local.demo_site.sounds import noise
from earshot.sound.limits_per_file import Limits
from earshot.tagging.choose_model import Choice
from earshot.tagging.handle_object_event import tag_object
from earshot.tagging.tag_in_process import tag_apart
from tests import tiny_models
from tests.sounds import encoded
from tests.unit.fakes import AudioStore

URL = "https://example.org/a.wav"
ID = audio_id(URL)
NAME = f"audio/{ID}.wav"
ANSWER = {
    "model": "tiny",
    "version": tiny_models.VERSION,
    "sha256": "0" * 64,
    "stage": "demo",
    "hop_ms": 250,
    "thresholds": {"music": 0.5},
    "summary": {"music": 0.75, "silence": 0.25},
    "top": [{"label": "music", "score": 0.9, "coverage": 0.75}],
    "segments": [{"start_ms": 0, "end_ms": 750, "label": "music", "score": 0.9}],
    "is_cut": False,
    "embedding": None,
    "cpu_ms": 12,
}


class Store(AudioStore):
    """A bucket that keeps what is computed as well."""

    def __init__(self) -> None:
        super().__init__()
        self.derived: dict[str, bytes] = {}

    def put_derived(self, name, path, content_type, metadata):
        self.derived[name] = path.read_bytes()

    def delete(self, name):
        self.derived.pop(name, None)
        super().delete(name)


@dataclass
class Predictions:
    """Rows by key, as the MERGE keeps them."""

    rows: dict = field(default_factory=dict)

    def upsert(self, row):
        row = conform(row, "predictions")
        key, age = (row["gcp_url"], row["task"]), (row["generation"], row["model_order"])
        kept = self.rows.get(key)
        if kept is None or age >= (kept["generation"], kept["model_order"]):
            self.rows[key] = row


@dataclass
class Marks:
    """Marks rows that are there."""

    table: Predictions

    def upsert(self, row):
        kept = self.table.rows.get((row["gcp_url"], row["task"]))
        if kept and kept["generation"] <= row["generation"] and not kept["removed_at"]:
            kept |= {name: row[name] for name in ("removed_at", "removed_because")}


@dataclass
class Tagger:
    """Answers that are given, not computed."""

    answers: dict = field(default_factory=lambda: {"content": ANSWER, "instruments": {"refused": "hears nothing"}})
    order: int = 0
    fault: Exception | None = None
    meanwhile: object = None

    def choices(self):
        return [Choice(task, order=self.order) for task in self.answers]

    def tag(self, path, out, choices):
        if self.fault:
            raise self.fault
        if self.meanwhile:
            self.meanwhile()
        (out / "content.json.gz").write_bytes(b"scores")
        return {"tasks": self.answers, "duration_ms": 1000}


@dataclass
class Stack:
    store: Store = field(default_factory=Store)
    predictions: Predictions = field(default_factory=Predictions)
    tagger: Tagger = field(default_factory=Tagger)

    def process(self, data):
        tag_object(
            data,
            store=self.store,
            predictions=self.predictions,
            removals=Marks(self.predictions),
            tagger=self.tagger,
            max_bytes=1_000_000,
        )

    def arrive(self, kept):
        self.process({"bucket": kept.bucket, "name": kept.name, "generation": str(kept.generation)})

    def drop(self):
        return self.store.drop(NAME, b"bytes", ObjectMetadata(source_url=URL))

    def row(self, task="content"):
        return self.predictions.rows.get((f"gs://recordings/{NAME}", task))


def test_a_recording_becomes_a_row_a_task() -> None:
    stack = Stack()
    stack.arrive(stack.drop())
    row = stack.row()
    assert (row["audio_id"], row["model"], row["music_ratio"], row["silence_ratio"]) == (ID, "tiny", 0.75, 0.25)
    assert row["noise_ratio"] is None
    assert json.loads(row["segments"]) == ANSWER["segments"]
    assert row["scores_url"] == f"gs://recordings/tags/content/{ID}.json.gz"
    assert stack.store.derived == {f"tags/content/{ID}.json.gz": b"scores"}


def test_a_task_whose_model_is_refused_is_a_row_with_the_reason() -> None:
    stack = Stack()
    stack.arrive(stack.drop())
    row = stack.row("instruments")
    assert (row["reason"], row["detail"], row["summary"]) == ("model_refused", "hears nothing", None)


def test_a_file_that_cannot_be_decoded_is_a_reason_for_each_task() -> None:
    stack = Stack(tagger=Tagger(fault=Undecodable("lost sync")))
    stack.arrive(stack.drop())
    assert {stack.row(task)["reason"] for task in ("content", "instruments")} == {"undecodable"}


def test_a_file_over_the_limit_is_not_fetched() -> None:
    stack = Stack()
    stack.arrive(stack.store.drop(NAME, bytes(1_000_001), ObjectMetadata(source_url=URL)))
    assert stack.row()["reason"] == "too_large"


def test_the_same_notification_twice_is_one_row() -> None:
    stack = Stack()
    kept = stack.drop()
    stack.arrive(kept)
    stack.arrive(kept)
    assert len(stack.predictions.rows) == 2


def test_an_older_generation_is_passed_over() -> None:
    stack = Stack()
    old = stack.drop()
    stack.drop()
    stack.arrive(old)
    assert stack.row() is None


def test_the_model_that_was_promoted_later_wins() -> None:
    stack = Stack(tagger=Tagger(order=7))
    kept = stack.drop()
    stack.arrive(kept)
    stack.tagger = Tagger(answers={"content": ANSWER | {"model": "older"}}, order=3)
    stack.arrive(kept)
    assert stack.row()["model"] == "tiny"


def test_of_a_deleted_recording_the_rows_are_marked_and_the_scores_deleted() -> None:
    stack = Stack()
    kept = stack.drop()
    stack.arrive(kept)
    stack.store.delete(NAME)
    stack.arrive(kept)
    assert stack.row()["removed_because"] == "deleted"
    assert stack.store.derived == {}


def test_a_withdrawn_recording_is_marked_as_withdrawn() -> None:
    stack = Stack()
    kept = stack.drop()
    stack.arrive(kept)
    moment = now()
    stack.store.refusals[ID] = Refusal(
        audio_id=ID, stage="person", reason="withdrawn", first_seen=moment, last_seen=moment
    )
    stack.store.delete(NAME)
    stack.arrive(kept)
    assert stack.row()["removed_because"] == "withdrawn"


def test_a_recording_that_is_deleted_while_it_is_heard_is_marked() -> None:
    stack = Stack()
    kept = stack.drop()
    stack.tagger.meanwhile = lambda: stack.store.delete(NAME)
    stack.arrive(kept)
    assert stack.row()["removed_because"] == "deleted"


def test_refusals_and_models_are_not_heard() -> None:
    stack = Stack()
    for name in ("refused/1.json", "models/content/current.json", "tags/content/1.json.gz"):
        stack.arrive(stack.store.drop(name, b"{}"))
    assert stack.predictions.rows == {}


def test_a_notification_that_cannot_be_read_is_acknowledged() -> None:
    with pytest.raises(BadEvent):
        Stack().process({"something": "else"})


def test_a_bucket_that_fails_makes_the_notification_come_again() -> None:
    stack = Stack(tagger=Tagger(fault=ComeAgain("busy")))
    with pytest.raises(ComeAgain):
        stack.arrive(stack.drop())
    assert stack.row() is None


def test_a_file_is_heard_in_a_process_of_its_own(tmp_path) -> None:
    models = tiny_models.write_content(tmp_path / "model")
    path = tmp_path / "noise.wav"
    path.write_bytes(encoded(noise(2, 16_000, 1, 0.0)[:, None], rate_hz=16_000))
    facts = tag_apart(path, tmp_path, [Choice("content", folder=models)], limits=Limits())
    assert facts["duration_ms"] == 2000
    assert facts["tasks"]["content"]["summary"]["noise"] == 1
    assert (tmp_path / "content.json.gz").exists()


def test_what_is_no_audio_is_refused_by_that_process(tmp_path) -> None:
    path = tmp_path / "page.wav"
    path.write_bytes(b"<html>")
    with pytest.raises(NotAudio):
        tag_apart(path, tmp_path, [], limits=Limits())
