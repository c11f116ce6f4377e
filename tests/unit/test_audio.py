import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio import (
    METADATA_BYTES,
    Arrival,
    AudioAnalysis,
    AudioFound,
    ObjectMetadata,
    audio_id,
    clean,
    shard,
)
from earshot.errors import BadEvent


def event(payload: bytes, **attributes: str) -> dict:
    return {"message": {"data": base64.b64encode(payload).decode(), "attributes": attributes}}


def test_audio_id_is_32_hex_digits_of_the_sha256_of_the_url():
    # printf 'https://example.org/a.mp3' | sha256sum | cut -c1-32
    assert audio_id("https://example.org/a.mp3") == "3a08022cc7e1a96b097b47c6e1e4983e"


def test_a_message_survives_the_topic():
    found = AudioFound(source_url="https://example.org/a.mp3", page_title="Übung", position=3)
    assert AudioFound.from_event(event(found.model_dump_json().encode())) == found


def test_a_reader_ignores_fields_it_does_not_know():
    payload = json.dumps({"source_url": "https://example.org/a.mp3", "from_the_future": 1}).encode()
    assert AudioFound.from_event(event(payload)).source_url == "https://example.org/a.mp3"


def test_the_trace_of_the_message_is_carried_on():
    payload = json.dumps({"source_url": "https://example.org/a.mp3"}).encode()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert AudioFound.from_event(event(payload, traceparent=trace)).traceparent == trace


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"message": None}, {"message": {}}, {"message": {"data": "%%%"}}, {"message": {"data": 7}}]
    + [event(payload) for payload in (b"", b"[]", b"{}", b"\xff\xfe", b'{"source_url": 1}')],
)
def test_what_is_no_message_is_a_bad_event(data):
    with pytest.raises(BadEvent):
        AudioFound.from_event(data)


def test_a_bucket_notification_names_the_object():
    data = event(b"{}", bucketId="shelf", objectId="audio/ü.mp3", objectGeneration="17", eventType="OBJECT_FINALIZE")
    assert Arrival.from_event(data) == Arrival("shelf", "audio/ü.mp3", 17)


def test_a_storage_event_names_the_object():
    data = {"bucket": "shelf", "name": "audio/a.mp3", "generation": "17", "size": "4"}
    assert Arrival.from_event(data) == Arrival("shelf", "audio/a.mp3", 17)


@pytest.mark.parametrize("data", [None, "text", {}, {"bucket": "b", "name": "n"}, event(b"{}"), {"message": {}}])
def test_what_names_no_object_is_a_bad_event(data):
    with pytest.raises(BadEvent):
        Arrival.from_event(data)


def test_labels_survive_the_metadata_of_an_object():
    metadata = ObjectMetadata(source_url="https://example.org/a", page_title="Zwölf", http_status=200, position=2)
    assert ObjectMetadata.from_metadata(metadata.as_metadata()) == metadata


def test_a_file_dropped_by_hand_has_no_labels():
    assert ObjectMetadata.from_metadata(None) == ObjectMetadata()


def test_a_label_that_does_not_parse_is_left_out_alone():
    metadata = ObjectMetadata.from_metadata({"http_status": "many", "page_title": "kept"})
    assert (metadata.http_status, metadata.page_title) == (None, "kept")


@given(st.text(max_size=3000), st.text(max_size=9000))
def test_labels_never_outgrow_what_gcs_allows(title, text):
    metadata = ObjectMetadata(
        source_url="https://example.org/a", page_title=title, link_text=text, author=text, content_sha256="f" * 64
    )
    metadata = metadata.as_metadata()
    assert sum(len(key) + len(value.encode()) for key, value in metadata.items()) <= METADATA_BYTES
    assert (metadata["source_url"], metadata["content_sha256"]) == ("https://example.org/a", "f" * 64)


@given(st.text(max_size=200))
def test_cleaned_text_is_one_printable_line(text):
    cleaned = clean(text)
    assert cleaned.isprintable()
    assert clean(cleaned) == cleaned


def test_cleaning_cuts_between_characters():
    assert clean("ä" * 10, 5) == "ää"


@given(st.text(min_size=1, max_size=100))
def test_every_row_has_a_shard(name):
    assert 0 <= shard(name) < 1000


def test_shard_is_the_crc32_that_other_tools_compute():
    # python -c 'import zlib; print(zlib.crc32(b"123456789"))' is the CRC-32 check value 0xCBF43926
    assert shard("123456789") == 0xCBF43926 % 1000


def test_a_row_has_the_five_columns_its_users_know():
    row = AudioAnalysis(
        gcp_url="gs://shelf/audio/a.wav",
        file_name="a.wav",
        duration_ms=1000,
        loudness=-20.0,
        classification="Medium Energy",
        generation=1,
        analyser_version=1,
        facts={"channels": 2},
    ).as_row()
    assert row["gcp_url"] == "gs://shelf/audio/a.wav"
    assert row["shard"] == shard("gs://shelf/audio/a.wav")
    assert {"file_name", "duration_ms", "loudness", "classification", "channels"} <= row.keys()
