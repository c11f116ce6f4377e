"""A document is read in proportion to its size; real ones whole, and what is not read is reported with its count."""

import gc
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from earshot.scraping.document_types import read
from earshot.scraping.extracted_links import Extract
from earshot.scraping.garbage_collection import collector_paused
from earshot.scraping.work_budget import MIB, MOST_RECORDINGS, UNITS_PER_MIB, WorkBudget
from tests.discovery.hostile import DOCUMENTS

AT = datetime(2026, 11, 26, tzinfo=UTC)
URL = "https://example.org/x/y"


def parsed(content: bytes, declared: str = "text/html", url: str = URL) -> Extract:
    return read(content, url=url, at=AT, max_bytes=100_000_000, declared=declared)


def lines(make: Callable[[int], str], size: int = MIB) -> tuple[int, str]:
    """As many pieces as fill a size, and their number."""
    pieces, length = [], 0
    while length < size:
        pieces.append(make(len(pieces)))
        length += len(pieces[-1])
    return len(pieces), "".join(pieces)


def apache(number: int) -> str:
    name = f"field-recording-{number:05}.mp3"
    return (
        f'<tr><td valign="top"><img src="/icons/sound2.gif" alt="[SND]"></td><td><a href="{name}">{name}</a></td>'
        f'<td align="right">2026-01-02 10:00  </td><td align="right">5.2M</td><td>&nbsp;</td></tr>\n'
    )


def nginx(number: int) -> str:
    return f'<a href="take-{number:05}.wav">take-{number:05}.wav</a>   02-Jan-2026 10:00   5242880\n'


def simplest(number: int) -> str:
    return f'<li><a href="field-recording-{number:05}.mp3">field-recording-{number:05}.mp3</a></li>\n'


SIZES = [8 * 1024, 64 * 1024, MIB]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("row", [apache, nginx, simplest])
def test_a_directory_listing_is_read_whole(row: Callable[[int], str], size: int) -> None:
    number, rows = lines(row, size)
    extract = parsed(f"<html><body><table>{rows}</table></body></html>".encode())
    assert len(extract.found) == number
    assert extract.left_out(URL) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "line",
    [
        "https://radio.example/{:06}.mp3\n",
        "music/an-album/track-{:06}.mp3\n",
        "#EXTINF:123,Artist - Take {0}\nmusic/{0:06}.mp3\n",
    ],
)
def test_a_playlist_of_short_lines_is_read_whole(line: str, size: int) -> None:
    number, text = lines(line.format, size)
    extract = parsed(f"#EXTM3U\n{text}".encode())
    assert len(extract.found) == number
    assert extract.left_out(URL) == []


def test_a_sitemap_of_as_many_urls_as_the_protocol_allows_is_read_whole() -> None:
    urls = "".join(f"<url><loc>https://example.org/sounds/{number}.mp3</loc></url>\n" for number in range(50_000))
    extract = parsed(f"<urlset>{urls}</urlset>".encode(), "application/xml")
    assert len(extract.found) == 50_000
    assert extract.left_out(URL) == []


def test_a_feed_of_ten_megabytes_and_five_thousand_items_is_read_whole() -> None:
    words = "It was a quiet morning at the pond, and the reed warblers had begun early. " * 25
    items = "".join(
        f"<item><title>Episode {number}</title><link>https://example.org/{number}</link><guid>{number}</guid>"
        f"<description><![CDATA[<p>{words}</p><p><a href='/notes/{number}.mp3'>notes</a></p>]]></description>"
        f"<enclosure url='https://cdn.example.org/{number}/episode.mp3' length='5' type='audio/mpeg'/></item>"
        for number in range(5000)
    )
    content = f"<?xml version='1.0'?><rss><channel><title>T</title>{items}</channel></rss>".encode()
    assert len(content) > 10_000_000
    extract = parsed(content, "application/rss+xml")
    assert len(extract.found) == 10_000
    assert extract.left_out(URL) == []


def test_a_page_of_links_without_end_has_an_end_that_is_reported() -> None:
    number, links = lines(lambda n: f"<a href={n}.mp3>")
    extract = parsed(links.encode())
    (refusal,) = extract.left_out(URL)
    assert (refusal.url, refusal.reason) == (URL, "too_many_links")
    assert refusal.detail.startswith(f"{number - len(extract.found)} of its links and entries were not read")
    assert "lists" in refusal.detail


def test_what_a_playlist_lists_beyond_what_is_kept_of_one_document_is_reported() -> None:
    text = "".join(f"https://music.example.org/albums/{n:06}/a-long-name-of-a-track.mp3\n" for n in range(60_000))
    extract = parsed(f"#EXTM3U\n{text}".encode())
    assert len(extract.found) == MOST_RECORDINGS
    (refusal,) = extract.left_out(URL)
    assert refusal.detail.startswith("10000 of its recordings were not taken")


def test_the_same_document_always_ends_at_the_same_link() -> None:
    _, links = lines(lambda n: f"<a href=//é{n}/a.mp3>", 200_000)
    first, second = parsed(links.encode()), parsed(links.encode())
    assert [one.source_url for one in first.found] == [one.source_url for one in second.found]
    assert first.work.left == second.work.left < 0


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_no_document_is_given_more_work_than_its_size_allows(kind: str) -> None:
    """A URL of audio takes 3 units at least; a piece that is refused costs a count and nothing else."""
    extract = parsed(DOCUMENTS[kind](300_000))
    assert len(extract.found) <= UNITS_PER_MIB * 300_000 / MIB / 3
    assert extract.work.unread or extract.work.left >= 0


def test_a_small_document_has_work_for_as_many_links_as_any_real_one() -> None:
    extract = parsed("".join(f"<a href={n}.mp3>" for n in range(850)).encode())
    assert len(extract.found) == 850


def test_what_is_over_the_budget_is_counted() -> None:
    work = WorkBudget(0)
    work.left = 5
    assert [work.spend(3) for _ in range(4)] == [True, False, False, False]
    assert work.unread == 3


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_as_it_was_after_a_reading_that_fails(was_on: bool) -> None:
    before = gc.isenabled()
    (gc.enable if was_on else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError), collector_paused(), collector_paused():
            _ = 1 / gc.isenabled()
        assert gc.isenabled() == was_on
    finally:
        (gc.enable if before else gc.disable)()
