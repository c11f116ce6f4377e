import json
from dataclasses import dataclass, field, replace

import pytest

from earshot.adapters.schema import KEYS, conform
from earshot.analysing import analyse, identity
from earshot.audio import ObjectMetadata, Refusal, audio_id, now
from earshot.errors import BadEvent, ComeAgain, Undecodable
from tests.unit.fakes import WAV, AudioStore, Removals, Table

URL = "https://example.org/a.wav"
NAME = f"audio/{audio_id(URL)}.wav"


@dataclass
class Measures:
    """Measures that are given, not computed."""

    version: int = 1
    loudness: float = -20.0
    fault: Exception | None = None
    compared: list = field(default_factory=list)

    def measure(self, path):
        if self.fault:
            raise self.fault
        return {"duration_ms": 1000, "loudness": self.loudness, "is_silent": False, "channels": 1}

    def compare(self, path, reference, *, spent_s):
        assert 0 <= spent_s < 60
        self.compared.append(reference and reference.read_bytes())
        return {"pesq": None, "pesq_status": "no_reference"}

    def classify(self, loudness_dbfs):
        return {"classification": "Medium Energy", "high_energy_dbfs": -14.0, "medium_energy_dbfs": -26.0}


@dataclass
class Stack:
    """The analyser with everything it talks to."""

    store: AudioStore = field(default_factory=AudioStore)
    audio: Table = field(default_factory=Table)
    refusals: Table = field(default_factory=Table)
    history: Table = field(default_factory=lambda: Table(KEYS["analyses"]))
    measures: Measures = field(default_factory=Measures)

    def handle(self, data):
        analyse(
            data,
            store=self.store,
            audio=self.audio,
            refusals=self.refusals,
            history=self.history,
            removals=Removals(self.audio),
            measures=self.measures,
            max_bytes=1000,
        )

    def arrive(self, kept):
        self.handle({"bucket": kept.bucket, "name": kept.name, "generation": str(kept.generation)})

    def row(self, name):
        return self.audio.rows.get(f"gs://recordings/{name}")


def test_a_recording_becomes_a_row_that_fits_the_table():
    stack = Stack()
    stack.arrive(stack.store.drop(NAME, WAV, ObjectMetadata(source_url=URL, file_name="a.wav", page_title="Talks")))
    row = conform(stack.row(NAME), "audio_metadata")
    assert (row["gcp_url"], row["file_name"], row["duration_ms"]) == (f"gs://recordings/{NAME}", "a.wav", 1000)
    assert (row["source_url"], row["page_title"], row["audio_id"]) == (URL, "Talks", audio_id(URL))
    assert row["generation"] == 1


def test_a_bucket_notification_is_understood_too():
    stack = Stack()
    kept = stack.store.drop(NAME, WAV)
    attributes = {"bucketId": "recordings", "objectId": NAME, "objectGeneration": str(kept.generation)}
    stack.handle({"message": {"data": "e30=", "attributes": attributes}})
    assert stack.row(NAME)["duration_ms"] == 1000


def test_a_file_dropped_by_hand_has_a_row_without_a_source():
    stack = Stack()
    stack.arrive(stack.store.drop("audio/my talk.wav", WAV))
    row = stack.row("audio/my talk.wav")
    assert (row["file_name"], row["source_url"]) == ("my talk.wav", None)
    assert row["audio_id"] == identity(stack.store.describe("audio/my talk.wav"))


def test_a_late_notification_is_handled_without_measuring():
    stack = Stack()
    old = stack.store.drop(NAME, WAV)
    new = stack.store.drop(NAME, WAV + b"\0\0")
    stack.arrive(new)
    stack.measures.fault = AssertionError("measured again")
    stack.arrive(old)
    assert stack.row(NAME)["generation"] == new.generation


@pytest.mark.parametrize("name", ["incoming/a/b", "references/clean.wav", "features/a.parquet"])
def test_notifications_of_other_objects_are_passed_over(name):
    stack = Stack(measures=Measures(fault=AssertionError("measured")))
    stack.arrive(stack.store.drop(name, WAV))
    assert (stack.audio.rows, stack.refusals.rows) == ({}, {})


def test_every_version_stays_in_the_history_and_the_newest_is_the_row():
    stack = Stack()
    kept = stack.store.drop(NAME, WAV)
    stack.arrive(kept)
    stack.measures = Measures(version=2, loudness=-30.0)
    stack.arrive(kept)
    stack.arrive(kept)
    levels = {key[2]: json.loads(row["measures"])["loudness"] for key, row in stack.history.rows.items()}
    assert levels == {1: -20.0, 2: -30.0}
    assert stack.row(NAME)["loudness"] == -30.0
    conform(stack.history.rows[f"gs://recordings/{NAME}", kept.generation, 2], "analyses")


def test_a_measure_that_is_no_number_is_null_in_the_history():
    stack = Stack(measures=Measures(loudness=float("-inf")))
    stack.arrive(stack.store.drop(NAME, WAV))
    (row,) = stack.history.rows.values()
    assert json.loads(row["measures"])["loudness"] is None


def test_an_object_that_is_gone_before_it_was_measured_has_no_row():
    stack = Stack()
    kept = stack.store.drop(NAME, WAV)
    del stack.store.objects[NAME]
    stack.arrive(kept)
    assert stack.audio.rows == {}


def test_a_row_whose_object_was_deleted_is_marked():
    stack = Stack()
    kept = stack.store.drop(NAME, WAV)
    stack.arrive(kept)
    del stack.store.objects[NAME]
    stack.arrive(kept)
    stack.arrive(kept)
    assert stack.row(NAME)["removed_because"] == "deleted"


def test_a_row_whose_object_was_forgotten_is_marked_as_withdrawn():
    stack = Stack()
    kept = stack.store.drop(NAME, WAV)
    stack.arrive(kept)
    stack.store.refusals[audio_id(URL)] = Refusal(
        audio_id=audio_id(URL), stage="person", reason="withdrawn", first_seen=now(), last_seen=now()
    )
    del stack.store.objects[NAME]
    stack.arrive(kept)
    assert stack.row(NAME)["removed_because"] == "withdrawn"


def test_an_object_deleted_while_it_is_measured_leaves_no_unmarked_row():
    stack = Stack()
    kept = stack.store.drop(NAME, WAV)
    upsert = stack.audio.upsert

    def late(row):
        del stack.store.objects[NAME]
        upsert(row)

    stack.audio.upsert = late
    stack.arrive(kept)
    assert stack.row(NAME)["removed_because"] == "deleted"


def test_what_is_forgotten_while_it_is_measured_leaves_no_measures():
    stack = Stack()
    kept = stack.store.drop(NAME, WAV)
    upsert = stack.audio.upsert

    def late(row):
        stack.store.refusals[audio_id(URL)] = Refusal(
            audio_id=audio_id(URL), stage="person", reason="withdrawn", first_seen=now(), last_seen=now()
        )
        del stack.store.objects[NAME]
        upsert(row)

    stack.audio.upsert = late
    stack.arrive(kept)
    assert stack.row(NAME)["removed_because"] == "withdrawn"
    assert [row["measures"] for row in stack.history.rows.values()] == [None]


def test_an_object_that_came_back_loses_its_mark():
    stack = Stack()
    stack.arrive(stack.store.drop(NAME, WAV))
    gone = stack.store.objects.pop(NAME)
    stack.arrive(gone)
    stack.arrive(stack.store.drop(NAME, WAV))
    stack.arrive(gone)
    assert stack.row(NAME)["removed_at"] is None


def test_a_refusal_whose_object_is_gone_stays_in_the_table():
    stack = Stack()
    name = f"refused/{audio_id(URL)}.json"
    stack.store.refuse(
        Refusal(audio_id=audio_id(URL), stage="downloader", reason="empty", first_seen=now(), last_seen=now())
    )
    stack.arrive(stack.store.describe(name))
    stack.arrive(stack.store.objects.pop(name))
    assert [row["reason"] for row in stack.refusals.rows.values()] == ["empty"]


def test_a_file_that_cannot_be_decoded_is_a_row_of_refusals():
    stack = Stack(measures=Measures(fault=Undecodable("lost sync", decoder="libsndfile")))
    stack.arrive(stack.store.drop(NAME, WAV, ObjectMetadata(source_url=URL)))
    (row,) = stack.refusals.rows.values()
    assert (row["reason"], row["stage"], row["source_url"]) == ("undecodable", "analyser", URL)
    assert row["evidence"] == '{"decoder": "libsndfile"}'
    assert stack.audio.rows == {}
    conform(row, "refusals")


def test_a_file_over_the_limit_is_not_even_fetched():
    stack = Stack(measures=Measures(fault=AssertionError("measured")))
    stack.arrive(stack.store.drop(NAME, bytes(1001)))
    (row,) = stack.refusals.rows.values()
    assert row["reason"] == "too_large"


def test_a_stored_refusal_becomes_a_row():
    stack = Stack()
    refusal = Refusal(
        audio_id=audio_id(URL),
        source_url=URL,
        stage="downloader",
        reason="source_gone",
        first_seen=now(),
        last_seen=now(),
    )
    stack.store.refuse(refusal)
    stack.arrive(stack.store.describe(f"refused/{audio_id(URL)}.json"))
    (row,) = stack.refusals.rows.values()
    assert (row["gcp_url"], row["reason"]) == (f"gs://recordings/refused/{audio_id(URL)}.json", "source_gone")
    conform(row, "refusals")


@pytest.mark.parametrize(
    "name", ["audio/", "audio/talks/", "refused/", "refused/old/", "refused/a.txt", "refused/old/b.json"]
)
def test_folder_placeholders_and_other_files_are_passed_over(name):
    stack = Stack(measures=Measures(fault=AssertionError("measured")))
    stack.arrive(stack.store.drop(name, b""))
    assert stack.refusals.rows == stack.audio.rows == {}


def test_a_huge_refusal_is_not_read():
    stack = Stack()
    name = f"refused/{audio_id(URL)}.json"
    stack.store.drop(name, b"{}")
    stack.store.objects[name] = replace(stack.store.objects[name], bytes=200_000_000)
    stack.store.refusal = None
    stack.arrive(stack.store.objects[name])
    (row,) = stack.refusals.rows.values()
    assert (row["reason"], "200000000 bytes" in row["detail"]) == ("bad_event", True)


def test_a_long_text_of_a_refusal_is_cut():
    stack = Stack()
    detail = "ö" * 5_000_000
    refusal = Refusal(
        audio_id=audio_id(URL), stage="person", reason="withdrawn", detail=detail, first_seen=now(), last_seen=now()
    )
    stack.store.refusals[refusal.audio_id] = refusal
    stack.store.drop(f"refused/{refusal.audio_id}.json", b"{}")
    stack.arrive(stack.store.describe(f"refused/{refusal.audio_id}.json"))
    (row,) = stack.refusals.rows.values()
    assert 0 < len(row["detail"].encode()) <= 16 * 1024


def test_a_deleted_recording_is_marked_though_its_refusal_cannot_be_read():
    stack = Stack()
    kept = stack.store.drop(NAME, WAV)
    stack.arrive(kept)

    def torn(audio_id):
        return Refusal.model_validate_json(b'{"audio_id": "')

    stack.store.refusal = torn
    stack.store.delete(NAME)
    stack.arrive(kept)
    assert stack.row(NAME)["removed_because"] == "deleted"


def test_an_explicit_reference_is_compared_with():
    stack = Stack()
    stack.store.drop("audio/clean.wav", b"clean")
    stack.arrive(stack.store.drop(NAME, WAV, ObjectMetadata(reference="gs://recordings/audio/clean.wav")))
    assert stack.measures.compared == [b"clean"]


def test_a_reference_of_the_same_name_is_found_and_recorded():
    stack = Stack()
    stack.store.drop("references/p1_001.flac", b"clean")
    stack.arrive(stack.store.drop("audio/p1_001.wav", WAV))
    assert stack.measures.compared == [b"clean"]
    (row,) = stack.audio.rows.values()
    assert row["reference"] == "gs://recordings/references/p1_001.flac"


def test_a_preview_is_compared_with_its_original_once_that_is_kept():
    stack = Stack()
    original = "https://example.org/sounds/7/download/"
    preview = stack.store.drop(NAME, WAV, ObjectMetadata(source_url=URL, original_url=original))
    stack.arrive(preview)
    stack.store.drop(f"audio/{audio_id(original)}.flac", b"clean", ObjectMetadata(source_url=original))
    stack.arrive(preview)
    assert stack.measures.compared == [None, b"clean"]
    (row,) = stack.audio.rows.values()
    assert row["reference"] == f"gs://recordings/audio/{audio_id(original)}.flac"


@pytest.mark.parametrize(
    "reference", [None, "gs://elsewhere/clean.wav", "gs://recordings/audio/gone.wav", "/etc/passwd"]
)
def test_a_reference_outside_this_bucket_is_none(reference):
    stack = Stack()
    stack.arrive(stack.store.drop(NAME, WAV, ObjectMetadata(reference=reference)))
    assert stack.measures.compared == [None]


def test_a_table_that_is_busy_makes_the_delivery_come_again():
    stack = Stack(audio=Table(faults=[ComeAgain("busy")]))
    kept = stack.store.drop(NAME, WAV)
    with pytest.raises(ComeAgain):
        stack.arrive(kept)
    stack.arrive(kept)
    assert len(stack.audio.rows) == 1


def test_a_notification_that_cannot_be_read_is_recorded_and_given_up():
    stack = Stack()
    with pytest.raises(BadEvent):
        stack.handle({"surprise": 1})
    (row,) = stack.refusals.rows.values()
    assert (row["reason"], row["stage"]) == ("bad_event", "analyser")
    conform(row, "refusals")
