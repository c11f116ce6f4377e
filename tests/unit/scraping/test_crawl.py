import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from earshot.audio import AudioFound
from earshot.errors import BadRequest, ComeAgain, EarshotError, SourceGone
from earshot.scraping import CrawlReport, CrawlRequest, crawl

START = "http://example.org/"


@dataclass
class Got:
    url: str
    body: bytes
    headers: Mapping[str, str]

    def blocks(self) -> Iterator[bytes]:
        yield self.body


@dataclass
class Pages:
    """A web of a few pages; a page may be an error."""

    pages: dict[str, str | EarshotError | Got]
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def fetch(self, url: str, **_: Any) -> Iterator[Got]:
        self.asked.append(url)
        page = self.pages.get(url, SourceGone(f"{url} answers 404"))
        if isinstance(page, EarshotError):
            raise page
        yield page if isinstance(page, Got) else Got(url, page.encode(), {"content-type": "text/html"})


@dataclass
class Chute:
    found: list[AudioFound] = field(default_factory=list)
    flushed: int = 0

    def publish(self, found: AudioFound) -> None:
        self.found.append(found)

    def flush(self) -> None:
        self.flushed = len(self.found)


def run(site: dict[str, Any], max_pages: int = 100, **request: Any) -> tuple[CrawlReport, Chute, Pages]:
    web, topic = Pages(site), Chute()
    asked = CrawlRequest.read(json.dumps({"pages": [START]} | request))
    report = crawl(asked, web=web, topic=topic, max_page_bytes=1000, page_timeout_s=10, max_pages=max_pages)
    return report, topic, web


def urls(chute: Chute) -> list[str]:
    return [found.source_url.removeprefix(START) for found in chute.found]


def test_each_distinct_recording_is_handed_on_once() -> None:
    report, chute, _ = run({START: '<a href="a.mp3">1</a><a href="A/../a.mp3#x">2</a><a href="b.mp3">3</a>'})
    assert urls(chute) == ["a.mp3", "b.mp3"]
    assert (report.pages_read, report.links_found, report.published, report.refused) == (1, 3, 2, [])
    assert chute.flushed == 2


def test_a_link_handed_on_says_when_and_in_which_trace() -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    report, chute, _ = run({START: '<a href="a.mp3">1</a>'}, traceparent=trace)
    assert chute.found[0].traceparent == trace == report.traceparent
    assert chute.found[0].found_at is not None
    assert chute.found[0].page_url == START


def test_a_crawl_without_a_trace_starts_one() -> None:
    first, second = (run({START: ""})[0].traceparent for _ in range(2))
    assert first != second


def test_a_page_that_cannot_be_read_is_reported_and_stops_nothing() -> None:
    report, chute, _ = run(
        {"http://example.org/ok": '<a href="a.mp3">1</a>', "http://example.org/busy": ComeAgain("429")},
        pages=["http://example.org/gone", "nonsense", "http://example.org/busy", "http://example.org/ok"],
    )
    assert [(one.url, one.reason) for one in report.refused] == [
        ("http://example.org/gone", "source_gone"),
        ("nonsense", "bad_url"),
        ("http://example.org/busy", "come_again"),
    ]
    assert urls(chute) == ["a.mp3"]
    assert report.pages_read == 1


SITE = {
    START: '<a href="1">x</a><a href="http://other.example/">y</a><a href="0.mp3">z</a>',
    "http://example.org/1": '<a href="/">x</a><a href="2">y</a><a href="1.mp3">z</a>',
    "http://example.org/2": '<a href="2.mp3">z</a>',
    "http://other.example/": '<a href="http://example.org/other.mp3">z</a>',
}


@pytest.mark.parametrize(
    ("depth", "same_site", "expected"),
    [
        (0, True, ["0.mp3"]),
        (1, True, ["0.mp3", "1.mp3"]),
        (1, False, ["0.mp3", "1.mp3", "other.mp3"]),
        (2, True, ["0.mp3", "1.mp3", "2.mp3"]),
    ],
)
def test_a_crawl_goes_as_deep_and_as_far_as_asked(depth: int, same_site: bool, expected: list[str]) -> None:
    report, chute, web = run(SITE, depth=depth, same_site=same_site)
    assert urls(chute) == expected
    assert len(web.asked) == len(set(web.asked)) == report.pages_read
    assert not report.limit_reached


def test_the_limit_ends_a_crawl() -> None:
    report, chute, web = run(SITE, depth=2, limit=1)
    assert urls(chute) == ["0.mp3"]
    assert report.limit_reached
    assert len(web.asked) == 2


def test_the_largest_number_of_pages_ends_a_crawl() -> None:
    report, chute, web = run(SITE, depth=2, max_pages=2)
    assert urls(chute) == ["0.mp3", "1.mp3"]
    assert report.limit_reached
    assert len(web.asked) == 2


def test_links_are_relative_to_the_page_that_answered() -> None:
    moved = Got("http://example.org/new/", b'<a href="a.mp3">x</a>', {"content-type": "text/html"})
    _, chute, _ = run({START: moved})
    assert urls(chute) == ["new/a.mp3"]
    assert chute.found[0].page_url == "http://example.org/new/"


def test_an_address_of_audio_itself_is_a_link_to_audio() -> None:
    _, chute, _ = run({START: Got(START, b"RIFF", {"content-type": "audio/wav"})})
    assert [(one.source_url, one.found_by) for one in chute.found] == [(START, "page")]


def test_what_is_no_page_holds_no_links() -> None:
    report, chute, _ = run({START: Got(START, b'<a href="a.mp3">', {"content-type": "image/png"})})
    assert chute.found == []
    assert report.pages_read == 1


def test_a_charset_in_the_header_is_used() -> None:
    body = "<title>Käse</title><a href=a.mp3>x</a>".encode("latin-1")
    _, chute, _ = run({START: Got(START, body, {"content-type": 'text/html; charset="ISO-8859-1"'})})
    assert chute.found[0].page_title == "Käse"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "body"),
        ("[]", "body"),
        ("{}", "pages"),
        ('{"pages": []}', "pages"),
        ('{"pages": "http://example.org/"}', "pages"),
        ('{"pages": [1]}', "pages.0"),
        ('{"pages": ["x"], "depth": -1}', "depth"),
        ('{"pages": ["x"], "limit": 0}', "limit"),
        ('{"pages": ["x"], "limits": 5}', "limits"),
        ('{"pages": ["x"], "traceparent": "abc"}', "traceparent"),
    ],
)
def test_a_wrong_request_is_told_which_field(body: str, field: str) -> None:
    with pytest.raises(BadRequest, match=f"^{field}: "):
        CrawlRequest.read(body)
