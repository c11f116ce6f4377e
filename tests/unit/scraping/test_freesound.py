import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from earshot.consent import from_evidence
from earshot.errors import ComeAgain, SourceRefuses
from earshot.scraping.freesound import Search, search
from tests.unit.scraping.fakes import FakeWeb

API = "https://freesound.example/apiv2/"


def sound(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "url": f"https://freesound.example/people/ann/sounds/{number}/",
        "name": "Rain",
        "username": "ann",
        "tags": ["rain", "roof"],
        "license": "http://creativecommons.org/licenses/by-nc/4.0/",
        "gen_ai_preference": "no-gen-ai",
        "type": "wav",
        "duration": 2.5,
        "filesize": 1234,
        "md5": "0" * 32,
        "previews": {"preview-hq-ogg": f"https://cdn.freesound.example/{number}-hq.ogg"},
    } | more


class Api(FakeWeb):
    """FakeWeb of `size` sounds each, of `count` in all."""

    def __init__(self, count: int, size: int = 150) -> None:
        self.count, self.size = count, size
        super().__init__({})

    def fetch(self, url: str, **more: Any) -> Any:
        number = int(parse_qs(urlsplit(url).query).get("page", ["1"])[0])
        first = (number - 1) * self.size
        results = [sound(n) for n in range(first, min(first + self.size, self.count))]
        following = f"{url.split('&page=')[0]}&page={number + 1}" if first + self.size < self.count else None
        self.pages = {url: json.dumps({"count": self.count, "next": following, "results": results})}
        return super().fetch(url, **more)


def test_a_search_goes_on_page_by_page_until_it_has_enough() -> None:
    web = Api(400)
    found = list(search(Search(query="rain", limit=310), web=web, api=API, timeout_s=10))
    assert len(found) == len({one.source_url for one in found}) == 310
    assert len(web.asked) == 3


def test_no_more_is_asked_for_than_is_used() -> None:
    web = Api(400)
    sounds = search(Search(limit=400), web=web, api=API, timeout_s=10)
    for _ in range(150):
        next(sounds)
    assert len(web.asked) == 1


def test_one_call_asks_for_all_fields_of_150_sounds() -> None:
    web = Api(1)
    list(
        search(
            Search(query="rain roof", filter="duration:[1 TO 5]", sort="created_desc"), web=web, api=API, timeout_s=10
        )
    )
    asked = parse_qs(urlsplit(web.asked[0]).query)
    assert asked["page_size"] == ["150"]
    assert (asked["query"], asked["filter"], asked["sort"]) == (["rain roof"], ["duration:[1 TO 5]"], ["created_desc"])
    assert {"license", "gen_ai_preference", "md5", "previews"} <= set(asked["fields"][0].split(","))


def test_a_preview_has_neither_size_nor_checksum_of_the_original() -> None:
    (one,) = search(Search(), web=Api(1), api=API, timeout_s=10)
    assert one.model_dump(exclude_none=True, exclude={"schema_version", "consent", "alternatives"}) == {
        "source_url": "https://cdn.freesound.example/0-hq.ogg",
        "page_url": "https://freesound.example/people/ann/sounds/0/",
        "page_title": "Rain",
        "found_by": "freesound",
        "author": "ann",
        "tags": "rain, roof",
        "license": "CC-BY-NC-4.0",
        "license_url": "http://creativecommons.org/licenses/by-nc/4.0/",
        "license_from": "freesound API",
        "declared_type": "audio/ogg",
        "declared_duration_ms": 2500,
        "source_id": "freesound:0",
        "rendition": "preview",
        "original_url": f"{API}sounds/0/download/",
    }


def test_a_preview_names_its_original_by_the_address_that_the_original_is_found_at() -> None:
    (preview,) = search(Search(), web=Api(1), api=API, timeout_s=10)
    (original,) = search(Search(), web=Api(1), api=API, timeout_s=10, originals=True)
    assert preview.original_url == original.source_url
    assert original.original_url is None


def test_an_original_has_both() -> None:
    (one,) = search(Search(), web=Api(1), api=API, timeout_s=10, originals=True)
    assert one.source_url == f"{API}sounds/0/download/"
    assert (one.rendition, one.declared_md5, one.declared_bytes) == ("original", "0" * 32, 1234)


@pytest.mark.parametrize(("preference", "denies"), [("no-gen-ai", True), ("open-source-models", False), (None, False)])
def test_the_preference_about_ai_is_a_signal(preference: str | None, denies: bool) -> None:
    page = json.dumps({"next": None, "results": [sound(1, gen_ai_preference=preference)]})
    (one,) = search(Search(), web=Answering(page), api=API, timeout_s=10)
    (signal,) = from_evidence(one.consent)
    assert (signal.signal, signal.denies) == ("gen_ai_preference", denies)


class Answering(FakeWeb):
    """Always the same page."""

    def __init__(self, page: Any) -> None:
        self.page = page
        super().__init__({})

    def fetch(self, url: str, **more: Any) -> Any:
        self.pages = {url: self.page}
        return super().fetch(url, **more)


@pytest.mark.parametrize("page", ["", "[]", "{}", '{"results": 5}', "<html>"])
def test_an_answer_that_is_not_the_apis_is_refused(page: str) -> None:
    with pytest.raises(SourceRefuses, match="Freesound"):
        list(search(Search(), web=Answering(page), api=API, timeout_s=10))


def test_a_busy_api_is_asked_again_later() -> None:
    with pytest.raises(ComeAgain):
        list(search(Search(), web=Answering(ComeAgain("429")), api=API, timeout_s=10))


def test_a_sound_without_what_is_needed_is_left_out() -> None:
    page = json.dumps({"next": None, "results": [sound(1, previews=None), sound(2, id="x"), 5, sound(3)]})
    assert [one.source_id for one in search(Search(), web=Answering(page), api=API, timeout_s=10)] == ["freesound:3"]


def test_the_next_page_is_asked_of_the_api_and_of_nobody_else() -> None:
    page = json.dumps({"next": "https://elsewhere.example/apiv2/search/", "results": [sound(1)]})
    web = Answering(page)
    assert len(list(search(Search(limit=150), web=web, api=API, timeout_s=10))) == 1
    assert len(web.asked) == 1
