from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio import AudioFound
from earshot.scraping import structured_data
from earshot.scraping.extracted_links import Extract, Resolver
from earshot.scraping.html_page import read_html
from earshot.scraping.html_tree import tree
from earshot.scraping.work_budget import WorkBudget

PAGE = "https://example.org/music/index.html"
AT = datetime(2026, 11, 21, 10, tzinfo=UTC)


def extract(markup: str | bytes, **more: Any) -> Extract:
    return read_html(markup if isinstance(markup, bytes) else markup.encode(), Resolver(PAGE), at=AT, **more)


def found(markup: str) -> list[tuple[str, str | None]]:
    return [(one.source_url, one.found_by) for one in extract(markup).found]


def only(markup: str, **more: Any) -> AudioFound:
    (one,) = extract(markup, **more).found
    return one


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="a.mp3">x</a>', [("https://example.org/music/a.mp3", "a")]),
        ('<a href="/A.WAV?x=1#t">x</a>', [("https://example.org/A.WAV?x=1", "a")]),
        ('<a href="//example.com/a.flac">x</a>', [("https://example.com/a.flac", "a")]),
        ('<a href="get?id=3" type="audio/ogg">x</a>', [("https://example.org/music/get?id=3", "a")]),
        ('<a href="a%2Emp3">x</a>', [("https://example.org/music/a.mp3", "a")]),
        ('<map><area href="a.mp3"></map>', [("https://example.org/music/a.mp3", "a")]),
        ('<audio src="stream"></audio>', [("https://example.org/music/stream", "audio")]),
        (
            '<audio><source src="a.opus"><source src="b" type="audio/mpeg"></audio>',
            [("https://example.org/music/a.opus", "source")],
        ),
        ('<video><source src="b" type="audio/mp4"></video>', [("https://example.org/music/b", "source")]),
        ('<meta property="og:audio" content="/a">', [("https://example.org/a", "og:audio")]),
        ('<meta name="twitter:player:stream" content="/a.mp3">', [("https://example.org/a.mp3", "twitter:player")]),
        (
            '<meta name="twitter:player:stream" content="/a">'
            '<meta name="twitter:player:stream:content_type" content="audio/mp4; codecs=mp4a">',
            [("https://example.org/a", "twitter:player")],
        ),
        ('<link rel="enclosure" href="/a" type="audio/mpeg">', [("https://example.org/a", "enclosure")]),
        ('<link rel="alternate" href="/a" type="audio/mpeg">', [("https://example.org/a", "alternate")]),
        ('<embed src="a.wav">', [("https://example.org/music/a.wav", "object")]),
        ('<object data="a" type="audio/x-wav"></object>', [("https://example.org/music/a", "object")]),
        ('<div data-src="a.mp3">x</div>', [("https://example.org/music/a.mp3", "data")]),
        ('<p data-x=\'{"t": "a > b", "u": "/a.mp3"}\'>x</p>', [("https://example.org/a.mp3", "data")]),
        ('<p title=">" data-x="a > b" data-u="/a.mp3">x</p>', [("https://example.org/a.mp3", "data")]),
        ("<p data-u=/a.mp3>x</p>", [("https://example.org/a.mp3", "data")]),
        ('<P DATA-U="/A.MP3">x</P>', [("https://example.org/A.MP3", "data")]),
        ('<my-player src="a.mp3"></my-player>', [("https://example.org/music/a.mp3", "attribute")]),
        ('<input type="hidden" value="https://example.org/a.mp3">', [("https://example.org/a.mp3", "attribute")]),
        ('<p @click="play(\'/a.mp3\')" data-y="1">x</p>', [("https://example.org/a.mp3", "attribute")]),
        (
            '<p data-b="/b.mp3" data-a="/a.mp3">.mp3</p><p data-c="/c.ogg"></p>',
            [(f"https://example.org/{name}", "data") for name in ("b.mp3", "a.mp3", "c.ogg")],
        ),
        ('<a href="get" download="wren.mp3">x</a>', [("https://example.org/music/get", "a")]),
        ('<a type="mp3" href="get">x</a>', [("https://example.org/music/get", "a")]),
        ('<base href="/files/"><a href="a.mp3">x</a>', [("https://example.org/files/a.mp3", "a")]),
        (
            '<a href="a.mp3"><a href="b.mp3">',
            [("https://example.org/music/a.mp3", "a"), ("https://example.org/music/b.mp3", "a")],
        ),
        (
            '<?xml version="1.0" encoding="UTF-8"?><html><a href="a.mp3"/></html>',
            [("https://example.org/music/a.mp3", "a")],
        ),
        ('<a href="a.mp3\n">\0x</a>', [("https://example.org/music/a.mp3", "a")]),
    ],
)
def test_a_link_to_audio_is_found(markup: str, expected: list[tuple[str, str]]) -> None:
    assert found(markup) == expected


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="page.html">x</a>',
        '<a href="a.mp3" type="text/html">about it</a>',
        '<a href="/wiki/File:Amsel.ogg">about it</a>',
        '<a href="/ann/birds/blob/main/amsel.wav">about it</a>',
        '<a href="list.m3u" type="audio/x-mpegurl">x</a>',
        '<a href="search?q=.mp3">x</a>',
        '<a href="mailto:ann@example.org">x</a>',
        "<a href=\"javascript:play('a.mp3')\">x</a>",
        '<a href="data:audio/wav;base64,UklGRg==">x</a>',
        '<a href="http://u:p@example.org/a.mp3">x</a>',
        '<video><source src="a.webm" type="video/webm"></video>',
        '<picture><source srcset="a.webp"></picture>',
        '<meta property="og:audio">',
        '<meta name="twitter:player:stream" content="/a.mp4">',
        '<div data-text="play a.mp3">x</div>',
        '<link rel="stylesheet" href="a.mp3.css">',
        "<a>a.mp3</a>",
        "<!-- <a href='a.mp3'>x</a> -->",
        "<script>var a = \"<a href='a.mp3'>\"</script>",
        "",
        "<!-- -->",
        "\0",
    ],
)
def test_what_is_no_link_to_audio_is_not(markup: str) -> None:
    assert found(markup) == []


def test_pages_are_the_links_that_are_no_audio() -> None:
    markup = (
        '<a href="b">b</a><a href=" a.mp3 ">a</a><a href="c.mp3" type="text/html">c</a><area href="d">'
        '<a href="b">b</a><a href="#top">top</a><link rel="alternate" type="application/rss+xml" href="/feed">'
    )
    names = ("feed", "music/b", "music/c.mp3", "music/d")
    assert extract(markup).pages == [f"https://example.org/{name}" for name in names]


def test_an_original_for_which_a_login_is_wanted_is_passed_over() -> None:
    address = "https://freesound.org/people/ann/sounds/12345/download/12345__ann__wren.wav"
    whole = extract(f'<a href="{address}">x</a><p data-mp3="https://cdn.freesound.org/previews/12/12345_6-lq.mp3"></p>')
    assert [one.url for one in whole.passed_over] == [address]
    assert len(whole.found) == 1


def test_properties_belong_to_the_nearest_described_thing_however_deep_it_lies() -> None:
    outer = "<div>" * 200 + '<b itemprop="name">Outer</b>' + "</div>" * 200
    markup = f"""<div itemscope itemtype="http://schema.org/PodcastEpisode">{outer}
        <p itemprop="audio" itemscope itemtype="http://schema.org/AudioObject"><i><b itemprop="name">Inner</b></i>
        <link itemprop="contentUrl" href="/play/1"></p></div>
        <div vocab="https://schema.org/" typeof="AudioObject"><i><b property="name">R</b>
        <a property="contentUrl" href="/play/2"></a></i></div>
        <script>if (typeof x == "y") z()</script>"""
    assert [(one.source_url, one.link_text) for one in extract(markup).found] == [
        ("https://example.org/play/1", "Inner"),
        ("https://example.org/play/2", "R"),
    ]


def test_a_link_carries_its_context() -> None:
    markup = """<html lang="de"><title>Vogel\u00adstimmen
        im Wald</title><meta name=author content="Ann"><meta name=keywords content="vogel, wald">
        <p><a href="1.html">mehr</a>
        <figure><figcaption>Amsel, <b>Mai</b></figcaption><audio src="amsel.ogg"></audio></figure>
        <a href="kauz.wav" title="Waldkauz"><img src="kauz.png"></a>"""
    amsel, kauz = extract(markup).found
    assert (amsel.page_url, amsel.page_title, amsel.language) == (PAGE, "Vogelstimmen im Wald", "de")
    assert (amsel.author, amsel.tags) == ("Ann", "vogel, wald")
    assert (amsel.link_text, amsel.position) == ("Amsel, Mai", 1)
    assert (kauz.link_text, kauz.position) == ("Waldkauz", 2)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("<i class=icon></i> Episode 12", "Episode 12"),
        ("Listen to <b>episode <i>12</i></b> now", "Listen to episode 12 now"),
        ("<svg><path/></svg><span>Episode</span> 12", "Episode 12"),
    ],
)
def test_the_words_of_a_link_are_those_behind_its_inner_elements_too(words: str, text: str) -> None:
    (one,) = extract(f"<a href='e12.mp3'>{words}</a> and more").found
    assert one.link_text == text


def test_an_element_of_thousands_of_empty_ones_is_searched_for_words_no_further() -> None:
    (one,) = extract("<a href='e12.mp3'>" + "<i></i>" * 5000 + "Episode</a>").found
    assert one.link_text is None


def test_several_mentions_of_one_link_become_one_that_knows_all() -> None:
    one = only(
        '<title>T</title><a href="a.mp3">Wren</a><audio><source src="a.mp3" type="audio/mpeg"></audio>'
        '<link rel=enclosure href="a.mp3" length="1234">'
    )
    assert (one.found_by, one.link_text, one.declared_type, one.declared_bytes) == (
        "source",
        "Wren",
        "audio/mpeg",
        1234,
    )


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC</a>', "CC-BY-4.0"),
        ('<link rel="license" href="https://creativecommons.org/publicdomain/zero/1.0/">', "CC0-1.0"),
        ('<a rel="nofollow license" href="/terms">terms</a>', "unknown"),
        (
            '<a rel=license href="https://creativecommons.org/licenses/by/4.0/">1</a>'
            '<a rel=license href="https://creativecommons.org/licenses/by-nc/4.0/">2</a>',
            "unknown",
        ),
        ("", None),
    ],
)
def test_the_licence_of_a_page_is_that_of_its_links(markup: str, expected: str | None) -> None:
    assert only(f'{markup}<a href="a.mp3">x</a>').license == expected


def test_a_licence_in_the_header_counts_where_the_page_names_none() -> None:
    one = only('<a href="a.mp3">x</a>', licence="https://creativecommons.org/licenses/by-sa/4.0/")
    assert (one.license, one.license_from) == ("CC-BY-SA-4.0", "Link header")


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        ("<title>Käse</title><a href=a.mp3>x</a>".encode("latin-1"), 'text/html; charset="ISO-8859-1"'),
        ('<meta charset="windows-1252"><title>Käse</title><a href=a.mp3>x</a>'.encode("cp1252"), None),
        ("\ufeff<title>Käse</title><a href=a.mp3>x</a>".encode("utf-16"), None),
        ("<title>Käse</title><a href=a.mp3>x</a>".encode(), "text/html; charset=no-such-charset"),
        ("<title>Käse</title><a href=a.mp3>x</a>".encode("latin-1"), None),
        ("<title>Käse</title><a href=a.mp3>x</a>".encode(), None),
    ],
)
def test_the_charset_is_found_out(content: bytes, declared: str | None) -> None:
    (one,) = extract(content, declared=declared).found
    assert one.page_title == "Käse"


def test_ordinary_links_and_feeds_are_pages_to_go_to_once_each() -> None:
    markup = (
        '<link rel=alternate type="application/rss+xml" href=feed><a href="b">x</a><a href="a">x</a>'
        '<a href="b#1">x</a><a href="c.mp3">x</a><a href="ftp://x">y</a>'
    )
    base = "https://example.org/music/"
    assert extract(markup).pages == [f"{base}feed", f"{base}b", f"{base}a"]


def test_a_page_speaks_for_what_it_links_to() -> None:
    signals = extract('<meta name="robots" content="noai"><meta name="viewport" content="x">').signals
    assert [(one.signal, one.value, one.where, one.denies) for one in signals] == [("meta robots", "noai", PAGE, True)]


JSON_LD = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
    {"@type": "PodcastEpisode", "name": "One", "author": {"@type": "Person", "name": "Ann"}, "inLanguage": "en",
     "license": "https://creativecommons.org/licenses/by/4.0/", "duration": "PT1M2.5S", "keywords": ["a", "b"],
     "associatedMedia": {"@type": "MediaObject", "contentUrl": "/one", "encodingFormat": "audio/mpeg",
                         "contentSize": "1.5 MB"}},
    {"@type": "VideoObject", "contentUrl": "/two.mp4"},
    {"@type": ["AudioObject", "MediaObject"], "contentUrl": ["/three"], "name": {"@value": "Three"}},
    {"@type": "MusicRecording", "name": "Four", "audio": "/four.flac", "byArtist": [{"name": "Bea"}]}]}</script>"""


def test_json_ld_describes_recordings() -> None:
    one, three, four = extract(JSON_LD).found
    assert one.model_dump(exclude_none=True, exclude={"schema_version", "alternatives"}) == {
        "source_url": "https://example.org/one",
        "page_url": PAGE,
        "found_by": "json-ld",
        "position": 1,
        "link_text": "One",
        "author": "Ann",
        "language": "en",
        "tags": "a, b",
        "license": "CC-BY-4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "license_from": "structured data",
        "declared_type": "audio/mpeg",
        "declared_duration_ms": 62_500,
        "declared_bytes": 1_500_000,
    }
    assert (three.source_url, three.link_text) == ("https://example.org/three", "Three")
    assert (four.source_url, four.author) == ("https://example.org/four.flac", "Bea")


@pytest.mark.parametrize(
    "script",
    ["{", "[[[[", "null", '"x"', '{"@type": 5}', '{"contentUrl": {"a": []}}', "// x\n{}", '{"@graph": ' * 5000, "<!--"],
)
def test_broken_json_ld_describes_nothing_and_breaks_nothing(script: str) -> None:
    markup = f'<a href=a.mp3>x</a><script type="application/ld+json">{script}</script>{JSON_LD}'
    assert len(extract(markup).found) == 4


def test_microdata_describes_recordings() -> None:
    markup = """<div itemscope itemtype="https://schema.org/AudioObject"><span itemprop="name">Amsel</span>
        <link itemprop="contentUrl" href="/amsel"><meta itemprop="duration" content="PT5S">
        <div itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Ann</b></div>
        <a itemprop="license" href="https://creativecommons.org/licenses/by-nc/4.0/">NC</a></div>"""
    one = only(markup)
    assert (one.source_url, one.found_by, one.link_text) == ("https://example.org/amsel", "microdata", "Amsel")
    assert (one.author, one.license, one.declared_duration_ms) == ("Ann", "CC-BY-NC-4.0", 5000)


def test_microdata_may_stand_elsewhere_on_the_page() -> None:
    markup = """<div itemscope itemtype="https://schema.org/AudioObject" itemref="who terms nowhere">
        <link itemprop="contentUrl" href="/amsel"></div>
        <p id="who"><span itemprop="author" itemscope itemtype="https://schema.org/Person">
        <b itemprop="name">Ann</b></span></p><p id="who"><b itemprop="author">Somebody else</b>
        <div id="terms"><a itemprop="license" href="https://creativecommons.org/licenses/by/4.0/">BY</a></div>"""
    one = only(markup)
    assert (one.source_url, one.author, one.license) == ("https://example.org/amsel", "Ann", "CC-BY-4.0")


def test_microdata_that_names_itself_has_an_end() -> None:
    markup = """<div id="a" itemscope itemtype="https://schema.org/AudioObject" itemref="a a b">
        <link itemprop="contentUrl" href="/amsel"><i id="b" itemprop="about" itemscope itemref="a"></i></div>"""
    assert only(markup).source_url == "https://example.org/amsel"


def test_a_licence_of_its_own_outdoes_that_of_the_page_as_a_whole() -> None:
    one = only(
        '<a rel=license href="https://creativecommons.org/licenses/by/4.0/">CC</a><script type="application/ld+json">'
        '{"@type": "AudioObject", "contentUrl": "/a", "license": "all rights reserved"}</script>'
    )
    assert (one.license, one.license_url, one.license_from) == ("unknown", None, "structured data")


def test_structured_data_without_end_has_an_end() -> None:
    nodes = ",".join(f'{{"@type": "AudioObject", "contentUrl": "/{n}"}}' for n in range(20_000))
    links = Resolver(PAGE, work=WorkBudget(len(nodes)))
    markup = f'<script type="application/ld+json">[{nodes}]'.encode()
    found = list(structured_data.in_structured_data(tree(markup), links, markup))
    assert len(found) + links.work.unread == 20_000
    assert 5_000 < len(found) < 20_000


TAGS = st.sampled_from(
    [
        "<a href='x.mp3'>",
        "<audio src=",
        "<source>",
        "</a>",
        "<base href='http://[/'>",
        "<title>",
        "<meta charset=x>",
        "<meta property='og:audio' content='http://[::1'>",
        "<div itemscope itemprop=x itemref='y z'>",
        "<div id=y itemprop=contentUrl>",
        "<div id=z itemscope itemref=z>",
        "<script type='application/ld+json'>",
        '{"contentUrl": [',
        "</script>",
        "<figure><audio src=a>",
        "<frameset>",
        "<svg><a href=a.mp3>",
        "&#0;",
        "<!--",
        "<?xml version='1.0' encoding='x'?>",
    ]
)


@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(st.one_of(TAGS, st.text(max_size=10)), max_size=20).map(
            lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
        ),
    )
)
def test_any_bytes_are_a_page(content: bytes) -> None:
    links = extract(content)
    assert [one.position for one in links.found] == list(range(1, len(links.found) + 1))
    assert len({one.source_url for one in links.found}) == len(links.found)
