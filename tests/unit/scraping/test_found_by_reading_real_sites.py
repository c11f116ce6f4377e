"""Kinds of misses and of false finds that saved pages of real sites have shown; each page here is our own."""

from datetime import UTC, datetime

import pytest

from earshot.scraping.document_types import read
from earshot.scraping.extracted_links import Extract

AT = datetime(2026, 11, 26, tzinfo=UTC)


def parsed(markup: str) -> Extract:
    return read(markup.encode(), url="https://birds.example/x/y", at=AT, max_bytes=1_000_000, declared="text/html")


@pytest.mark.parametrize(
    "href",
    [
        "https://www.facebook.com/radionews.au",
        "https://twitter.com/radio.au",
        "https://web.example/web/2020/http://www.radio.net.au",
        "/redirect/radio.com.au",
    ],
)
def test_a_host_or_a_name_that_ends_in_au_is_no_file(href: str) -> None:
    assert parsed(f'<a href="{href}">us</a>').found == []


def test_a_file_that_ends_in_au_is_one() -> None:
    (one,) = parsed('<a href="/sounds/wren.au">wren</a>').found
    assert one.source_url == "https://birds.example/sounds/wren.au"


def test_the_files_of_one_episode_under_numbers_of_their_own_are_one_recording() -> None:
    name = "RX042_Wren-and-Robin"
    markup = "".join(
        f'<meta property="og:audio" content="/podlove/file/{number}/s/opengraph/c/episode/{name}.{kind}">'
        for number, kind in ((11, "mp3"), (12, "m4a"), (13, "opus"))
    ) + "".join(
        f'<a href="/podlove/file/{number}/s/{where}/c/{where}/{name}.{kind}">{kind}</a>'
        for where in ("webplayer", "buttonlist", "download")
        for number, kind in ((11, "mp3"), (12, "m4a"), (13, "opus"))
    )
    (one,) = parsed(markup).found
    assert one.source_url.endswith(name + ".mp3")
    assert {other.url.rpartition(".")[2] for other in one.alternatives} == {"mp3", "m4a", "opus"}


@pytest.mark.parametrize(
    "name",
    [
        "/assets/sounds/App_Call_Join_v6.wav",
        "/pv/static/misc/voice-error-2021.wav",
        "/wp-content/plugins/timer/assets/sounds/alarm.mp3",
    ],
)
def test_sounds_of_the_page_itself_are_passed_over(name: str) -> None:
    extract = parsed(f'<audio src="{name}"></audio><script>var s = "https://birds.example{name}";</script>')
    assert extract.found == []
    assert {one.reason for one in extract.passed_over} == {"interface_sound"}


def test_recordings_in_a_folder_of_sounds_are_recordings() -> None:
    found = parsed(
        '<audio src="/assets/sounds/blackbird.mp3"></audio><audio src="/sounds/alarm-call.mp3"></audio>'
    ).found
    assert len(found) == 2
