import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio import (
    METADATA_BYTES,
    Alternative,
    Arrival,
    AudioAnalysis,
    AudioFound,
    ObjectMetadata,
    Refusal,
    alternatives_json,
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
    data = event(
        b"{}", bucketId="recordings", objectId="audio/ü.mp3", objectGeneration="17", eventType="OBJECT_FINALIZE"
    )
    assert Arrival.from_event(data) == Arrival("recordings", "audio/ü.mp3", 17)


def test_a_storage_event_names_the_object():
    data = {"bucket": "recordings", "name": "audio/a.mp3", "generation": "17", "size": "4"}
    assert Arrival.from_event(data) == Arrival("recordings", "audio/a.mp3", 17)


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


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" a\n\tb\x00c\u200bd ", "a b cd"),
        ("To\u0308ne\u00a0und", "T\u00f6ne und"),
        ("a" + "\u0301" * 500, "\u00e1" + "\u0301" * 29),
        ("\ud800x", "x"),
        ("", ""),
    ],
)
def test_text_is_cleaned(text, cleaned):
    assert clean(text) == cleaned


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
        gcp_url="gs://recordings/audio/a.wav",
        file_name="a.wav",
        duration_ms=1000,
        loudness=-20.0,
        classification="Medium Energy",
        generation=1,
        analyser_version=1,
        facts={"channels": 2},
    ).as_row()
    assert row["gcp_url"] == "gs://recordings/audio/a.wav"
    assert row["shard"] == shard("gs://recordings/audio/a.wav")
    assert {"file_name", "duration_ms", "loudness", "classification", "channels"} <= row.keys()


ABSURD = [10**26, -1, 1e300, float("inf"), float("nan"), "9" * 26, "many", [], {}, 2**63]


@pytest.mark.parametrize("number", ABSURD)
def test_a_number_that_no_row_can_hold_is_no_number(number):
    found = AudioFound(source_url="https://example.org/a.mp3", declared_duration_ms=number, declared_bytes=7)
    assert (found.declared_duration_ms, found.declared_bytes) == (None, 7)


@pytest.mark.parametrize("digits", ["9" * 26, "1e400", "-5", '"12 MB"'])
def test_a_message_with_an_absurd_number_is_read_without_it(digits):
    payload = f'{{"source_url": "https://example.org/a.mp3", "declared_bytes": {digits}, "position": 2}}'.encode()
    found = AudioFound.from_event(event(payload))
    assert (found.declared_bytes, found.position) == (None, 2)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "yesterday", 10**30])
def test_a_moment_that_no_row_can_hold_is_no_moment(moment):
    found = AudioFound.model_validate({"source_url": "https://example.org/a.mp3", "found_at": moment})
    assert found.found_at is None


def test_a_moment_without_a_zone_is_utc():
    metadata = ObjectMetadata.from_metadata({"checked_at": "2026-11-21T10:00:00"})
    assert metadata.checked_at == datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_metadata_with_an_absurd_number_keep_the_rest():
    metadata = ObjectMetadata.from_metadata({"http_status": "9" * 30, "fetch_ms": "12", "page_title": "kept"})
    assert (metadata.http_status, metadata.fetch_ms, metadata.page_title) == (None, 12, "kept")


MP3 = Alternative(url="https://example.org/a.mp3", declared_type="audio/mpeg", declared_bit_rate_bps=128_000)
OPUS = Alternative(url="https://example.org/a.opus", rendition="low")


def test_renditions_are_the_source_and_its_alternatives_in_order_each_once():
    found = AudioFound(source_url="https://example.org/a.flac", rendition="hi", alternatives=(MP3, OPUS, MP3))
    assert [one.url for one in found.renditions()] == ["https://example.org/a.flac", MP3.url, OPUS.url]
    assert found.renditions()[0].rendition == "hi"
    assert AudioFound.from_event(event(found.model_dump_json().encode())) == found


def test_a_recording_is_identified_without_what_its_url_carries_along():
    plain = AudioFound(source_url="https://example.org/a.mp3")
    tracked = AudioFound(source_url="https://pod.example/track/example.org/a.mp3?_=1", identity_url=plain.source_url)
    assert tracked.audio_id == plain.audio_id


def test_a_long_identity_survives_the_metadata_of_an_object():
    url = "https://example.org/" + "a" * 2000
    metadata = ObjectMetadata(source_url=url, identity_url=url + "b", page_url=url, final_url=url)
    kept = ObjectMetadata.from_metadata(metadata.as_metadata())
    assert (kept.source_url, kept.audio_id) == (url, metadata.audio_id)


@given(st.lists(st.builds(Alternative, url=st.text(max_size=600), rendition=st.text(max_size=200)), max_size=8))
def test_the_list_of_alternatives_fits_its_metadata_whole(others):
    text = alternatives_json(others, {other.url: "source_gone" for other in others})
    if text is not None:
        assert len(text.encode()) <= 1000
        assert clean(text) == text
        assert all(one["failed"] == "source_gone" for one in json.loads(text) if one.get("url"))


def refusal(**fields):
    moment = "2026-11-21T10:00:00"
    known = {"audio_id": "0" * 32, "stage": "downloader", "reason": "empty", "first_seen": moment, "last_seen": moment}
    return Refusal.model_validate(known | fields)


def test_a_refusal_without_zones_is_compared_with_the_present_all_the_same():
    assert refusal().last_seen == datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_a_refusal_of_megabytes_is_cut():
    assert len(refusal(detail="x" * 5_000_000).detail) == 1024


@pytest.mark.parametrize(
    "fields",
    [
        {"attempts": 10**30},
        {"attempts": -1},
        {"last_seen": "0001-01-01T00:00:00+14:00"},
        {"stage": "x"},
        {"found": {"source_url": 7}},
        {"evidence": "x" * 10**6},
        {"detail": 7},
    ],
)
def test_a_refusal_that_a_person_has_edited_is_read_as_far_as_it_goes(fields):
    read = refusal(**fields)
    assert read.reason == "empty"
    assert 1 <= read.attempts <= 10**9
    assert len(read.evidence or "") < 20_000
    assert read.model_validate_json(read.model_dump_json()) == read
