import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.errors import TooLarge
from earshot.scraping.document_types import may_hold_links, read, root
from earshot.scraping.extracted_links import Extract
from earshot.scraping.link_headers import licence_in_link
from earshot.scraping.work_budget import MOST_RECORDINGS

URL = "https://example.org/x"
AT = datetime(2026, 11, 21, 10, tzinfo=UTC)


def parsed(content: bytes | str, url: str = URL, declared: str | None = None, max_bytes: int = 1_000_000) -> Extract:
    raw = content if isinstance(content, bytes) else content.encode()
    return read(raw, url=url, at=AT, max_bytes=max_bytes, declared=declared)


def urls(extract: Extract) -> list[str]:
    return [one.source_url.removeprefix("https://example.org/") for one in extract.found]


SITEMAP = """<?xml version="1.0" encoding="UTF-8"?><!-- made by hand --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc> https://example.org/a </loc><lastmod>2026</lastmod></url><url><loc>/b.mp3</loc></url></urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://example.org/s.xml.gz</loc>
</sitemap></sitemapindex>"""
XSPF = """<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Birds</title>
<license>https://creativecommons.org/licenses/by/4.0/</license><trackList><track><location>a.ogg</location><title>Amsel</title>
<creator>Ann</creator><duration>5000</duration></track></trackList></playlist>"""
M3U = "#EXTM3U\n#EXTINF:123.5 tvg-id=x,Amsel, im Mai\na.mp3\n\n# remark\nhttp://radio.example/live\nb.jpg\nmore.m3u\n"
PLS = "[playlist]\nFile2=b.mp3\nTitle2=Second\nLength2=60\nFile1=a.mp3\nLength1=-1\nNumberOfEntries=2\nVersion=2\n"


@pytest.mark.parametrize(
    ("content", "found", "parts"),
    [
        ('<!doctype html><a href="a.mp3">x</a>', ["a.mp3"], []),
        ('<rss><channel><item><enclosure url="a.mp3" type="audio/mpeg"/></item></channel></rss>', ["a.mp3"], []),
        (SITEMAP, ["b.mp3"], ["https://example.org/a"]),
        (SITEMAP.encode("utf-16"), ["b.mp3"], ["https://example.org/a"]),
        (gzip.compress(SITEMAP.encode()), ["b.mp3"], ["https://example.org/a"]),
        (INDEX, [], ["https://example.org/s.xml.gz"]),
        (XSPF, ["a.ogg"], []),
        (M3U, ["a.mp3", "http://radio.example/live"], ["https://example.org/more.m3u"]),
        ("\ufeff" + PLS, ["a.mp3", "b.mp3"], []),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsegment1.ts\nsegment2.aac\n", [], []),
        (
            '{"version": "https://jsonfeed.org/version/1", "items": [{"attachments": [{"url": "a.mp3"}]}]}',
            ["a.mp3"],
            [],
        ),
        ('{"a": 1}', [], []),
        ("{", [], []),
        ("", [], []),
    ],
)
def test_the_bytes_say_which_document_type_it_is(content: bytes | str, found: list[str], parts: list[str]) -> None:
    for declared in ("text/html", "application/xml", "text/plain", None):
        extract = parsed(content, declared=declared)
        assert (urls(extract), extract.parts) == (found, parts)


def test_a_playlist_knows_its_tracks() -> None:
    (one,) = parsed(XSPF).found
    assert (one.link_text, one.author, one.page_title, one.license) == ("Amsel", "Ann", "Birds", "CC-BY-4.0")
    assert one.declared_duration_ms == 5000
    first, second = parsed(PLS).found
    assert (first.link_text, second.link_text, second.declared_duration_ms) == (None, "Second", 60_000)
    amsel, live = parsed(M3U).found
    assert (amsel.link_text, amsel.declared_duration_ms, live.link_text) == ("Amsel, im Mai", 123_500, None)


def test_a_declared_or_named_playlist_needs_no_heading() -> None:
    assert urls(parsed("a.mp3\n", declared="audio/x-mpegurl")) == ["a.mp3"]
    assert urls(parsed("a.mp3\n", url=f"{URL}.m3u", declared="text/plain")) == ["a.mp3"]
    assert urls(parsed("<html><a href=a.mp3>x</a>", url=f"{URL}.m3u", declared="text/html")) == ["a.mp3"]


def test_a_text_sitemap_and_a_robots_txt_list_addresses() -> None:
    text = parsed("https://example.org/a\nhttps://example.org/b.mp3\nnonsense\n", declared="text/plain")
    assert (urls(text), text.parts[0]) == (["b.mp3"], "https://example.org/a")
    robots = parsed(
        "User-agent: *\nDisallow: /\nSitemap: https://example.org/s.xml\nsitemap:/t.xml",
        url="https://example.org/robots.txt",
        declared="text/plain",
    )
    assert robots.parts == ["https://example.org/s.xml", "https://example.org/t.xml"]


def test_an_unsupported_type_holds_nothing() -> None:
    assert parsed(b"\x89PNG<a href=a.mp3>", declared="application/octet-stream").found == []
    assert not may_hold_links("image/png")
    assert may_hold_links("application/octet-stream")
    assert may_hold_links(None)


ITEM = {
    "metadata": {
        "identifier": "birds 1",
        "title": "Birds",
        "creator": ["Ann", "Bea"],
        "language": "deu",
        "subject": ["birds", "forest"],
        "licenseurl": "http://creativecommons.org/publicdomain/zero/1.0/",
    },
    "files": [
        {
            "name": "a b/amsel.flac",
            "source": "original",
            "md5": "0" * 32,
            "size": "123",
            "length": "61.5",
            "title": "Amsel",
        },
        {"name": "amsel.mp3", "source": "derivative", "md5": "1" * 32, "length": "1:01"},
        {"name": "secret.wav", "source": "original", "private": "true"},
        {"name": "birds_meta.xml", "source": "original"},
        {"name": 5},
    ],
}


def test_an_item_of_the_internet_archive_has_originals_with_checksums() -> None:
    (one,) = parsed(json.dumps(ITEM), url="https://archive.example/metadata/birds").found
    assert one.model_dump(exclude_none=True, exclude={"schema_version", "alternatives"}) == {
        "source_url": "https://archive.example/download/birds%201/a%20b/amsel.flac",
        "page_url": "https://archive.example/details/birds%201",
        "page_title": "Birds",
        "link_text": "Amsel",
        "found_by": "archive",
        "position": 1,
        "language": "deu",
        "author": "Ann",
        "tags": "birds, forest",
        "license": "CC0-1.0",
        "license_url": "http://creativecommons.org/publicdomain/zero/1.0/",
        "license_from": "archive licenseurl",
        "declared_bytes": 123,
        "declared_duration_ms": 61_500,
        "declared_md5": "0" * 32,
        "source_id": "archive:birds 1/a b/amsel.flac",
        "rendition": "original",
    }


def test_a_derivative_is_taken_for_want_of_an_original_and_nothing_from_the_dark() -> None:
    derived = ITEM | {"files": ITEM["files"][1:]}
    assert [one.rendition for one in parsed(json.dumps(derived)).found] == ["preview"]
    assert parsed(json.dumps(ITEM | {"is_dark": True})).found == []


def test_a_sitemap_that_unfolds_too_far_is_refused() -> None:
    bomb = gzip.compress(b"<urlset>" + bytes(5_000_000))
    with pytest.raises(TooLarge, match="unfolds"):
        parsed(bomb)
    assert parsed(gzip.compress(SITEMAP.encode())[:60]).found == []


def test_a_sitemap_that_breaks_off_gives_what_came_before() -> None:
    assert urls(parsed(SITEMAP.removesuffix("</urlset>") + "<url><loc>")) == ["b.mp3"]


@pytest.mark.parametrize(
    "head", ["<!DOCTYPE a [<!ENTITY x 'y'>]><rss>", "<?xml?><!-- <feed> --><a:rss>", "<RSS version=2>"]
)
def test_the_first_element_is_found_behind_all_prologue(head: str) -> None:
    assert root(head) == "rss"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://example.org/l>; rel="license"', "https://example.org/l"),
        ("<a>; rel=next, <b>; title=x; rel=license", "b"),
        ("<a>; rel=next", None),
        (None, None),
    ],
)
def test_a_licence_in_a_link_header(header: str | None, expected: str | None) -> None:
    assert licence_in_link(header) == expected


@given(
    st.one_of(
        st.binary(max_size=300),
        st.tuples(
            st.sampled_from(
                ["#EXTM3U\n", "[playlist]\nfile1=", "<urlset>", "<playlist>", "<feed>", "{", "<!--", "<!DOCTYPE ["]
            ),
            st.text(max_size=100),
        ).map(lambda pair: "".join(pair).encode("utf-8", "replace")),
    ),
    st.sampled_from([None, "text/html", "text/plain", "audio/x-scpls", "audio/mpegurl"]),
)
def test_any_bytes_can_be_read(content: bytes, declared: str | None) -> None:
    parsed(content, declared=declared)


HOSTILE = {
    "unclosed comments": b"<!--" * 200_000,
    "unclosed doctypes": b"<!DOCTYPE [" * 100_000,
    "deep elements": b"<div>" * 200_000,
    "deep figures": b"<figure><audio src=a>" * 20_000,
    "many players in one figure": b"<figure>" + b"<audio src=a.mp3></audio>" * 30_000,
    "many attributes": b"<a " + b" ".join(b"data-a%d=b.mp3" % n for n in range(100_000)) + b">",
    "many bare attributes": b"<a " + b" ".join(b"a%d" % n for n in range(100_000)) + b">",
    "many quoted attributes": b"<a " + b"".join(b"a%d='<>\"'/b%d=\"'>\" " % (n, n) for n in range(50_000)) + b">",
    "quotes in names": b'<a q"=">" r\'=x ' + b" ".join(b"a%d" % n for n in range(100_000)) + b">",
    "a long attribute": b"<a href='" + b"%" * 1_000_000 + b"'>",
    "deep json": b'{"a":' * 200_000,
    "deep xml": b"<urlset>" + b"<url>" * 200_000,
    "many licences": b"<a rel=license href=/a>" * 50_000,
    "nested microdata": b"<div itemscope itemprop=a itemtype=b>" * 100_000,
    "microdata that names all of the page": b"<div id=x itemscope itemprop=a itemref='x x x x x x x x'>" * 50_000,
    "microdata that names its own texts": b"<p itemscope itemref='x x x x'><b id=x itemprop=a>b" * 50_000,
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.timeout(60)  # read in quadratic time, each would take minutes
def test_hostile_bytes_do_not_hang_the_reader(case: str) -> None:
    extract = parsed(HOSTILE[case], declared="text/html")
    assert len(extract.found) <= MOST_RECORDINGS
