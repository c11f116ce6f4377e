import json
from collections.abc import Sequence
from typing import Any

import pytest

from earshot.consent import from_evidence
from earshot.errors import BadRequest, ComeAgain, RobotsForbid
from earshot.scraping import CrawlReport, CrawlRequest, crawl
from earshot.scraping.extracted_links import Extract
from earshot.scraping.frontier import Frontier
from earshot.scraping.publishing import FLUSH_EVERY
from earshot.scraping.url_patterns import Patterns
from tests.unit.scraping.fakes import FakeWeb, PageResponse, PublishedLinks, ScraperSettings, UrlLists

START = "http://example.org/"


def run(
    site: dict[str, Any],
    *,
    settings: ScraperSettings | None = None,
    texts: dict[str, Sequence[str]] | None = None,
    published: PublishedLinks | None = None,
    **request: Any,
) -> tuple[CrawlReport, PublishedLinks, FakeWeb]:
    web, topic = FakeWeb(site), published or PublishedLinks()
    asked = CrawlRequest.read(json.dumps(request or {"pages": [START]}))
    report = crawl(asked, web=web, topic=topic, lists=UrlLists(texts or {}), settings=settings or ScraperSettings())
    return report, topic, web


def urls(published: PublishedLinks) -> list[str]:
    return [found.source_url.removeprefix(START) for found in published.found]


def test_each_distinct_recording_is_published_once() -> None:
    report, published, _ = run(
        {
            START: '<a href="a.mp3">1</a><a href="A/../a.mp3#x">2</a>',
            f"{START}2": '<a href="a.mp3">1</a><a href="b.mp3">3</a>',
        },
        pages=[START, f"{START}2"],
    )
    assert urls(published) == ["a.mp3", "b.mp3"]
    assert (report.pages_read, report.links_found, report.published, report.refused) == (2, 3, 2, [])
    assert report.recordings == [found.audio_id for found in published.found]
    assert published.flushed == 2


def test_a_link_published_says_when_and_in_which_trace() -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    report, published, _ = run({START: '<a href="a.mp3">1</a>'}, pages=[START], traceparent=trace)
    (one,) = published.found
    assert one.traceparent == trace == report.traceparent
    assert one.found_at is not None
    assert (one.page_url, one.license) == (START, "unknown")


def test_a_crawl_without_a_trace_starts_one() -> None:
    first, second = (run({START: ""})[0].traceparent for _ in range(2))
    assert first != second


def test_a_page_that_cannot_be_read_is_reported_and_stops_nothing() -> None:
    report, published, _ = run(
        {f"{START}ok": '<a href="a.mp3">1</a>', f"{START}busy": ComeAgain("429"), f"{START}no": RobotsForbid("no")},
        pages=[f"{START}gone", "nonsense", f"{START}busy", f"{START}no", f"{START}ok"],
    )
    assert [(one.url, one.reason) for one in report.refused] == [
        ("nonsense", "bad_url"),
        (f"{START}gone", "source_gone"),
        (f"{START}busy", "come_again"),
        (f"{START}no", "robots_forbid"),
    ]
    assert (urls(published), report.pages_read, report.refusals) == (["a.mp3"], 1, 4)


SITE = {
    START: '<a href="1">x</a><a href="http://other.example/">y</a><a href="0.mp3">z</a>',
    f"{START}1": '<a href="/">x</a><a href="2">y</a><a href="1.mp3">z</a>',
    f"{START}2": '<a href="2.mp3">z</a>',
    "http://other.example/": f'<a href="{START}other.mp3">z</a>',
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
    report, published, web = run(SITE, pages=[START], depth=depth, same_site=same_site)
    assert urls(published) == expected
    assert len(web.asked) == len(set(web.asked)) == report.pages_read
    assert report.stopped_by is None


def test_the_limit_ends_a_crawl() -> None:
    report, published, web = run(SITE, pages=[START], depth=2, limit=1)
    assert (urls(published), report.stopped_by, len(web.asked)) == (["0.mp3"], "limit", 2)


def test_the_largest_number_of_pages_ends_a_crawl() -> None:
    report, published, web = run(SITE, settings=ScraperSettings(max_pages=2), pages=[START], depth=2)
    assert (urls(published), report.stopped_by, len(web.asked)) == (["0.mp3", "1.mp3"], "max_pages", 2)


def test_a_crawl_that_takes_too_long_ends_with_what_it_has() -> None:
    report, published, web = run(SITE, settings=ScraperSettings(crawl_timeout_s=0), pages=[START], depth=2)
    assert (urls(published), report.stopped_by, len(web.asked)) == (["0.mp3"], "crawl_timeout_s", 1)


def test_a_crawl_that_finds_nothing_ends_in_time_too() -> None:
    report, _, web = run(
        {START: "", f"{START}1": ""}, settings=ScraperSettings(crawl_timeout_s=0), pages=[START, f"{START}1"]
    )
    assert (report.stopped_by, web.asked) == ("crawl_timeout_s", [START])


class Interrupted(dict[str, Any]):
    """FakeWeb, on the last of which somebody presses Ctrl-C."""

    def get(self, url: str, default: Any = None) -> Any:
        if url.endswith("/2"):
            raise KeyboardInterrupt
        return super().get(url, default)


def test_a_crawl_that_is_interrupted_publishes_what_it_has() -> None:
    report, published, _ = run(Interrupted(SITE), pages=[START], depth=2)
    assert (urls(published), report.stopped_by) == (["0.mp3", "1.mp3"], "interrupt")
    assert published.flushed == 2


def test_what_will_never_be_read_is_not_remembered() -> None:
    steps = Frontier(depth=1, same_site=True, patterns=Patterns(), most=10)
    steps.start(START)
    first = next(iter(steps))
    steps.grow(first, START, Extract(linked=[f"{START}{number}" for number in range(1000)]))
    assert len(list(steps)) == 9


def test_patterns_say_what_is_wanted() -> None:
    site = {START: '<a href="1">x</a><a href="2">x</a><a href="a.mp3">z</a><a href="a.wav">z</a><a href="b.wav">z</a>'}
    _, published, web = run(site, pages=[START], depth=1, include=["*.wav"], exclude=["*/b.*", "*/2"])
    assert urls(published) == ["a.wav"]
    assert web.asked == [START, f"{START}1"]


def test_what_belongs_to_a_document_is_read_at_any_depth() -> None:
    site = {
        f"{START}s.xml": f"<sitemapindex><sitemap><loc>{START}t.xml</loc></sitemap></sitemapindex>",
        f"{START}t.xml": f"<urlset><url><loc>{START}page</loc></url></urlset>",
        f"{START}page": '<a href="a.mp3">x</a><a href="further">y</a>',
        f"{START}l.m3u": "#EXTM3U\nm.m3u",
        f"{START}m.m3u": "#EXTM3U\nb.mp3",
    }
    report, published, _ = run(site, sitemaps=[f"{START}s.xml"], playlists=[f"{START}l.m3u"])
    assert (urls(published), report.pages_read, report.refused) == (["b.mp3", "a.mp3"], 5, [])


def test_links_are_relative_to_the_page_that_answered() -> None:
    _, published, _ = run({START: PageResponse(b'<a href="a.mp3">x</a>', url=f"{START}new/")})
    assert urls(published) == ["new/a.mp3"]
    assert published.found[0].page_url == f"{START}new/"


def test_an_address_of_audio_itself_is_a_link_to_audio() -> None:
    _, published, _ = run({START: PageResponse(b"RIFF", headers={"content-type": "audio/wav"})})
    assert [(one.source_url, one.found_by) for one in published.found] == [(START, "page")]


def test_an_image_holds_no_links() -> None:
    report, published, _ = run({START: PageResponse(b'<a href="a.mp3">', headers={"content-type": "image/png"})})
    assert (published.found, report.pages_read) == ([], 1)


def test_what_a_page_says_about_use_travels_with_its_links() -> None:
    page = PageResponse(b'<meta name=robots content=noai><a href="a.mp3">x</a>', headers={"TDM-Reservation": "1"})
    _, published, _ = run({START: page})
    signals = from_evidence(published.found[0].consent)
    assert [(one.signal, one.denies) for one in signals] == [("meta robots", True), ("tdm-reservation", True)]


def test_an_item_of_the_archive_is_asked_for_by_its_identifier() -> None:
    item = {"metadata": {"identifier": "x"}, "files": [{"name": "a.flac", "source": "original", "md5": "0" * 32}]}
    _, published, web = run({"https://archive.example/metadata/x": json.dumps(item)}, archive=["x"])
    assert web.asked == ["https://archive.example/metadata/x"]
    assert [one.source_url for one in published.found] == ["https://archive.example/download/x/a.flac"]


def test_each_line_of_a_list_is_a_link() -> None:
    lines = ["# birds", "", f"{START}a", f"  {START}b.mp3  Amsel", "Amsel im Mai ", f"{START}a"]
    texts = {"gs://lists/birds.txt": lines}
    report, published, web = run({}, texts=texts, lists=["gs://lists/birds.txt", "gs://lists/no"])
    assert [(one.source_url, one.found_by, one.position) for one in published.found] == [
        (f"{START}a", "list", 3),
        (f"{START}b.mp3", "list", 4),
    ]
    assert [(one.url, one.reason) for one in report.refused] == [
        ("gs://lists/birds.txt: line 5: Amsel im Mai", "bad_url"),
        ("gs://lists/no", "source_gone"),
    ]
    assert web.asked == []


def test_a_long_crawl_is_accepted_piece_by_piece() -> None:
    lines = [f"{START}{number}" for number in range(2 * FLUSH_EVERY + 1)]
    published = PublishedLinks(breaks_at=2 * FLUSH_EVERY + 1)
    with pytest.raises(ComeAgain):
        run({}, published=published, texts={"gs://lists/x": lines}, lists=["gs://lists/x"], limit=10**6)
    assert published.flushed == 2 * FLUSH_EVERY


def test_links_that_are_not_accepted_on_the_way_end_the_crawl_and_are_not_taken_for_a_fault_of_their_source() -> None:
    lines = [f"{START}{number}" for number in range(2 * FLUSH_EVERY)]
    published = PublishedLinks(breaks_at=FLUSH_EVERY)
    with pytest.raises(ComeAgain, match="Pub/Sub is not there"):
        run({}, published=published, texts={"gs://lists/x": lines}, lists=["gs://lists/x"], limit=10**6)
    assert len(published.found) == FLUSH_EVERY


def test_progress_is_reported_after_each_link_and_each_source() -> None:
    reported: list[tuple[int, int]] = []
    request = CrawlRequest(pages=[START, f"{START}2"])
    crawl(
        request,
        web=FakeWeb({START: "<a href=a.mp3>x</a>"}),
        topic=PublishedLinks(),
        lists=UrlLists(),
        settings=ScraperSettings(),
        progress=lambda report: reported.append((report.pages_read, report.refusals)),
    )
    assert reported == [(1, 0), (1, 0), (1, 1)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "body"),
        ("[]", "body"),
        ("{}", "body"),
        ('{"pages": []}', "body"),
        ('{"pages": "http://example.org/"}', "pages"),
        ('{"pages": [1]}', "pages.0"),
        ('{"freesound": [{"query": "rain", "limit": 0}]}', "freesound.0.limit"),
        ('{"freesound": [{"text": "rain"}]}', "freesound.0.text"),
        ('{"pages": ["x"], "depth": -1}', "depth"),
        ('{"pages": ["x"], "limit": 0}', "limit"),
        ('{"pages": ["x"], "limits": 5}', "limits"),
        ('{"pages": ["x"], "traceparent": "abc"}', "traceparent"),
    ],
)
def test_a_wrong_request_names_its_field(body: str, field: str) -> None:
    with pytest.raises(BadRequest, match=f"^{field}: "):
        CrawlRequest.read(body)
