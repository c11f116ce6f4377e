"""End to end: from pages, messages and uploads to rows of the tables."""

import base64
import time

import pytest
import requests

from earshot.audio import AudioFound, audio_id
from tests.sites import Site, answer
from tests.sounds import encoded, silence, tone

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
QUIET, LOUD = encoded(tone(level_dbfs=-40.0)), encoded(tone(level_dbfs=-10.0))


@pytest.fixture
def site():
    with Site() as site:
        yield site


def page(site, *paths):
    links = "".join(f'<a href="{path}">a tone</a>' for path in paths)
    site.routes["/"] = answer(f"<title>Tones</title>{links}".encode(), content_type="text/html")
    return site.url("/")


def test_a_page_goes_in_and_a_row_comes_out(stack, site):
    site.routes["/tone.wav"] = answer(encoded(tone(level_dbfs=-20.0)), content_type="audio/wav")
    report = stack.crawl(page(site, "/tone.wav"), traceparent=TRACE)
    row = stack.row("audio_metadata", source_url=site.url("/tone.wav"))
    assert (report["pages_read"], report["published"]) == (1, 1)
    assert row["loudness"] == pytest.approx(-20.0, abs=0.1)
    assert (row["file_name"], row["duration_ms"], row["classification"]) == ("tone.wav", 1000, "Medium Energy")
    assert (row["page_title"], row["link_text"], row["traceparent"]) == ("Tones", "a tone", TRACE)


def test_every_url_ends_as_a_row_or_a_refusal_with_its_reason(stack, site):
    site.routes |= {
        "/pause.flac": answer(encoded(silence(), "flac")),
        "/page.mp3": answer(b"<!doctype html><title>Log in</title>", content_type="audio/mpeg"),
        "/cut.wav": answer(QUIET[:44]),
        "/nothing.ogg": answer(b""),
    }
    stack.crawl(page(site, "/pause.flac", "/page.mp3", "/gone.mp3", "/cut.wav", "/nothing.ogg"))
    row = stack.row("audio_metadata", source_url=site.url("/pause.flac"))
    assert (row["loudness"], row["is_silent"], row["classification"]) == (-120.0, True, "Low Energy")
    reasons = {"/page.mp3": "not_audio", "/gone.mp3": "source_gone", "/cut.wav": "empty", "/nothing.ogg": "empty"}
    for path, reason in reasons.items():
        assert stack.row("refusals", source_url=site.url(path))["reason"] == reason


def test_a_second_crawl_changes_nothing_and_downloads_nothing(stack, site):
    site.routes["/a.wav"] = answer(QUIET)
    stack.crawl(page(site, "/a.wav"))
    before = stack.row("audio_metadata", source_url=site.url("/a.wav"))
    stack.crawl(site.url("/"))
    site.routes["/b.wav"] = answer(QUIET)
    stack.crawl(page(site, "/b.wav"))  # same host, so after the repeat
    stack.row("audio_metadata", source_url=site.url("/b.wav"))
    assert site.paths().count("/a.wav") == 1
    assert stack.row("audio_metadata", source_url=site.url("/a.wav")) == before


def test_everything_sent_twice_is_still_one_row(stack, site):
    urls = [site.url(f"/{n}.wav") for n in range(4)]
    site.routes |= {f"/{n}.wav": answer(QUIET) for n in range(4)}
    for url in urls + urls[::-1]:
        found = AudioFound(source_url=url)
        stack.publish("audio-found", found.model_dump(mode="json", exclude_none=True), ordering_key=url)
    for url in urls:
        kept = stack.row("audio_metadata", source_url=url)
        name = kept["gcp_url"].removeprefix(f"gs://{stack.bucket.name}/")
        for _ in range(2):
            stack.notify(name, kept["generation"])
    stack.drop("audio/last.wav", QUIET)
    stack.row("audio_metadata", file_name="last.wav")
    for url in urls:
        assert len(stack.rows("audio_metadata", source_url=url)) == 1


def test_the_newest_generation_wins_in_any_order(stack):
    old = stack.drop("audio/again.wav", QUIET)
    new = stack.drop("audio/again.wav", LOUD)
    stack.notify("audio/again.wav", old)
    stack.notify("audio/again.wav", new)
    stack.notify("audio/again.wav", old)
    end = time.monotonic() + 300
    while stack.row("audio_metadata", file_name="again.wav")["generation"] != new:
        assert time.monotonic() < end
        time.sleep(0.2)
    stack.drop("audio/behind.wav", QUIET)
    stack.row("audio_metadata", file_name="behind.wav")
    row = stack.row("audio_metadata", file_name="again.wav")
    assert (row["generation"], row["classification"]) == (new, "High Energy")


def test_a_file_dropped_by_hand_is_analysed_like_any_other(stack):
    stack.drop("audio/by hand/Gespräch №1.wav", LOUD)
    row = stack.row("audio_metadata", gcp_url=f"gs://{stack.bucket.name}/audio/by hand/Gespräch №1.wav")
    assert (row["file_name"], row["source_url"], row["classification"]) == ("Gespräch №1.wav", None, "High Energy")


def test_a_poison_file_is_a_refusal_and_stops_nobody(stack):
    stack.drop("audio/poison.mp3", b"ID3" + bytes(range(256)) * 40)
    stack.drop("audio/healthy.wav", LOUD)
    assert stack.row("audio_metadata", file_name="healthy.wav")["duration_ms"] == 1000
    row = stack.row("refusals", gcp_url=f"gs://{stack.bucket.name}/audio/poison.mp3")
    assert (row["stage"], row["reason"]) == ("analyser", "not_audio")


def test_a_source_that_is_busy_is_asked_again(stack, site):
    busy, fine = answer(b"", 503), answer(QUIET)
    site.routes["/busy.wav"] = lambda request: (fine if site.paths().count("/busy.wav") > 2 else busy)(request)
    stack.crawl(page(site, "/busy.wav"))
    assert stack.row("audio_metadata", source_url=site.url("/busy.wav"))["duration_ms"] == 1000
    assert stack.rows("refusals", source_url=site.url("/busy.wav")) == []


def test_a_link_whose_source_keeps_failing_is_refused_and_says_so(stack, site):
    site.routes["/broken.wav"] = answer(b"", 500)
    data = base64.b64encode(AudioFound(source_url=site.url("/broken.wav")).model_dump_json().encode()).decode()
    push = {"message": {"data": data, "messageId": "1", "attributes": {}}, "subscription": "projects/p/subscriptions/s"}
    address = f"{stack.endpoints.functions['downloader']}projects/p/topics/audio-found"
    answers = [requests.post(address, json=push | {"deliveryAttempt": n}, timeout=60).status_code for n in (5, 6)]
    assert answers[0] == 429
    assert answers[1] < 300
    row = stack.row("refusals", source_url=site.url("/broken.wav"))
    assert (row["reason"], row["retryable"], row["stage"]) == ("source_unavailable", True, "downloader")


@pytest.mark.slow
def test_a_link_that_keeps_failing_does_not_hold_up_its_host_for_good(stack, site):
    site.routes |= {"/fails.wav": answer(b"", 502), "/fine.wav": answer(QUIET)}
    stack.crawl(page(site, "/fails.wav", "/fine.wav"))
    end = time.monotonic() + 400
    while not stack.rows("audio_metadata", source_url=site.url("/fine.wav")):
        assert time.monotonic() < end
        time.sleep(0.5)
    assert stack.row("refusals", source_url=site.url("/fails.wav"))["reason"] == "source_unavailable"


def test_a_message_that_cannot_be_read_is_a_refusal_too(stack):
    stack.publish("audio-found", {"surprise": "ü"})
    row = stack.row("refusals", reason="bad_event", stage="downloader")
    assert base64.b64encode(b'{"surprise": "\\u00fc"}').decode() in row["evidence"]


def test_the_same_link_found_twice_is_one_object(stack, site):
    site.routes["/x.wav"] = answer(QUIET)
    stack.crawl(page(site, "/x.wav", "/x.wav#t=10"))
    row = stack.row("audio_metadata", source_url=site.url("/x.wav"))
    assert row["gcp_url"].endswith(f"audio/{audio_id(site.url('/x.wav'))}.wav")
