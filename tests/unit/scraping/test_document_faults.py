"""What once ended a crawl, was missed, or was taken for what it is not; one case a kind of fault."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio import AudioFound
from earshot.consent import from_evidence
from earshot.errors import SourceGone
from earshot.scraping import CrawlReport, CrawlRequest, crawl
from earshot.scraping.document_types import read
from earshot.scraping.extracted_links import Extract
from earshot.url_identity import identity_url
from earshot.urls import canonical
from tests.unit.scraping.fakes import FakeWeb, PageResponse, PublishedLinks, ScraperSettings, UrlLists

URL = "https://example.org/x/y"
AT = datetime(2026, 11, 26, tzinfo=UTC)
START = "http://example.org/"


def parsed(content: str | bytes, declared: str | None = "text/html", **more: Any) -> Extract:
    raw = content.encode() if isinstance(content, str) else content
    return read(raw, url=URL, at=AT, max_bytes=10_000_000, declared=declared, **more)


def urls(content: str | bytes, declared: str | None = "text/html") -> list[str]:
    return [one.source_url.removeprefix("https://example.org") for one in parsed(content, declared).found]


def feed(items: str, channel: str = "", root: str = "<rss>") -> str:
    return f"<?xml version='1.0'?>{root}<channel><title>T</title>{channel}{items}</channel></rss>"


def crawled(site: dict[str, Any], **request: Any) -> tuple[CrawlReport, list[AudioFound]]:
    published = PublishedLinks()
    wanted = CrawlRequest.read(json.dumps(request or {"pages": [START]}))
    settings = ScraperSettings(max_page_bytes=1_000_000)
    report = crawl(wanted, web=FakeWeb(site), topic=published, lists=UrlLists(), settings=settings)
    return report, published.found


class Broken(PageResponse):
    """A response that a parser fails on in a way that nobody foresaw."""

    def lines(self) -> Any:
        raise ValueError("Invalid tag name 'itunes:duration'")


def test_a_document_that_breaks_a_parser_is_refused_alone() -> None:
    site = {START: Broken(b""), f"{START}2": "<a href=a.mp3>x</a>"}
    report, found = crawled(site, pages=[START, f"{START}2"])
    assert [(one.url, one.reason) for one in report.refused] == [(START, "unreadable")]
    assert [one.source_url for one in found] == [f"{START}a.mp3"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (feed('<item><itunes:duration>1:00</itunes:duration><enclosure url="/a.mp3" type="mp3"/></item>'), ["/a.mp3"]),
        (
            "<urlset><url><loc>/a.mp3</loc><image:image><image:loc>/i.png</image:loc></image:image></url></urlset>",
            ["/a.mp3"],
        ),
        (feed('<item><title>A & B &nbsp;</title><enclosure url="/a.mp3?b=1&c=2"/></item>'), ["/a.mp3?b=1&c=2"]),
        (f"<!-- {'x' * 5000} -->" + feed('<item><enclosure url="/a.mp3"/></item>')[21:], ["/a.mp3"]),
        ("[Playlist]\nFile1=http://a.org:8000/\n", ["http://a.org:8000/"]),
        (feed("<item><enclosure>/a.mp3</enclosure></item>"), ["/a.mp3"]),
        (feed("", '<enclosure url="/a.mp3"/>'), ["/a.mp3"]),
        (feed('<podcast:liveItem><enclosure url="/a.mp3"/></podcast:liveItem>'), ["/a.mp3"]),
        (feed('<item><media:content url="/a" medium="audio"/></item>'), ["/a"]),
        (feed('<item><media:content url="/a.mp3" type="file"/></item>'), ["/a.mp3"]),
        (feed('<item><enclosure url="/a.ogg" type="application/octet-stream"/></item>'), ["/a.ogg"]),
        (feed('<item><enclosure url="/a.mp3" type="text/html"/></item>'), ["/a.mp3"]),
    ],
)
def test_feeds_sitemaps_and_playlists_in_every_state_are_read(content: str, expected: list[str]) -> None:
    assert urls(content, "application/xml") == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="https://www.abc.net.au/">home</a><a href="/x.mp3/">page</a>', []),
        (
            '<audio src="#"></audio><audio src="{{ url }}"></audio><audio src="${url}"></audio><audio src="about:blank">',
            [],
        ),
        (
            '<a href="/audio/Ep 1: hello.mp3">x</a><a href="/blob/a.mp3">y</a>',
            ["/audio/Ep%201:%20hello.mp3", "/blob/a.mp3"],
        ),
        ('<audio><source src="/play/1"></audio>', ["/play/1"]),
        ('<video src="a.mp3"></video><iframe src="/b.mp3"></iframe>', ["/x/a.mp3", "/b.mp3"]),
        (
            '<object><param name="FlashVars" value="a=1&amp;soundFile=/a.mp3"></object><amp-audio src="/b"></amp-audio>',
            ["/a.mp3", "/b"],
        ),
        ("<p data-asset-source='/a.mp3'>x</p><my-player src='/b.ogg'></my-player>", ["/a.mp3", "/b.ogg"]),
        ("<p data-list='/a.mp3,/b.mp3'>x</p>", ["/a.mp3", "/b.mp3"]),
        ('<p data-audiopath="a.mp3">x</p>', []),
        ('<p data-p="a1.mp3" data-u="/f/a1.mp3">x</p><p data-p="a2.mp3">y</p>', ["/f/a1.mp3", "/f/a2.mp3"]),
        (
            '<script type="application/json">{"a": [{"title": "T", "url": "https:\\/\\/example.org\\/a.mp3"}]}</script>',
            ["/a.mp3"],
        ),
        ('<script>play("https://example.org/a.mp3?x=1\\u0026y=2")</script>', ["/a.mp3?x=1&y=2"]),
        (
            '<script type="application/ld+json">{"@type":"PodcastEpisode","associatedMedia":{"@type":"MediaObject","contentUrl":"/a"},}</script>',
            ["/a"],
        ),
        (
            '<div vocab="https://schema.org/" typeof="AudioObject"><a property="contentUrl" href="/a">x</a></div>',
            ["/a"],
        ),
    ],
)
def test_pages_hold_what_their_players_play(markup: str, expected: list[str]) -> None:
    assert urls(markup) == expected


def test_streams_and_urls_that_cannot_be_fetched_are_named_in_the_report() -> None:
    page = (
        f'<audio src="/live.m3u8"></audio><a href="http://u:secret@a.org/a.mp3">x</a><a href="/{"a" * 2100}.mp3">y</a>'
    )
    report, found = crawled({START: page})
    assert (found, [one.reason for one in report.refused]) == ([], ["stream", "bad_url", "bad_url"])
    assert "HLS" in report.refused[0].detail
    assert "secret" not in report.model_dump_json()


def test_a_password_in_an_address_of_the_request_is_in_no_report() -> None:
    web, topic = FakeWeb({}), PublishedLinks()
    request = CrawlRequest(pages=["http://u:secret@a.org/", "http://u:x#secret@a.org/"], lists=["l"])
    lists = UrlLists({"l": ["http://u:secret@a.org/a.mp3", "u:secret@a.org/a.mp3"]})
    report = crawl(request, web=web, topic=topic, lists=lists, settings=ScraperSettings())
    assert [one.reason for one in report.refused] == ["bad_url"] * 4
    assert "secret" not in report.model_dump_json()


def test_renditions_are_alternatives_of_one_recording_the_best_first() -> None:
    (one,) = parsed('<audio><source src="/a.opus"><source src="/a.flac"><source src="/b-64kbps.mp3"></audio>').found
    assert one.source_url.endswith("a.flac")
    assert [other.url.rpartition("/")[2] for other in one.alternatives] == ["a.opus", "b-64kbps.mp3"]


def test_a_player_and_a_measured_enclosure_of_one_file_are_one_recording() -> None:
    markup = '<audio src="https://cdn.example.org/e1.mp3?_=2"></audio><a href="https://op3.dev/e/cdn.example.org/e1.mp3">x</a>'
    (one,) = parsed(markup).found
    assert one.identity_url == "https://cdn.example.org/e1.mp3"
    assert not one.alternatives


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("https://a.org/x.mp3?_=1&id=2", "https://a.org/x.mp3?id=2"),
        ("https://a.org/play?id=2&t=3", "https://a.org/play?id=2&t=3"),
        ("https://dts.podtrac.com/redirect.mp3/pdst.fm/e/chrt.fm/track/A1/a.org/x.mp3", "https://a.org/x.mp3"),
        ("https://op3.dev/e/http://a.org/x.mp3", "http://a.org/x.mp3"),
        ("https://media.blubrry.com/show/x.mp3", "https://media.blubrry.com/show/x.mp3"),
    ],
)
def test_the_identity_of_a_recording_is_free_of_caches_and_measurement(url: str, identity: str) -> None:
    assert identity_url(url, names_a_file=url.partition("?")[0].endswith(".mp3")) == identity


@pytest.mark.parametrize("escape", ["%2B", "%3A", "%40", "%24", "%26", "%2C", "%2F", "%2520", "%23", "%3F"])
def test_escapes_of_reserved_characters_stay(escape: str) -> None:
    assert canonical(f"https://a.org/x{escape}y.mp3") == f"https://a.org/x{escape}y.mp3"


def test_names_of_the_internet_archive_with_signs_of_urls_are_files() -> None:
    item = {
        "metadata": {"identifier": "x"},
        "files": [{"name": f"{n}.mp3", "source": "original"} for n in ("Track #1", "What?")],
    }
    assert urls(json.dumps(item), "application/json") == ["/download/x/Track%20%231.mp3", "/download/x/What%3F.mp3"]


BLOCK = '<podcast:block id="earshot">yes</podcast:block>'
GENERAL = "<podcast:block>no</podcast:block>"
ENCLOSURE = '<enclosure url="/a.mp3?b=1&c=2"/>'


@pytest.mark.parametrize(
    "content",
    [
        feed(f"<item>{ENCLOSURE}</item>", BLOCK + GENERAL),
        feed(f"<item>{ENCLOSURE}</item>", GENERAL + BLOCK),
        feed(f"<item>{ENCLOSURE}</item>", f"<description>A <br> B</description>{BLOCK}"),
        feed(f"<item>{ENCLOSURE}</item>", BLOCK, '<rss xmlns="http://backend.userland.com/rss2">'),
        f"<feed xmlns='http://www.w3.org/2005/Atom'>{BLOCK}<entry><link rel='enclosure' href='/a.mp3'/></entry></feed>",
        f"<rdf:RDF><channel>{BLOCK}</channel><item><enc:enclosure rdf:resource='/a.mp3'/></item></rdf:RDF>",
    ],
)
def test_a_block_that_names_us_is_obeyed_wherever_it_stands(content: str) -> None:
    extract = parsed(content, "application/xml")
    assert len(extract.found) == 1
    assert [one.signal for one in extract.signals if one.denies] == ["podcast:block"]


@pytest.mark.parametrize("inner", [ENCLOSURE, '<media:content url="/a.mp3" medium="audio"/>'])
def test_a_block_of_an_item_is_evidence_of_its_recordings(inner: str) -> None:
    (one,) = parsed(feed(f"<item>{inner}{BLOCK}</item>"), "application/xml").found
    assert [signal.signal for signal in from_evidence(one.consent)] == ["podcast:block"]


def test_a_moved_feed_and_its_archives_are_read_too() -> None:
    site = {
        START: feed("", "<itunes:new-feed-url>http://new.example/feed</itunes:new-feed-url>"),
        "http://new.example/feed": feed("", '<atom:link rel="prev-archive" href="/old"/>'),
        "http://new.example/old": feed('<item><enclosure url="/a.mp3"/></item>'),
    }
    _, found = crawled(site)
    assert [one.source_url for one in found] == ["http://new.example/a.mp3"]


def test_a_gzip_file_of_several_members_is_whole() -> None:
    members = feed('<item><enclosure url="/a.mp3"/></item>').encode()
    assert urls(gzip.compress(members[:30]) + gzip.compress(members[30:])) == ["/a.mp3"]


def test_a_feed_of_five_thousand_items_is_read_whole() -> None:
    item = f'<item><title>%d</title><description>{"words " * 330}</description><enclosure url="/%d.mp3"/></item>'
    content = feed("".join(item % (n, n) for n in range(5000)))
    assert len(content) > 10_000_000 - 100_000
    assert len(read(content.encode(), url=URL, at=AT, max_bytes=2**25).found) == 5000


@pytest.mark.parametrize("digits", ["9" * 26, "-1", "0", "1e400", "nan"])
def test_an_absurd_number_is_no_number(digits: str) -> None:
    track = f"<track><location>/a.wav</location><duration>{digits}</duration></track>"
    (one,) = parsed(f"<playlist><trackList>{track}</trackList></playlist>", None).found
    assert one.declared_duration_ms is None
    (one,) = parsed(feed(f'<item><enclosure url="/a.mp3" length="{digits}"/></item>'), None).found
    assert one.declared_bytes is None


def test_a_source_that_is_gone_is_still_refused_by_its_reason() -> None:
    report, _ = crawled({START: SourceGone("404")})
    assert [one.reason for one in report.refused] == ["source_gone"]


WHOLE = feed(
    f"<item><title>A &amp; B</title><itunes:duration>1:00</itunes:duration>{ENCLOSURE.replace('&', '&amp;')}"
    "<description><![CDATA[<p>x</p>]]></description></item>",
    root='<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0">',
)
MAPS = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>/a.mp3</loc></url></urlset>"


@given(
    st.sampled_from([WHOLE, MAPS]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 8), st.binary(max_size=6)), max_size=4),
)
def test_damaged_xml_is_read_as_far_as_it_goes(content: str, accidents: list[tuple[int, int, bytes]]) -> None:
    raw = content.encode()
    for at, length, other in accidents:
        raw = raw[:at] + other + raw[at + length :]
    for declared in (None, "application/xml"):
        extract = parsed(raw, declared)
        assert [one.position for one in extract.found] == list(range(1, len(extract.found) + 1))
