"""Freesound's API as recorded, served on loopback: what the scraper finds there, and what the downloader fetches."""

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import md5
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from earshot import downloading, settings
from earshot.adapters.polite_web import PoliteWeb
from earshot.adapters.shared_request_quota import OwnMemory, RequestQuota, freesound_quota
from earshot.audio import AudioFound
from earshot.consent import from_evidence
from earshot.scraping import CrawlReport, CrawlRequest, crawl
from tests.sites import Site, answer
from tests.unit.fakes import WAV, AudioStore, message
from tests.unit.scraping.fakes import PublishedLinks, UrlLists

KEY, TOKEN = "key-of-the-tests", "oauth2-token-of-the-tests"
PREVIEW = b"OggS" + bytes(60)


class Freesound(Site):
    """Answers a search page by page, as the API does; the sounds may be changed before it is asked."""

    def __init__(self, sounds: int) -> None:
        super().__init__()
        self.sounds = [self.sound(number) for number in range(1, sounds + 1)]
        self.routes["/apiv2/search/"] = self.search

    def sound(self, number: int, **more: Any) -> dict[str, Any]:
        """One of the results, with the fields that were asked for."""
        previews = {
            f"preview-{quality}-{form}": self.url(f"/data/previews/0/{number}_1-{quality}.{form}")
            for quality in ("hq", "lq")
            for form in ("mp3", "ogg")
        }
        return {
            "id": number,
            "url": self.url(f"/people/someone/sounds/{number}/"),
            "name": f"Rain {number}.wav",
            "tags": ["field-recording", "rain"],
            "type": "wav",
            "duration": 12.345,
            "filesize": len(WAV),
            "license": "http://creativecommons.org/publicdomain/zero/1.0/",
            "username": "someone",
            "gen_ai_preference": "open-source-models",
            "md5": md5(WAV).hexdigest(),
            "previews": previews,
        } | more

    def search(self, request: BaseHTTPRequestHandler) -> None:
        """Refuses who has no key, and pages that are not there."""
        if request.headers["Authorization"] != f"Token {KEY}":
            told = {"detail": "Authentication credentials were not provided."}
            return answer(json.dumps(told).encode(), 401, Content_Type="application/json")(request)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        number, size = int(asked.get("page", 1)), int(asked["page_size"])
        ahead = self.url(request.path.split("&page=")[0]) + "&page="
        page = {
            "count": len(self.sounds),
            "previous": f"{ahead}{number - 1}" if number > 1 else None,
            "next": f"{ahead}{number + 1}" if number * size < len(self.sounds) else None,
            "results": self.sounds[(number - 1) * size : number * size],
        }
        return answer(json.dumps(page).encode(), Content_Type="application/json")(request)

    def scraper_settings(self, **more: Any) -> settings.Scraper:
        """Settings of a scraper whose Freesound is this one."""
        known: dict[str, Any] = {
            "project": "tests",
            "bucket": "",  # a budget of each test's own, whatever servers of other tests have left in the environment
            "freesound_url": self.url("/apiv2/"),
            "freesound_token": KEY,
            "allow_private_addresses": True,
            "patience_s": 5,
        }
        return settings.Scraper(**known | more)

    def crawled(self, told: settings.Scraper | None = None, **search: Any) -> tuple[CrawlReport, list[AudioFound]]:
        """A search through the scraper's own web."""
        told, published = told or self.scraper_settings(), PublishedLinks()
        request = CrawlRequest.read(json.dumps({"freesound": [{"query": "rain", **search}], "limit": 1000}))
        web = PoliteWeb.from_settings(told, keys=told.keys, quotas={told.freesound_url: freesound_quota(told)})
        return crawl(request, web=web, topic=published, lists=UrlLists(), settings=told), published.found

    def fetched(self, found: AudioFound, **more: Any) -> AudioStore:
        """A link through the downloader's own web."""
        known: dict[str, Any] = {"project": "tests", "bucket": "recordings", "freesound_url": self.url("/apiv2/")}
        told = settings.Downloader(**known | {"allow_private_addresses": True} | more)
        quota = RequestQuota(OwnMemory(), per_minute=told.freesound_per_minute, per_day=told.freesound_per_day)
        web = PoliteWeb.from_settings(told, keys=told.keys, quotas={told.freesound_url: quota})
        store = AudioStore()
        downloading.download(
            message(found), web=web, store=store, max_bytes=10_000, timeout_s=20, recheck_after=timedelta(days=7)
        )
        return store

    def keys_sent(self) -> dict[str, str | None]:
        """Path, without its query, to the Authorization that came with it."""
        return {path.partition("?")[0]: headers.get("Authorization") for path, headers in self.asked}


@pytest.fixture
def api() -> Iterator[Freesound]:
    with Freesound(sounds=340) as api:
        yield api


def test_a_search_is_read_page_by_page_with_the_key_and_no_further_than_wanted(api: Freesound) -> None:
    report, found = api.crawled(limit=310)
    assert [one.source_id for one in found] == [f"freesound:{number}" for number in range(1, 311)]
    assert (report.published, report.refused, report.stopped_by) == (310, [], None)
    assert len(api.asked) == 3
    assert api.keys_sent() == {"/apiv2/search/": f"Token {KEY}"}  # and no robots.txt: an API has terms of its own


def test_what_the_api_knows_travels_with_the_link(api: Freesound) -> None:
    _, (one,) = api.crawled(limit=1)
    assert one.source_url == api.url("/data/previews/0/1_1-hq.ogg")
    assert (one.page_title, one.author, one.tags) == ("Rain 1.wav", "someone", "field-recording, rain")
    assert (one.license, one.license_from, one.rendition) == ("CC0-1.0", "freesound API", "preview")
    assert (one.declared_duration_ms, one.declared_bytes, one.declared_md5) == (12345, None, None)


def test_a_busy_api_is_asked_again_after_the_time_it_names(api: Freesound) -> None:
    busy, page = answer(b'{"detail": "Request was throttled."}', 429, Retry_After="0"), api.search
    api.routes["/apiv2/search/"] = lambda request: (busy if len(api.asked) == 1 else page)(request)
    report, found = api.crawled(limit=3)
    assert (len(found), len(api.asked), report.refused) == (3, 2, [])


def test_an_api_that_asks_for_more_patience_than_there_is_ends_the_search_and_keeps_what_was_found(
    api: Freesound,
) -> None:
    busy, page = answer(b"", 429, Retry_After="3600"), api.search
    api.routes["/apiv2/search/"] = lambda request: (busy if "page=2" in request.path else page)(request)
    report, found = api.crawled(limit=300)
    assert (len(found), len(api.asked)) == (150, 2)
    assert [one.reason for one in report.refused] == ["come_again"]


def test_no_more_is_asked_than_the_budget_allows(api: Freesound) -> None:
    report, found = api.crawled(api.scraper_settings(freesound_per_minute=2), limit=310)
    assert (len(found), len(api.asked)) == (300, 2)
    assert "2 requests in 60 s are spent" in report.refused[0].detail


def test_without_a_key_the_api_refuses_and_the_report_says_so(api: Freesound) -> None:
    report, found = api.crawled(api.scraper_settings(freesound_token=""))
    assert (found, [one.reason for one in report.refused]) == ([], ["source_refuses"])


def test_fields_that_are_missing_cost_no_more_than_themselves(api: Freesound) -> None:
    bare = {"id": 2, "previews": {"preview-hq-ogg": api.url("/data/previews/0/2_1-hq.ogg")}}
    api.sounds = [api.sound(1, previews=None), bare, {"name": "no id"}, api.sound(4, license=None, tags=None)]
    report, found = api.crawled()
    assert [one.source_id for one in found] == ["freesound:2", "freesound:4"]
    assert {one.license for one in found} == {"unknown"}
    assert report.refused == []


def test_who_wants_no_generative_ai_is_refused_before_a_byte_is_asked_for(api: Freesound) -> None:
    api.sounds = [api.sound(1, gen_ai_preference="no-gen-ai")]
    _, (one,) = api.crawled()
    assert [(said.signal, said.value, said.denies) for said in from_evidence(one.consent)] == [
        ("gen_ai_preference", "no-gen-ai", True)
    ]
    asked = len(api.asked)
    store = api.fetched(one)
    assert store.refusals[one.audio_id].reason == "opted_out"
    assert len(api.asked) == asked


def test_a_preview_is_fetched_without_key_or_token(api: Freesound) -> None:
    api.routes["/data/previews/0/1_1-hq.ogg"] = answer(PREVIEW, Content_Type="audio/ogg")
    _, (one,) = api.crawled(limit=1)
    store = api.fetched(one, freesound_oauth_token=TOKEN)
    assert store.bodies == {f"audio/{one.audio_id}.ogg": PREVIEW}
    assert api.keys_sent()["/data/previews/0/1_1-hq.ogg"] is None


def original(api: Freesound) -> AudioFound:
    """A link to an original, which only the token opens."""

    def download(request: BaseHTTPRequestHandler) -> None:
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            return answer(b'{"detail": "Invalid token header."}', 401)(request)
        return answer(b"", 302, Location="/cdn/1.wav")(request)

    api.routes |= {"/apiv2/sounds/1/download/": download, "/cdn/1.wav": answer(WAV)}
    _, (one,) = api.crawled(api.scraper_settings(freesound_originals=True), limit=1)
    return one


def test_an_original_is_fetched_with_the_token_and_compared_with_its_md5(api: Freesound) -> None:
    one = original(api)
    assert (one.rendition, one.declared_md5) == ("original", md5(WAV).hexdigest())
    kept = api.fetched(one, freesound_oauth_token=TOKEN).find(one.audio_id)
    assert (kept.metadata.integrity, kept.bytes) == ("matches", len(WAV))
    sent = api.keys_sent()
    assert sent["/apiv2/sounds/1/download/"] == f"Bearer {TOKEN}"
    assert sent["/cdn/1.wav"] is None  # where the API redirects to is another place


@pytest.mark.parametrize("token", ["", "one of yesterday"])
def test_an_original_without_a_valid_token_is_a_refusal(api: Freesound, token: str) -> None:
    one = original(api)
    store = api.fetched(one, freesound_oauth_token=token)
    assert store.refusals[one.audio_id].reason == "source_refuses"


def test_neither_key_nor_token_is_handed_on_or_logged(
    api: Freesound, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    one = original(api)
    store = api.fetched(one, freesound_oauth_token=TOKEN)
    told = settings.Downloader(project="tests", bucket="recordings", freesound_oauth_token=TOKEN)
    everything = [one.model_dump_json(), str(store.objects), str(told), told.model_dump_json(), caplog.text]
    everything += capsys.readouterr()
    assert not [text for text in everything if KEY in text or TOKEN in text]
