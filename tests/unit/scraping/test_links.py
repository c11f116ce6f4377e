import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.scraping.links import read_html

PAGE = "https://example.org/music/index.html"


def found(markup: str, url: str = PAGE) -> list[tuple[str, str | None]]:
    return [(one.source_url, one.found_by) for one in read_html(markup.encode(), url=url).found]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="a.mp3">x</a>', [("https://example.org/music/a.mp3", "a")]),
        ('<a href="/A.WAV?x=1#t">x</a>', [("https://example.org/A.WAV?x=1", "a")]),
        ('<a href="//example.com/a.flac">x</a>', [("https://example.com/a.flac", "a")]),
        ('<a href="get?id=3" type="audio/ogg">x</a>', [("https://example.org/music/get?id=3", "a")]),
        ('<a href="a%2Emp3">x</a>', [("https://example.org/music/a.mp3", "a")]),
        ('<audio src="stream"></audio>', [("https://example.org/music/stream", "audio")]),
        (
            '<audio><source src="a.opus"><source src="b" type="audio/mpeg"></audio>',
            [("https://example.org/music/a.opus", "source"), ("https://example.org/music/b", "source")],
        ),
        ('<meta property="og:audio" content="/a">', [("https://example.org/a", "og:audio")]),
        ('<base href="/files/"><a href="a.mp3">x</a>', [("https://example.org/files/a.mp3", "a")]),
        (
            '<a href="a.mp3"><a href="b.mp3">',
            [("https://example.org/music/a.mp3", "a"), ("https://example.org/music/b.mp3", "a")],
        ),
    ],
)
def test_a_link_to_audio_is_found(markup: str, expected: list[tuple[str, str]]) -> None:
    assert found(markup) == expected


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="page.html">x</a>',
        '<a href="list.m3u" type="audio/x-mpegurl">x</a>',
        '<a href="search?q=.mp3">x</a>',
        '<a href="mailto:ann@example.org">x</a>',
        "<a href=\"javascript:play('a.mp3')\">x</a>",
        '<a href="http://u:p@example.org/a.mp3">x</a>',
        '<video><source src="a.webm" type="video/webm"></video>',
        '<meta property="og:audio">',
        "<a>a.mp3</a>",
        "<!-- <a href='a.mp3'>x</a> -->",
        "<script>var a = \"<a href='a.mp3'>\"</script>",
        "",
    ],
)
def test_what_is_no_link_to_audio_is_not(markup: str) -> None:
    assert found(markup) == []


def test_a_link_carries_its_context() -> None:
    markup = """<html lang="de"><title>Vogel\u00adstimmen
        im Wald</title><p><a href="1.html">mehr</a>
        <figure><figcaption>Amsel, <b>Mai</b></figcaption><audio src="amsel.ogg"></audio></figure>
        <a href="kauz.wav" title="Waldkauz"><img src="kauz.png"></a>"""
    amsel, kauz = read_html(markup.encode(), url=PAGE, charset="utf-8").found
    assert (amsel.page_url, amsel.page_title, amsel.language) == (PAGE, "Vogelstimmen im Wald", "de")
    assert (amsel.link_text, amsel.position) == ("Amsel, Mai", 1)
    assert (kauz.link_text, kauz.position) == ("Waldkauz", 2)


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("<title>Käse</title><a href=a.mp3>x</a>".encode("latin-1"), "iso-8859-1"),
        ('<meta charset="windows-1252"><title>Käse</title><a href=a.mp3>x</a>'.encode("cp1252"), None),
        ("\ufeff<title>Käse</title><a href=a.mp3>x</a>".encode("utf-16"), None),
        ("<title>Käse</title><a href=a.mp3>x</a>".encode(), "no-such-charset"),
    ],
)
def test_the_charset_is_found_out(content: bytes, charset: str | None) -> None:
    (one,) = read_html(content, url=PAGE, charset=charset).found
    assert one.page_title == "Käse"


def test_ordinary_links_are_pages_to_go_to_once_each() -> None:
    markup = '<a href="b">x</a><a href="a">x</a><a href="b#1">x</a><a href="c.mp3">x</a><a href="ftp://x">y</a>'
    assert read_html(markup.encode(), url=PAGE).pages == ["https://example.org/music/b", "https://example.org/music/a"]


TAGS = st.sampled_from(
    [
        "<a href='x.mp3'>",
        "<audio src=",
        "<source>",
        "</a>",
        "<base href='http://[/'>",
        "<title>",
        "<meta charset=x>",
        "&#0;",
        "<!--",
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
    extract = read_html(content, url=PAGE)
    assert [one.position for one in extract.found] == list(range(1, len(extract.found) + 1))
