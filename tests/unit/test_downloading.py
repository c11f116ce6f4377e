import json
from base64 import b64encode
from datetime import timedelta
from hashlib import md5, sha256

import pytest

from earshot.adapters.web import Web as RealWeb
from earshot.audio import Alternative, AudioFound, ObjectMetadata, Refusal, now
from earshot.consent import Respect, Signal, evidence
from earshot.downloading import Patience, disposition_name, download, path_name
from earshot.errors import BadEvent, ComeAgain, OptedOut, SourceAsksToWait, SourceFails, SourceGone, TooLarge
from tests.unit.fakes import WAV, AudioStore, Web, message

URL = "https://example.org/talks/one%20two.wav"
FOUND = AudioFound(source_url=URL, page_url="https://example.org/talks", page_title="Talks", license="CC0-1.0")


def deliver(data, web, store, recheck_after=timedelta(days=7), **more):
    download(data, web=web, store=store, max_bytes=10_000, timeout_s=10, recheck_after=recheck_after, **more)


def test_bytes_are_stored_under_a_name_that_follows_from_the_url():
    store = AudioStore()
    deliver(message(FOUND), Web({URL: WAV}), store)
    assert store.bodies == {f"audio/{FOUND.audio_id}.wav": WAV}


def test_everything_a_later_function_needs_is_attached_to_the_bytes():
    store = AudioStore()
    deliver(message(FOUND, traceparent="00-1-2-01"), Web({URL: WAV}), store)
    metadata = store.find(FOUND.audio_id).metadata
    assert (metadata.source_url, metadata.page_title, metadata.license) == (URL, "Talks", "CC0-1.0")
    assert (metadata.content_sha256, metadata.etag) == (sha256(WAV).hexdigest(), '"1"')
    assert (metadata.file_name, metadata.traceparent) == ("one two.wav", "00-1-2-01")


def test_the_extension_comes_from_the_bytes_and_not_from_the_url():
    url = "https://example.org/lies.mp3"
    store = AudioStore()
    deliver(message(AudioFound(source_url=url)), Web({url: WAV}), store)
    assert [name.rpartition(".")[2] for name in store.bodies] == ["wav"]


SAYS_NO = Signal("x-robots-tag", "noai", URL, now(), denies=True)
SAYS_NOTHING = Signal("robots.txt", "allow", URL, now())


def test_an_opt_out_that_came_with_the_link_is_obeyed_before_anything_is_asked():
    store, web = AudioStore(), Web({URL: WAV})
    deliver(message(FOUND.model_copy(update={"consent": evidence([SAYS_NO])})), web, store)
    kept = store.refusals[FOUND.audio_id]
    assert (kept.reason, web.asked) == ("opted_out", [])
    assert "noai" in kept.evidence


def test_an_opt_out_in_the_answer_is_obeyed_before_its_bytes():
    store = AudioStore()
    deliver(message(FOUND), Web({URL: WAV}, signals=[SAYS_NO]), store)
    assert list(store.objects) == [f"refused/{FOUND.audio_id}.json"]


def test_what_owners_say_travels_with_the_bytes():
    store = AudioStore()
    found = FOUND.model_copy(update={"consent": evidence([SAYS_NO])})
    deliver(message(found), Web({URL: WAV}, signals=[SAYS_NOTHING]), store, respect=Respect.NONE)
    assert store.find(FOUND.audio_id).metadata.consent == evidence([SAYS_NO, SAYS_NOTHING])


def test_a_repeat_asks_the_source_nothing():
    store, web = AudioStore(), Web({URL: WAV})
    deliver(message(FOUND), web, store)
    deliver(message(FOUND), web, store)
    assert (len(web.asked), store.generation) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (SourceGone("404"), "source_gone"),
        (TooLarge("412 MB"), "too_large"),
        (b"<!doctype html><title>Not here</title>", "not_audio"),
        (b'{"error": "gone"}', "not_audio"),
        (b"#EXTM3U\nhttp://example.org/1.mp3\n", "not_audio"),
        (b"", "empty"),
    ],
)
def test_what_can_never_succeed_becomes_a_refusal_with_its_reason(answer, reason):
    store = AudioStore()
    deliver(message(FOUND), Web({URL: answer}), store)
    kept = store.refusals[FOUND.audio_id]
    assert (kept.reason, kept.stage, kept.source_url) == (reason, "downloader", URL)
    assert list(store.objects) == [f"refused/{FOUND.audio_id}.json"]


def test_what_may_be_better_later_leaves_nothing_in_the_bucket():
    store = AudioStore()
    with pytest.raises(ComeAgain):
        deliver(message(FOUND), Web({URL: ComeAgain("503")}), store)
    assert store.objects == {}


def test_a_refusal_is_remembered_and_the_source_left_alone():
    store, web = AudioStore(), Web({URL: SourceGone("404")})
    deliver(message(FOUND), web, store)
    deliver(message(FOUND), web, store)
    assert (len(web.asked), store.refusals[FOUND.audio_id].attempts) == (1, 1)


def test_an_old_refusal_is_tried_again_and_counts_on():
    store, web = AudioStore(), Web({URL: SourceGone("404")})
    deliver(message(FOUND), web, store)
    store.age(FOUND.audio_id, timedelta(days=8))
    first_seen = store.refusals[FOUND.audio_id].first_seen
    deliver(message(FOUND), web, store)
    kept = store.refusals[FOUND.audio_id]
    assert (kept.attempts, kept.first_seen) == (2, first_seen)


@pytest.mark.parametrize("rival", [WAV, WAV + b"other"])
def test_a_rival_that_was_there_first_is_kept(rival):
    store = AudioStore(rival=rival)
    deliver(message(FOUND), Web({URL: WAV}), store)
    assert store.bodies == {f"audio/{FOUND.audio_id}.wav": rival}


def test_a_message_that_cannot_be_read_is_recorded_and_given_up():
    store = AudioStore()
    with pytest.raises(BadEvent):
        deliver({"message": {"data": "bm90IGpzb24="}}, Web({}), store)
    (kept,) = store.refusals.values()
    assert kept.reason == "bad_event"
    assert "bm90IGpzb24=" in kept.evidence


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/a/b.mp3?x=1", "b.mp3"),
        ("https://example.org/%2e%2e%2fetc%2fpasswd", "passwd"),
        ("https://example.org/a%00b%0a.mp3", "a b .mp3"),
        ("https://example.org/", ""),
    ],
)
def test_a_file_name_is_the_last_part_of_the_path_made_harmless(url, name):
    assert path_name(url) == name


def test_metadata_and_found_share_their_fields():
    assert AudioFound.model_fields.keys() - {"schema_version", "despite"} <= ObjectMetadata.model_fields.keys()


def withdrawal(found=FOUND):
    return Refusal(
        audio_id=found.audio_id, stage="person", reason="withdrawn", first_seen=now(), last_seen=now() - timedelta(9999)
    )


def test_what_was_withdrawn_is_never_asked_for_again_however_long_ago():
    store, web = AudioStore(), Web({URL: WAV})
    store.refuse(withdrawal())
    deliver(message(FOUND), web, store)
    deliver(message(FOUND.model_copy(update={"despite": now()})), web, store)
    assert (web.asked, store.find(FOUND.audio_id)) == ([], None)
    assert store.refusals[FOUND.audio_id] == withdrawal().model_copy(
        update=store.refusals[FOUND.audio_id].model_dump(include={"first_seen", "last_seen"})
    )


@pytest.mark.parametrize(("host", "asked"), [("example.org", []), ("ample.org", [URL]), ("www.example.org", [URL])])
def test_of_a_withdrawn_host_and_all_below_it_nothing_is_fetched(host, asked):
    store, web = AudioStore(hosts={host}), Web({URL: WAV})
    deliver(message(FOUND), web, store)
    assert web.asked == asked
    if not asked:
        assert store.refusals[FOUND.audio_id].reason == "withdrawn"


def test_what_is_withdrawn_while_it_is_fetched_does_not_stay():
    class Slow(Web):
        def fetch(self, url, **limits):
            store.refuse(withdrawal())
            return super().fetch(url, **limits)

    store = AudioStore()
    deliver(message(FOUND), Slow({URL: WAV}), store)
    assert store.find(FOUND.audio_id) is None


def test_what_was_withdrawn_while_its_delivery_died_goes_with_the_next_one():
    store = AudioStore()
    deliver(message(FOUND), Web({URL: WAV}), store)
    store.refuse(withdrawal())
    deliver(message(FOUND), Web({}), store)
    assert store.find(FOUND.audio_id) is None


def test_a_retry_asks_in_spite_of_the_refusal_that_it_names_and_no_younger_one():
    store, web = AudioStore(), Web({URL: SourceGone("404")})
    deliver(message(FOUND), web, store)
    again = FOUND.model_copy(update={"despite": store.refusals[FOUND.audio_id].last_seen})
    for _ in range(3):
        deliver(message(again), web, store)
    assert (len(web.asked), store.refusals[FOUND.audio_id].attempts) == (2, 2)


def test_a_refusal_carries_the_link_as_it_was_found():
    store = AudioStore()
    deliver(message(FOUND), Web({URL: SourceGone("404")}), store)
    assert store.refusals[FOUND.audio_id].found == FOUND


WINDOW = timedelta(0)  # the source is asked again at once
CHANGED = WAV + bytes(100)


def test_after_the_window_an_unchanged_source_is_confirmed_without_a_notification():
    store, web = AudioStore(), Web({URL: WAV})
    deliver(message(FOUND), web, store)
    deliver(message(FOUND), web, store, recheck_after=WINDOW)
    kept = store.find(FOUND.audio_id)
    assert (len(web.asked), kept.generation) == (2, 1)
    assert kept.metadata.checked_at >= kept.metadata.fetched_at


def test_after_the_window_the_same_bytes_under_another_etag_are_confirmed_too():
    store = AudioStore()
    deliver(message(FOUND), Web({URL: WAV}), store)
    deliver(message(FOUND), Web({URL: WAV}, etag='"2"'), store, recheck_after=WINDOW)
    assert store.find(FOUND.audio_id).generation == 1


def test_after_the_window_changed_bytes_are_a_new_generation_of_the_same_object():
    store = AudioStore()
    deliver(message(FOUND), Web({URL: WAV}), store)
    deliver(message(FOUND), Web({URL: CHANGED}, etag='"2"'), store, recheck_after=WINDOW)
    kept = store.find(FOUND.audio_id)
    assert store.bodies == {kept.name: CHANGED}
    assert (kept.generation, kept.metadata.etag) == (2, '"2"')


def test_a_source_that_is_gone_marks_what_was_kept_once_and_its_return_unmarks_it():
    store, web = AudioStore(), Web({URL: WAV})
    deliver(message(FOUND), web, store)
    web.pages[URL] = SourceGone("404")
    for _ in range(2):
        deliver(message(FOUND), web, store, recheck_after=WINDOW)
    kept = store.find(FOUND.audio_id)
    assert (kept.metadata.removed_at_source is not None, kept.generation, store.refusals) == (True, 2, {})
    web.pages[URL] = WAV
    deliver(message(FOUND), web, store, recheck_after=WINDOW)
    kept = store.find(FOUND.audio_id)
    assert (kept.metadata.removed_at_source, kept.generation) == (None, 3)


SRI = "sha256-" + b64encode(sha256(WAV).digest()).decode()


@pytest.mark.parametrize(
    ("promised", "verdict"),
    [
        ({"declared_md5": md5(WAV).hexdigest().upper()}, "matches"),
        ({"declared_md5": "0" * 32}, "differs"),
        ({"declared_sri": SRI}, "matches"),
        ({"declared_sri": f"sha512-AAAA {SRI}"}, "differs"),
        ({"declared_sri": f"sha1-x !! {SRI}?a", "declared_md5": "0" * 32}, "matches"),
        ({"declared_sri": "nonsense"}, None),
        ({}, None),
    ],
)
def test_bytes_are_compared_with_what_was_promised(promised, verdict):
    store = AudioStore()
    deliver(message(FOUND.model_copy(update=promised)), Web({URL: WAV}), store)
    assert store.find(FOUND.audio_id).metadata.integrity == verdict


def test_a_source_that_fails_is_asked_again():
    store = AudioStore()
    with pytest.raises(SourceFails):
        deliver(message(FOUND), Web({URL: SourceFails("500")}), store)
    assert store.objects == {}


def test_a_source_that_has_failed_often_enough_is_refused_until_somebody_tries_again():
    store = AudioStore()
    deliver(message(FOUND), Web({URL: SourceFails("answers 500")}), store, attempt=6)
    kept = store.refusals[FOUND.audio_id]
    assert (kept.reason, kept.retryable, kept.detail) == ("source_unavailable", True, "answers 500")
    deliver(message(FOUND.model_copy(update={"despite": kept.last_seen})), Web({URL: WAV}), store)
    assert store.bodies[f"audio/{FOUND.audio_id}.wav"] == WAV


def test_a_source_that_is_busy_is_waited_for_longer_than_one_that_fails():
    store = AudioStore()
    with pytest.raises(SourceAsksToWait):
        deliver(message(FOUND), Web({URL: SourceAsksToWait("503")}), store, attempt=17)
    assert store.objects == {}


BUSY = Patience(busy_attempts=18, busy_for=timedelta(hours=24))


def aged(found, age):
    data = message(found)
    data["message"]["publishTime"] = (now() - age).isoformat().replace("+00:00", "Z")
    return data


@pytest.mark.parametrize(("attempt", "age"), [(18, timedelta(hours=1)), (1, timedelta(hours=25))])
def test_a_source_that_is_busy_for_good_is_refused_so_that_its_other_links_do_not_expire(attempt, age):
    store = AudioStore()
    web = Web({URL: SourceAsksToWait("answers 429")})
    deliver(aged(FOUND, age), web, store, attempt=attempt, patience=BUSY)
    kept = store.refusals[FOUND.audio_id]
    assert (kept.reason, kept.retryable, kept.detail) == ("source_busy", True, "answers 429")


def test_what_is_stored_stays_when_its_source_is_busy_for_good():
    store = AudioStore()
    deliver(message(FOUND), Web({URL: WAV}), store)
    before = dict(store.objects)
    web = Web({URL: SourceAsksToWait("429")})
    deliver(aged(FOUND, timedelta(days=2)), web, store, recheck_after=timedelta(0), patience=BUSY)
    assert (store.objects, store.refusals) == (before, {})


def test_a_bucket_that_fails_is_never_the_fault_of_the_source():
    store = AudioStore()
    with pytest.raises(ComeAgain):
        deliver(aged(FOUND, timedelta(days=2)), Web({URL: ComeAgain("bucket")}), store, attempt=49)
    assert store.objects == {}


def test_what_is_stored_stays_when_its_source_fails():
    store = AudioStore()
    deliver(message(FOUND), Web({URL: WAV}), store)
    before = dict(store.objects)
    deliver(message(FOUND), Web({URL: SourceFails("500")}), store, recheck_after=timedelta(0), attempt=6)
    assert (store.objects, store.refusals) == (before, {})


MP3 = Alternative(url="https://cdn.example/a.mp3", rendition="low", declared_type="audio/mpeg")
OGG = Alternative(url="https://example.org/a.ogg", rendition="lower", declared_md5=md5(WAV).hexdigest())
SEVERAL = FOUND.model_copy(update={"rendition": "high", "alternatives": (MP3, OGG)})


def test_the_first_rendition_is_fetched_and_its_row_names_the_others():
    store, web = AudioStore(), Web({URL: WAV})
    deliver(message(SEVERAL), web, store)
    metadata = store.find(SEVERAL.audio_id).metadata
    assert (web.asked, metadata.rendition, metadata.fetched_url) == ([URL], "high", URL)
    assert [one["url"] for one in json.loads(metadata.alternatives)] == [MP3.url, OGG.url]


def test_when_a_rendition_fails_the_next_is_fetched_and_the_row_says_which_it_is():
    store, web = AudioStore(), Web({URL: SourceGone("404"), MP3.url: b"<!doctype html>", OGG.url: WAV})
    deliver(message(SEVERAL), web, store)
    metadata = store.find(SEVERAL.audio_id).metadata
    assert web.asked == [URL, MP3.url, OGG.url]
    assert (metadata.source_url, metadata.fetched_url, metadata.rendition) == (URL, OGG.url, "lower")
    assert (metadata.declared_type, metadata.integrity) == (None, "matches")
    others = {one["url"]: one.get("failed") for one in json.loads(metadata.alternatives)}
    assert others == {URL: "source_gone", MP3.url: "not_audio"}


def test_when_all_renditions_fail_the_refusal_is_that_of_the_first_and_names_the_others():
    store, web = AudioStore(), Web({URL: SourceGone("404"), MP3.url: TooLarge("big"), OGG.url: b""})
    deliver(message(SEVERAL), web, store)
    kept = store.refusals[SEVERAL.audio_id]
    assert kept.reason == "source_gone"
    assert "too_large" in kept.evidence
    assert kept.found.alternatives == (MP3, OGG)


def test_a_rendition_that_may_come_later_is_waited_for_before_a_lesser_one_is_taken():
    store, web = AudioStore(), Web({URL: SourceFails("500"), MP3.url: WAV})
    with pytest.raises(SourceFails):
        deliver(message(SEVERAL), web, store)
    deliver(message(SEVERAL), web, store, attempt=6)
    assert store.find(SEVERAL.audio_id).metadata.fetched_url == MP3.url


def test_an_owner_who_opts_out_at_one_rendition_has_opted_out_at_all():
    store, web = AudioStore(), Web({URL: OptedOut("noai"), MP3.url: WAV})
    deliver(message(SEVERAL), web, store)
    assert (web.asked, store.refusals[SEVERAL.audio_id].reason) == ([URL], "opted_out")


def test_a_rendition_on_a_withdrawn_host_is_passed_over():
    store, web = AudioStore(hosts={"cdn.example"}), Web({URL: SourceGone("404"), OGG.url: WAV})
    deliver(message(SEVERAL), web, store)
    assert web.asked == [URL, OGG.url]


def test_what_a_redirect_leads_to_on_a_withdrawn_host_is_not_kept():
    store = AudioStore(hosts={"cdn.example"})
    deliver(message(FOUND), Web({URL: WAV}, via={URL: ["https://a.cdn.example/x"]}), store)
    assert (store.find(FOUND.audio_id), store.refusals[FOUND.audio_id].reason) == (None, "withdrawn")


def test_of_a_stored_recording_the_stored_rendition_is_asked_for_first():
    store, web = AudioStore(), Web({URL: SourceGone("404"), MP3.url: WAV})
    deliver(message(SEVERAL), web, store)
    web.asked.clear()
    deliver(message(SEVERAL), web, store, recheck_after=WINDOW)
    assert (web.asked, store.find(SEVERAL.audio_id).generation) == ([MP3.url], 1)


@pytest.mark.parametrize(
    ("hops", "recorded"),
    [([], False), (["https://b.example/"], False), (["http://b.example/"], True)],
)
def test_a_redirect_from_https_to_http_is_recorded(hops, recorded):
    store = AudioStore()
    deliver(message(FOUND), Web({URL: WAV}, via={URL: hops}), store)
    assert store.find(FOUND.audio_id).metadata.redirected_to_http is recorded


@pytest.mark.parametrize("url", ["http://[::1/x", "http://", "", "ftp://a.example/b", "http://a b.example:99999/"])
def test_a_message_whose_url_is_none_is_a_refusal(url):
    store, found = AudioStore(), AudioFound(source_url=url)
    deliver(message(found), RealWeb(user_agent="tests"), store)
    assert store.refusals[found.audio_id].reason == "bad_url"


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"audio_id": 7}', b"\xff"])
def test_a_refusal_that_cannot_be_read_is_no_memory(text):
    class Torn(AudioStore):
        def refusal(self, audio_id):
            return Refusal.model_validate_json(text)

    store = Torn()
    deliver(message(FOUND), Web({URL: WAV}), store)
    assert store.find(FOUND.audio_id)


def test_a_withdrawal_whose_date_a_person_has_broken_is_still_one():
    text = json.dumps({"audio_id": FOUND.audio_id, "stage": "lawyer", "reason": "withdrawn", "last_seen": "last week"})
    store, web = AudioStore(), Web({URL: WAV})
    store.refusals[FOUND.audio_id] = Refusal.model_validate_json(text)
    deliver(message(FOUND), web, store)
    assert (web.asked, store.find(FOUND.audio_id)) == ([], None)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a b.mp3"', "a b.mp3"),
        ("attachment; filename=a.mp3", "a.mp3"),
        ("attachment;filename=my talk.mp3 ; size=3", "my talk.mp3"),
        ("inline; FILENAME = a.mp3", "a.mp3"),
        ("attachment; filename*=UTF-8''T%c3%b6ne%20%e2%82%ac.mp3; filename=x.mp3", "Töne €.mp3"),
        ("attachment; filename=x.mp3; filename*=iso-8859-1'en'%A3.mp3", "£.mp3"),
        ("attachment; filename*=klingon''%41; filename=x.mp3", "x.mp3"),
        ('attachment; filename="Töne.mp3"'.encode().decode("latin-1"), "Töne.mp3"),
        ('attachment; filename="Töne.mp3"', "Töne.mp3"),
        (r'attachment; filename="a\"b.mp3"', 'a"b.mp3'),
        (r'attachment; filename="C:\talks\a.mp3"', "a.mp3"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename=".."', ""),
        ('attachment; filename="a', "a"),
        ('attachment; x="; filename=no"; filename=yes', "yes"),
        ("attachment", ""),
        (";" * 5000, ""),
        (None, ""),
    ],
)
def test_a_content_disposition_names_the_file(header, name):
    assert disposition_name(header) == name


def test_the_name_of_a_file_is_the_one_its_server_gives():
    store = AudioStore()
    more = {"content-disposition": 'attachment; filename="Talk 7.wav"'}
    deliver(message(FOUND), Web({URL: WAV}, more=more), store)
    assert store.find(FOUND.audio_id).metadata.file_name == "Talk 7.wav"


def test_a_checksum_in_no_charset_of_checksums_is_none():
    store = AudioStore()
    deliver(message(FOUND.model_copy(update={"declared_sri": "sha256-Ünsinn="})), Web({URL: WAV}), store)
    assert store.find(FOUND.audio_id).metadata.integrity is None
