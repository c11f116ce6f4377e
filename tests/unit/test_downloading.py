from base64 import b64encode
from datetime import timedelta
from hashlib import md5, sha256

import pytest

from earshot.audio import AudioFound, ObjectMetadata, Refusal, now
from earshot.consent import Respect, Signal, evidence
from earshot.downloading import download, file_name
from earshot.errors import BadEvent, ComeAgain, SourceFails, SourceGone, TooLarge
from tests.unit.fakes import WAV, AudioStore, Web, message

URL = "https://example.org/talks/one%20two.wav"
FOUND = AudioFound(source_url=URL, page_url="https://example.org/talks", page_title="Talks", license="CC0-1.0")


def settle(data, web, store, remember=timedelta(days=7), **more):
    download(data, web=web, store=store, max_bytes=10_000, timeout_s=10, remember=remember, **more)


def test_bytes_land_on_the_shelf_under_a_name_that_follows_from_the_url():
    store = AudioStore()
    settle(message(FOUND), Web({URL: WAV}), store)
    assert store.bodies == {f"audio/{FOUND.audio_id}.wav": WAV}


def test_everything_a_later_room_asks_for_is_pinned_to_the_bytes():
    store = AudioStore()
    settle(message(FOUND, traceparent="00-1-2-01"), Web({URL: WAV}), store)
    metadata = store.find(FOUND.audio_id).metadata
    assert (metadata.source_url, metadata.page_title, metadata.license) == (URL, "Talks", "CC0-1.0")
    assert (metadata.content_sha256, metadata.etag) == (sha256(WAV).hexdigest(), '"1"')
    assert (metadata.file_name, metadata.traceparent) == ("one two.wav", "00-1-2-01")


def test_the_extension_comes_from_the_bytes_and_not_from_the_url():
    url = "https://example.org/lies.mp3"
    store = AudioStore()
    settle(message(AudioFound(source_url=url)), Web({url: WAV}), store)
    assert [name.rpartition(".")[2] for name in store.bodies] == ["wav"]


SAYS_NO = Signal("x-robots-tag", "noai", URL, now(), denies=True)
SAYS_NOTHING = Signal("robots.txt", "allow", URL, now())


def test_an_opt_out_that_came_with_the_link_is_obeyed_before_anything_is_asked():
    store, web = AudioStore(), Web({URL: WAV})
    settle(message(FOUND.model_copy(update={"consent": evidence([SAYS_NO])})), web, store)
    kept = store.refusals[FOUND.audio_id]
    assert (kept.reason, web.asked) == ("opted_out", [])
    assert "noai" in kept.evidence


def test_an_opt_out_in_the_answer_is_obeyed_before_its_bytes():
    store = AudioStore()
    settle(message(FOUND), Web({URL: WAV}, signals=[SAYS_NO]), store)
    assert list(store.objects) == [f"refused/{FOUND.audio_id}.json"]


def test_what_owners_say_travels_with_the_bytes():
    store = AudioStore()
    found = FOUND.model_copy(update={"consent": evidence([SAYS_NO])})
    settle(message(found), Web({URL: WAV}, signals=[SAYS_NOTHING]), store, respect=Respect.NONE)
    assert store.find(FOUND.audio_id).metadata.consent == evidence([SAYS_NO, SAYS_NOTHING])


def test_a_repeat_asks_the_source_nothing():
    store, web = AudioStore(), Web({URL: WAV})
    settle(message(FOUND), web, store)
    settle(message(FOUND), web, store)
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
    settle(message(FOUND), Web({URL: answer}), store)
    kept = store.refusals[FOUND.audio_id]
    assert (kept.reason, kept.stage, kept.source_url) == (reason, "downloader", URL)
    assert list(store.objects) == [f"refused/{FOUND.audio_id}.json"]


def test_what_may_be_better_later_leaves_no_trace_on_the_shelf():
    store = AudioStore()
    with pytest.raises(ComeAgain):
        settle(message(FOUND), Web({URL: ComeAgain("503")}), store)
    assert store.objects == {}


def test_a_refusal_is_remembered_and_the_source_left_alone():
    store, web = AudioStore(), Web({URL: SourceGone("404")})
    settle(message(FOUND), web, store)
    settle(message(FOUND), web, store)
    assert (len(web.asked), store.refusals[FOUND.audio_id].attempts) == (1, 1)


def test_an_old_refusal_is_tried_again_and_counts_on():
    store, web = AudioStore(), Web({URL: SourceGone("404")})
    settle(message(FOUND), web, store)
    store.age(FOUND.audio_id, timedelta(days=8))
    first_seen = store.refusals[FOUND.audio_id].first_seen
    settle(message(FOUND), web, store)
    kept = store.refusals[FOUND.audio_id]
    assert (kept.attempts, kept.first_seen) == (2, first_seen)


@pytest.mark.parametrize("rival", [WAV, WAV + b"other"])
def test_a_rival_that_was_there_first_is_kept(rival):
    store = AudioStore(rival=rival)
    settle(message(FOUND), Web({URL: WAV}), store)
    assert store.bodies == {f"audio/{FOUND.audio_id}.wav": rival}


def test_a_message_that_cannot_be_read_is_recorded_and_given_up():
    store = AudioStore()
    with pytest.raises(BadEvent):
        settle({"message": {"data": "bm90IGpzb24="}}, Web({}), store)
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
    assert file_name(url) == name


def test_labels_and_found_share_their_fields():
    assert AudioFound.model_fields.keys() - {"schema_version", "despite"} <= ObjectMetadata.model_fields.keys()


def withdrawal(found=FOUND):
    return Refusal(
        audio_id=found.audio_id, stage="person", reason="withdrawn", first_seen=now(), last_seen=now() - timedelta(9999)
    )


def test_what_was_withdrawn_is_never_asked_for_again_however_long_ago():
    store, web = AudioStore(), Web({URL: WAV})
    store.refuse(withdrawal())
    settle(message(FOUND), web, store)
    settle(message(FOUND.model_copy(update={"despite": now()})), web, store)
    assert (web.asked, store.find(FOUND.audio_id)) == ([], None)
    assert store.refusals[FOUND.audio_id] == withdrawal().model_copy(
        update=store.refusals[FOUND.audio_id].model_dump(include={"first_seen", "last_seen"})
    )


@pytest.mark.parametrize(("host", "asked"), [("example.org", []), ("ample.org", [URL]), ("www.example.org", [URL])])
def test_of_a_withdrawn_host_and_all_below_it_nothing_is_fetched(host, asked):
    store, web = AudioStore(hosts={host}), Web({URL: WAV})
    settle(message(FOUND), web, store)
    assert web.asked == asked
    if not asked:
        assert store.refusals[FOUND.audio_id].reason == "withdrawn"


def test_what_is_withdrawn_while_it_is_fetched_does_not_stay():
    class Slow(Web):
        def fetch(self, url, **limits):
            store.refuse(withdrawal())
            return super().fetch(url, **limits)

    store = AudioStore()
    settle(message(FOUND), Slow({URL: WAV}), store)
    assert store.find(FOUND.audio_id) is None


def test_what_was_withdrawn_while_its_delivery_died_goes_with_the_next_one():
    store = AudioStore()
    settle(message(FOUND), Web({URL: WAV}), store)
    store.refuse(withdrawal())
    settle(message(FOUND), Web({}), store)
    assert store.find(FOUND.audio_id) is None


def test_a_retry_asks_in_spite_of_the_refusal_that_it_names_and_no_younger_one():
    store, web = AudioStore(), Web({URL: SourceGone("404")})
    settle(message(FOUND), web, store)
    again = FOUND.model_copy(update={"despite": store.refusals[FOUND.audio_id].last_seen})
    for _ in range(3):
        settle(message(again), web, store)
    assert (len(web.asked), store.refusals[FOUND.audio_id].attempts) == (2, 2)


def test_a_refusal_carries_the_link_as_it_was_found():
    store = AudioStore()
    settle(message(FOUND), Web({URL: SourceGone("404")}), store)
    assert store.refusals[FOUND.audio_id].found == FOUND


WINDOW = timedelta(0)  # the source is asked again at once
CHANGED = WAV + bytes(100)


def test_after_the_window_an_unchanged_source_is_confirmed_and_nobody_hears_of_it():
    store, web = AudioStore(), Web({URL: WAV})
    settle(message(FOUND), web, store)
    settle(message(FOUND), web, store, remember=WINDOW)
    kept = store.find(FOUND.audio_id)
    assert (len(web.asked), kept.generation) == (2, 1)
    assert kept.metadata.checked_at >= kept.metadata.fetched_at


def test_after_the_window_the_same_bytes_under_another_etag_are_confirmed_too():
    store = AudioStore()
    settle(message(FOUND), Web({URL: WAV}), store)
    settle(message(FOUND), Web({URL: WAV}, etag='"2"'), store, remember=WINDOW)
    assert store.find(FOUND.audio_id).generation == 1


def test_after_the_window_changed_bytes_are_a_new_generation_of_the_same_object():
    store = AudioStore()
    settle(message(FOUND), Web({URL: WAV}), store)
    settle(message(FOUND), Web({URL: CHANGED}, etag='"2"'), store, remember=WINDOW)
    kept = store.find(FOUND.audio_id)
    assert store.bodies == {kept.name: CHANGED}
    assert (kept.generation, kept.metadata.etag) == (2, '"2"')


def test_a_source_that_is_gone_marks_what_was_kept_once_and_its_return_unmarks_it():
    store, web = AudioStore(), Web({URL: WAV})
    settle(message(FOUND), web, store)
    web.pages[URL] = SourceGone("404")
    for _ in range(2):
        settle(message(FOUND), web, store, remember=WINDOW)
    kept = store.find(FOUND.audio_id)
    assert (kept.metadata.removed_at_source is not None, kept.generation, store.refusals) == (True, 2, {})
    web.pages[URL] = WAV
    settle(message(FOUND), web, store, remember=WINDOW)
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
    settle(message(FOUND.model_copy(update=promised)), Web({URL: WAV}), store)
    assert store.find(FOUND.audio_id).metadata.integrity == verdict


def test_a_source_that_fails_is_asked_again():
    store = AudioStore()
    with pytest.raises(SourceFails):
        settle(message(FOUND), Web({URL: SourceFails("500")}), store)
    assert store.objects == {}


def test_a_source_that_has_failed_often_enough_is_refused_until_somebody_tries_again():
    store = AudioStore()
    settle(message(FOUND), Web({URL: SourceFails("answers 500")}), store, last_try=True)
    kept = store.refusals[FOUND.audio_id]
    assert (kept.reason, kept.retryable, kept.detail) == ("source_unavailable", True, "answers 500")
    settle(message(FOUND.model_copy(update={"despite": kept.last_seen})), Web({URL: WAV}), store)
    assert store.bodies[f"audio/{FOUND.audio_id}.wav"] == WAV


def test_a_source_that_is_busy_is_never_given_up():
    store = AudioStore()
    with pytest.raises(ComeAgain):
        settle(message(FOUND), Web({URL: ComeAgain("503")}), store, last_try=True)
    assert store.objects == {}


def test_what_is_on_the_shelf_stands_when_its_source_fails():
    store = AudioStore()
    settle(message(FOUND), Web({URL: WAV}), store)
    before = dict(store.objects)
    settle(message(FOUND), Web({URL: SourceFails("500")}), store, remember=timedelta(0), last_try=True)
    assert (store.objects, store.refusals) == (before, {})
