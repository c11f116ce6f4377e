from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.consent import from_evidence
from earshot.scraping.extracted_links import Extract, Resolver
from earshot.scraping.feeds import read_feed
from earshot.scraping.json_feed import read_json_feed

FEED = "https://example.org/feed"
AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
NAMESPACES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule"'
)


def rss(items: str, channel: str = "") -> Extract:
    markup = f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel>{channel}{items}</channel></rss>'
    return read_feed(markup.encode(), Resolver(FEED), at=AT)


def item(inside: str = "", url: str = "https://example.org/1.mp3") -> str:
    return f'<item><enclosure url="{url}" type="audio/mpeg" length="123"/>{inside}</item>'


def test_an_enclosure_carries_what_feed_and_item_say() -> None:
    (one,) = rss(
        item("<title>One</title><itunes:duration>1:02</itunes:duration><link>/one</link>"),
        "<title>Birds</title><language>de</language><itunes:author>Ann</itunes:author><category>nature</category>",
    ).found
    assert one.model_dump(exclude_none=True, exclude={"schema_version", "alternatives"}) == {
        "source_url": "https://example.org/1.mp3",
        "page_url": FEED,
        "page_title": "Birds",
        "link_text": "One",
        "found_by": "feed",
        "position": 1,
        "language": "de",
        "author": "Ann",
        "tags": "nature",
        "declared_type": "audio/mpeg",
        "declared_bytes": 123,
        "declared_duration_ms": 62_000,
    }


def test_atom_and_media_rss_have_enclosures_too() -> None:
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title>
        <link rel="enclosure" href="/a.ogg" type="audio/ogg"/></entry></feed>"""
    (one,) = read_feed(atom, Resolver(FEED), at=AT).found
    assert (one.source_url, one.link_text) == ("https://example.org/a.ogg", "One")
    (two,) = rss('<item><media:content url="https://example.org/b" type="audio/wav"/></item>').found
    assert two.source_url == "https://example.org/b"


def test_other_media_is_no_audio() -> None:
    assert rss('<item><enclosure url="https://example.org/a.mp4" type="video/mp4"/></item>').found == []


def test_pages_and_further_pages_are_distinguished() -> None:
    feed = rss(
        item("<link>/one</link>"), '<link>https://example.org/</link><atom:link rel="next" href="/feed?page=2"/>'
    )
    assert feed.pages == ["https://example.org/", "https://example.org/one"]
    assert feed.parts == ["https://example.org/feed?page=2"]


def test_alternate_enclosures_come_with_their_integrity() -> None:
    feed = rss(
        item(
            '<podcast:alternateEnclosure type="audio/opus" length="99"><podcast:source uri="https://example.org/1.opus"/>'
            '<podcast:source uri="ipfs://x"/><podcast:integrity type="sri" value="sha256-abc"/>'
            "</podcast:alternateEnclosure>"
            '<podcast:alternateEnclosure type="video/mp4"><podcast:source uri="https://example.org/1.mp4"/>'
            "</podcast:alternateEnclosure>"
        )
    )
    (one,) = feed.found
    (other,) = one.alternatives
    assert (one.source_url, one.found_by, one.declared_sri, one.declared_bytes) == (
        "https://example.org/1.mp3",
        "feed",
        None,
        123,
    )
    assert (other.url, other.declared_sri, other.declared_bytes) == ("https://example.org/1.opus", "sha256-abc", 99)


@pytest.mark.parametrize(
    ("channel", "inside", "expected"),
    [
        ('<podcast:license url="https://example.org/l">cc-by-4.0</podcast:license>', "", "CC-BY-4.0"),
        ("<podcast:license>cc-by-4.0</podcast:license>", "<podcast:license>cc0-1.0</podcast:license>", "CC0-1.0"),
        (
            "",
            "<creativeCommons:license>http://creativecommons.org/licenses/by-sa/3.0/</creativeCommons:license>",
            "CC-BY-SA-3.0",
        ),
        ("<podcast:license>my own</podcast:license>", "", "unknown"),
        ("<copyright>free for all</copyright>", "", None),
    ],
)
def test_a_licence_is_read_where_it_is_declared(channel: str, inside: str, expected: str | None) -> None:
    assert rss(item(inside), channel).found[0].license == expected


def test_an_items_licence_does_not_keep_the_address_of_the_feeds() -> None:
    (one,) = rss(
        item("<podcast:license>cc0-1.0</podcast:license>"),
        '<podcast:license url="https://creativecommons.org/licenses/by/4.0/">cc-by-4.0</podcast:license>',
    ).found
    assert (one.license, one.license_url) == ("CC0-1.0", None)


@pytest.mark.parametrize(
    ("channel", "signals"),
    [
        ("<podcast:block>yes</podcast:block>", ["podcast:block"]),
        ('<podcast:block id="earshot">yes</podcast:block>', ["podcast:block"]),
        ('<podcast:block id="elsewhere">yes</podcast:block>', []),
        ("<podcast:block>no</podcast:block>", []),
        ("<itunes:block>Yes</itunes:block>", ["itunes:block"]),
        ("<itunes:block>no</itunes:block>", []),
    ],
)
def test_a_feed_may_ask_to_be_left_out(channel: str, signals: list[str]) -> None:
    assert [one.signal for one in rss(item(), channel).signals if one.denies] == signals


def test_an_item_asks_for_itself_alone() -> None:
    feed = rss(item("<itunes:block>Yes</itunes:block>") + item("", "https://example.org/2.mp3"))
    assert feed.signals == []
    blocked, free = feed.found
    assert [one.signal for one in from_evidence(blocked.consent)] == ["itunes:block"]
    assert free.consent is None


def test_a_feed_that_breaks_off_gives_what_came_before() -> None:
    markup = f'<rss version="2.0" {NAMESPACES}><channel>{item()}{item("", "https://example.org/2.mp3")}<item><title>x'
    assert len(read_feed(markup.encode(), Resolver(FEED), at=AT).found) == 2


def test_entities_neither_explode_nor_read_files() -> None:
    lol = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    markup = f"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "lol">{lol}<!ENTITY x SYSTEM "file:///etc/passwd">]>
        <rss version="2.0"><channel><title>&m;&x;</title>{item()}</channel></rss>"""
    (one,) = read_feed(markup.encode(), Resolver(FEED), at=AT).found
    assert "root:" not in (one.page_title or "")
    assert len(one.page_title or "") < 100  # expanded, it would be a terabyte


def test_a_json_feed_has_attachments() -> None:
    feed = read_json_feed(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Birds",
            "language": "de",
            "authors": [{"name": "Ann"}, {"name": "Bea"}],
            "home_page_url": "https://example.org/",
            "next_url": "https://example.org/feed?page=2",
            "items": [
                {
                    "title": "One",
                    "url": "/one",
                    "tags": ["a", "b"],
                    "attachments": [
                        {"url": "/1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5, "duration_in_seconds": 6.5},
                        {"url": "/1.pdf", "mime_type": "application/pdf"},
                    ],
                },
                {"attachments": None, "title": 5},
                "nonsense",
            ],
        },
        Resolver(FEED),
    )
    (one,) = feed.found
    assert (one.source_url, one.author, one.tags) == ("https://example.org/1.mp3", "Ann, Bea", "a, b")
    assert (one.declared_bytes, one.declared_duration_ms) == (5, 6500)
    assert (feed.pages, feed.parts) == (
        ["https://example.org/", "https://example.org/one"],
        ["https://example.org/feed?page=2"],
    )


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["items", "attachments", "url", "mime_type", "title", "authors", "tags"]), inner
        ),
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["items", "title", "authors", "next_url", "language"]), JSON))
def test_any_json_is_a_feed(feed: dict[str, object]) -> None:
    read_json_feed(feed, Resolver(FEED))


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: f"<rss><channel>{text}<item>".encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_a_feed(content: bytes) -> None:
    read_feed(content, Resolver(FEED), at=AT)


def test_players_and_links_in_the_text_of_an_entry_are_found() -> None:
    text = "&lt;p&gt;Hear &lt;a href='/talk.mp3'&gt;this&lt;/a&gt; &lt;audio&gt;&lt;source src='b' type='audio/ogg'&gt;"
    one, two = rss(f"<item><title>Talk</title><description>{text}</description></item>").found
    assert (one.source_url, one.found_by, one.link_text) == ("https://example.org/talk.mp3", "entry", "Talk")
    assert (two.source_url, two.declared_type) == ("https://example.org/b", "audio/ogg")


def test_an_enclosure_is_surer_than_the_same_link_in_the_text() -> None:
    inside = "<description>&lt;a href='https://example.org/1.mp3'&gt;also here&lt;/a&gt;</description>"
    assert [(found.source_url, found.found_by) for found in rss(item(inside)).found] == [
        ("https://example.org/1.mp3", "feed")
    ]


def test_the_html_of_a_json_feed_is_read_too() -> None:
    html = '<audio src="/talk" type="audio/mpeg"></audio><a href="/x">x</a>'
    items = [{"title": "Talk", "content_html": html}]
    (one,) = read_json_feed({"version": "https://jsonfeed.org/version/1.1", "items": items}, Resolver(FEED)).found
    assert (one.source_url, one.found_by) == ("https://example.org/talk", "entry")


def test_an_enclosure_without_an_end_leaves_the_title_to_its_item() -> None:
    items = "".join(f"<item><enclosure url=/{n}.mp3 length=10><title>{n}</title></item>" for n in "ab")
    read = read_feed(f"<rss><channel>{items}</channel></rss>".encode(), Resolver(FEED), at=AT)
    assert [(one.source_url[-6:], one.link_text) for one in read.found] == [("/a.mp3", "a"), ("/b.mp3", "b")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_names_in_upper_case_are_read_in_utf_16_too(encoding: str) -> None:
    feed = '<RSS><CHANNEL><ITEM><TITLE>a</TITLE><ENCLOSURE URL="/a.mp3"/></ITEM></CHANNEL></RSS>'
    (one,) = read_feed(feed.encode(encoding), Resolver(FEED), at=AT).found
    assert (one.source_url, one.link_text) == ("https://example.org/a.mp3", "a")


def test_a_feed_of_which_nothing_can_be_read_is_reported() -> None:
    (refusal,) = read_feed(b"<rss", Resolver(FEED), at=AT).left_out(FEED)
    assert (refusal.url, refusal.reason) == (FEED, "unreadable")
    assert read_feed(b"<rss></rss>", Resolver(FEED), at=AT).left_out(FEED) == []
