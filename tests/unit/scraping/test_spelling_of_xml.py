"""Feeds, sitemaps and playlists with names in another case than their formats write, or attributes without quotes."""

from datetime import UTC, datetime

import pytest

from earshot.scraping.document_types import may_hold_links, read
from earshot.scraping.extracted_links import Extract

AT = datetime(2026, 11, 26, tzinfo=UTC)
RSS = '<rss version="2.0"><channel><title>T</title><item><title>Wren</title>{}</item></channel></rss>'
TAG = '<enclosure url="http://radio.example/a.mp3" length="10" type="audio/mpeg"/>'


def parsed(text: str, declared: str = "application/xml", url: str = "https://example.org/x") -> Extract:
    return read(text.encode(), url=url, at=AT, max_bytes=1_000_000, declared=declared)


@pytest.mark.parametrize(
    "text",
    [
        '<RSS VERSION="2.0"><CHANNEL><TITLE>T</TITLE><ITEM><TITLE>Wren</TITLE>'
        '<ENCLOSURE URL="http://radio.example/a.mp3" LENGTH="10" TYPE="audio/mpeg"/></ITEM></CHANNEL></RSS>',
        RSS.format(TAG).replace("item>", "Item>").replace("<enclosure url", "<Enclosure Url"),
        RSS.format("<enclosure url=http://radio.example/a.mp3 length=10 type=audio/mpeg/>"),
        RSS.format("<enclosure url = 'http://radio.example/a.mp3' length=10 type=audio/mpeg ></enclosure>"),
    ],
)
@pytest.mark.parametrize("declared", ["application/xml", "application/rss+xml", "text/html"])
def test_a_feed_in_any_case_and_without_quotes_gives_its_enclosures(text: str, declared: str) -> None:
    (one,) = parsed(text, declared).found
    assert (one.source_url, one.link_text, one.page_title) == ("http://radio.example/a.mp3", "Wren", "T")
    assert (one.declared_bytes, one.declared_type, one.found_by) == (10, "audio/mpeg", "feed")


@pytest.mark.parametrize(
    ("text", "found", "parts"),
    [
        ('<FEED><ENTRY><LINK REL="enclosure" HREF="/a.mp3"/></ENTRY></FEED>', ["a.mp3"], []),
        ("<feed><entry><link rel=enclosure href=/a.mp3 /></entry></feed>", ["a.mp3"], []),
        ('<RDF:RDF><ITEM><ENC:ENCLOSURE RDF:RESOURCE="/a.mp3"/></ITEM></RDF:RDF>', ["a.mp3"], []),
        ("<URLSET><URL><LOC>/a.mp3</LOC></URL><URL><LOC>/b</LOC></URL></URLSET>", ["a.mp3"], ["b"]),
        ("<SiteMapIndex><SiteMap><Loc>/s.xml</Loc></SiteMap></SiteMapIndex>", [], ["s.xml"]),
        ("<PLAYLIST><TRACKLIST><TRACK><LOCATION>/a.mp3</LOCATION></TRACK></TRACKLIST></PLAYLIST>", ["a.mp3"], []),
        ('<ASX Version="3.0"><Entry><Ref HREF="/a.mp3"/></Entry><ENTRYREF href="/b.asx"/></ASX>', ["a.mp3"], ["b.asx"]),
        ('<?wpl version="1.0"?><smil><body><seq><media src="/a.mp3"/></seq></body></smil>', ["a.mp3"], []),
        ('<OPML><BODY><OUTLINE XMLURL="/f.xml"/><OUTLINE URL="/a.mp3"/></BODY></OPML>', ["a.mp3"], ["f.xml"]),
        ('<opml><body><outline text="x" type="rss" xmlUrl="/f.xml"/></body></opml>', [], ["f.xml"]),
    ],
)
def test_other_documents_in_any_case_are_read_too(text: str, found: list[str], parts: list[str]) -> None:
    extract = parsed(text)
    assert [one.source_url for one in extract.found] == [f"https://example.org/{name}" for name in found]
    assert extract.parts == [f"https://example.org/{name}" for name in parts]


def test_a_playlist_of_windows_media_names_its_entries() -> None:
    text = '<asx version="3.0"><entry><title>Wren</title><ref href="a.wma"/></entry></asx>'
    (one,) = parsed(text, "video/x-ms-asf").found
    assert (one.source_url, one.link_text, one.found_by) == ("https://example.org/a.wma", "Wren", "playlist")
    assert may_hold_links("video/x-ms-asf")
    assert not may_hold_links("video/mp4")


def test_a_real_media_playlist_is_read_as_lines() -> None:
    extract = parsed("http://radio.example/a.ra\n", "text/plain", "https://example.org/x.ram")
    assert [one.source_url for one in extract.found] == ["http://radio.example/a.ra"]


def test_names_of_other_vocabularies_keep_their_case() -> None:
    text = RSS.format(TAG + '<Thing LinkTo="x"/><x:Link2 A="b"/>').replace("<rss", "<RSS").replace("</rss", "</RSS")
    (one,) = parsed(text).found
    assert one.link_text == "Wren"


def test_xml_of_no_known_format_is_searched_for_audio_as_a_page_is() -> None:
    extract = parsed('<?xml version="1.0"?><shows><show file="/a.mp3"/></shows>', "application/shows+xml")
    assert [one.source_url for one in extract.found] == ["https://example.org/a.mp3"]
