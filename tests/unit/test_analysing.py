import json
from dataclasses import dataclass, field

import pytest

from earshot.adapters.schema import KEYS, conform
from earshot.analysing import analyse, identity
from earshot.audio import Labels, Refusal, audio_id, now
from earshot.errors import BadEvent, ComeAgain, Undecodable
from tests.unit.rooms import WAV, Removals, Shelf, Table

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
class House:
    """The analyser with everything it talks to."""

    shelf: Shelf = field(default_factory=Shelf)
    audio: Table = field(default_factory=Table)
    refusals: Table = field(default_factory=Table)
    history: Table = field(default_factory=lambda: Table(KEYS["analyses"]))
    measures: Measures = field(default_factory=Measures)

    def settle(self, data):
        analyse(
            data,
            shelf=self.shelf,
            audio=self.audio,
            refusals=self.refusals,
            history=self.history,
            removals=Removals(self.audio),
            measures=self.measures,
            max_bytes=1000,
        )

    def arrive(self, kept):
        self.settle({"bucket": kept.bucket, "name": kept.name, "generation": str(kept.generation)})

    def row(self, name):
        return self.audio.rows.get(f"gs://shelf/{name}")


def test_a_recording_becomes_a_row_that_fits_the_table():
    house = House()
    house.arrive(house.shelf.drop(NAME, WAV, Labels(source_url=URL, file_name="a.wav", page_title="Talks")))
    row = conform(house.row(NAME), "audio_metadata")
    assert (row["gcp_url"], row["file_name"], row["duration_ms"]) == (f"gs://shelf/{NAME}", "a.wav", 1000)
    assert (row["source_url"], row["page_title"], row["audio_id"]) == (URL, "Talks", audio_id(URL))
    assert row["generation"] == 1


def test_a_bucket_notification_is_understood_too():
    house = House()
    kept = house.shelf.drop(NAME, WAV)
    attributes = {"bucketId": "shelf", "objectId": NAME, "objectGeneration": str(kept.generation)}
    house.settle({"message": {"data": "e30=", "attributes": attributes}})
    assert house.row(NAME)["duration_ms"] == 1000


def test_a_file_dropped_by_hand_has_a_row_without_a_source():
    house = House()
    house.arrive(house.shelf.drop("audio/my talk.wav", WAV))
    row = house.row("audio/my talk.wav")
    assert (row["file_name"], row["source_url"]) == ("my talk.wav", None)
    assert row["audio_id"] == identity(house.shelf.describe("audio/my talk.wav"))


def test_old_news_is_settled_without_measuring():
    house = House()
    old = house.shelf.drop(NAME, WAV)
    new = house.shelf.drop(NAME, WAV + b"\0\0")
    house.arrive(new)
    house.measures.fault = AssertionError("measured again")
    house.arrive(old)
    assert house.row(NAME)["generation"] == new.generation


@pytest.mark.parametrize("name", ["incoming/a/b", "references/clean.wav", "features/a.parquet"])
def test_news_of_the_rest_of_the_shelf_is_passed_over(name):
    house = House(measures=Measures(fault=AssertionError("measured")))
    house.arrive(house.shelf.drop(name, WAV))
    assert (house.audio.rows, house.refusals.rows) == ({}, {})


def test_every_version_stays_in_the_history_and_the_newest_is_the_row():
    house = House()
    kept = house.shelf.drop(NAME, WAV)
    house.arrive(kept)
    house.measures = Measures(version=2, loudness=-30.0)
    house.arrive(kept)
    house.arrive(kept)
    levels = {key[2]: json.loads(row["measures"])["loudness"] for key, row in house.history.rows.items()}
    assert levels == {1: -20.0, 2: -30.0}
    assert house.row(NAME)["loudness"] == -30.0
    conform(house.history.rows[f"gs://shelf/{NAME}", kept.generation, 2], "analyses")


def test_a_measure_that_is_no_number_is_null_in_the_history():
    house = House(measures=Measures(loudness=float("-inf")))
    house.arrive(house.shelf.drop(NAME, WAV))
    (row,) = house.history.rows.values()
    assert json.loads(row["measures"])["loudness"] is None


def test_an_object_that_is_gone_before_it_was_measured_has_no_row():
    house = House()
    kept = house.shelf.drop(NAME, WAV)
    del house.shelf.objects[NAME]
    house.arrive(kept)
    assert house.audio.rows == {}


def test_a_row_whose_object_was_deleted_is_marked():
    house = House()
    kept = house.shelf.drop(NAME, WAV)
    house.arrive(kept)
    del house.shelf.objects[NAME]
    house.arrive(kept)
    house.arrive(kept)
    assert house.row(NAME)["removed_because"] == "deleted"


def test_a_row_whose_object_was_forgotten_is_marked_as_withdrawn():
    house = House()
    kept = house.shelf.drop(NAME, WAV)
    house.arrive(kept)
    house.shelf.refusals[audio_id(URL)] = Refusal(
        audio_id=audio_id(URL), stage="person", reason="withdrawn", first_seen=now(), last_seen=now()
    )
    del house.shelf.objects[NAME]
    house.arrive(kept)
    assert house.row(NAME)["removed_because"] == "withdrawn"


def test_an_object_that_goes_while_it_is_measured_leaves_no_standing_row():
    house = House()
    kept = house.shelf.drop(NAME, WAV)
    upsert = house.audio.upsert

    def late(row):
        del house.shelf.objects[NAME]
        upsert(row)

    house.audio.upsert = late
    house.arrive(kept)
    assert house.row(NAME)["removed_because"] == "deleted"


def test_what_is_forgotten_while_it_is_measured_leaves_no_measures():
    house = House()
    kept = house.shelf.drop(NAME, WAV)
    upsert = house.audio.upsert

    def late(row):
        house.shelf.refusals[audio_id(URL)] = Refusal(
            audio_id=audio_id(URL), stage="person", reason="withdrawn", first_seen=now(), last_seen=now()
        )
        del house.shelf.objects[NAME]
        upsert(row)

    house.audio.upsert = late
    house.arrive(kept)
    assert house.row(NAME)["removed_because"] == "withdrawn"
    assert [row["measures"] for row in house.history.rows.values()] == [None]


def test_an_object_that_came_back_stands_again():
    house = House()
    house.arrive(house.shelf.drop(NAME, WAV))
    gone = house.shelf.objects.pop(NAME)
    house.arrive(gone)
    house.arrive(house.shelf.drop(NAME, WAV))
    house.arrive(gone)
    assert house.row(NAME)["removed_at"] is None


def test_a_refusal_whose_object_is_gone_stays_in_the_table():
    house = House()
    name = f"refused/{audio_id(URL)}.json"
    house.shelf.refuse(
        Refusal(audio_id=audio_id(URL), stage="downloader", reason="empty", first_seen=now(), last_seen=now())
    )
    house.arrive(house.shelf.describe(name))
    house.arrive(house.shelf.objects.pop(name))
    assert [row["reason"] for row in house.refusals.rows.values()] == ["empty"]


def test_a_file_that_cannot_be_decoded_is_a_row_of_refusals():
    house = House(measures=Measures(fault=Undecodable("lost sync", decoder="libsndfile")))
    house.arrive(house.shelf.drop(NAME, WAV, Labels(source_url=URL)))
    (row,) = house.refusals.rows.values()
    assert (row["reason"], row["stage"], row["source_url"]) == ("undecodable", "analyser", URL)
    assert row["evidence"] == '{"decoder": "libsndfile"}'
    assert house.audio.rows == {}
    conform(row, "refusals")


def test_a_file_over_the_limit_is_not_even_fetched():
    house = House(measures=Measures(fault=AssertionError("measured")))
    house.arrive(house.shelf.drop(NAME, bytes(1001)))
    (row,) = house.refusals.rows.values()
    assert row["reason"] == "too_large"


def test_a_refusal_on_the_shelf_becomes_a_row():
    house = House()
    refusal = Refusal(
        audio_id=audio_id(URL),
        source_url=URL,
        stage="downloader",
        reason="source_gone",
        first_seen=now(),
        last_seen=now(),
    )
    house.shelf.refuse(refusal)
    house.arrive(house.shelf.describe(f"refused/{audio_id(URL)}.json"))
    (row,) = house.refusals.rows.values()
    assert (row["gcp_url"], row["reason"]) == (f"gs://shelf/refused/{audio_id(URL)}.json", "source_gone")
    conform(row, "refusals")


def test_an_explicit_reference_is_compared_with():
    house = House()
    house.shelf.drop("audio/clean.wav", b"clean")
    house.arrive(house.shelf.drop(NAME, WAV, Labels(reference="gs://shelf/audio/clean.wav")))
    assert house.measures.compared == [b"clean"]


def test_a_reference_of_the_same_name_is_found_and_told():
    house = House()
    house.shelf.drop("references/p1_001.flac", b"clean")
    house.arrive(house.shelf.drop("audio/p1_001.wav", WAV))
    assert house.measures.compared == [b"clean"]
    (row,) = house.audio.rows.values()
    assert row["reference"] == "gs://shelf/references/p1_001.flac"


def test_a_preview_is_compared_with_its_original_once_that_is_kept():
    house = House()
    original = "https://example.org/sounds/7/download/"
    preview = house.shelf.drop(NAME, WAV, Labels(source_url=URL, original_url=original))
    house.arrive(preview)
    house.shelf.drop(f"audio/{audio_id(original)}.flac", b"clean", Labels(source_url=original))
    house.arrive(preview)
    assert house.measures.compared == [None, b"clean"]
    (row,) = house.audio.rows.values()
    assert row["reference"] == f"gs://shelf/audio/{audio_id(original)}.flac"


@pytest.mark.parametrize("reference", [None, "gs://elsewhere/clean.wav", "gs://shelf/audio/gone.wav", "/etc/passwd"])
def test_a_reference_that_is_not_on_this_shelf_is_none(reference):
    house = House()
    house.arrive(house.shelf.drop(NAME, WAV, Labels(reference=reference)))
    assert house.measures.compared == [None]


def test_a_table_that_is_busy_makes_the_delivery_come_again():
    house = House(audio=Table(faults=[ComeAgain("busy")]))
    kept = house.shelf.drop(NAME, WAV)
    with pytest.raises(ComeAgain):
        house.arrive(kept)
    house.arrive(kept)
    assert len(house.audio.rows) == 1


def test_news_that_cannot_be_read_is_recorded_and_given_up():
    house = House()
    with pytest.raises(BadEvent):
        house.settle({"surprise": 1})
    (row,) = house.refusals.rows.values()
    assert (row["reason"], row["stage"]) == ("bad_event", "analyser")
    conform(row, "refusals")
