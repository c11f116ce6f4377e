"""URLs of audio in attributes, handlers and JSON as people write them: with spaces, without endings, several."""

from datetime import UTC, datetime

import pytest

from earshot.scraping.document_types import read
from earshot.scraping.extracted_links import Extract

AT = datetime(2026, 11, 26, tzinfo=UTC)


def parsed(markup: str) -> Extract:
    return read(markup.encode(), url="https://birds.example/x/y", at=AT, max_bytes=1_000_000, declared="text/html")


def paths(markup: str) -> list[str]:
    return [one.source_url.removeprefix("https://birds.example") for one in parsed(markup).found]


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        (
            "data-audio='https://cdn.example/2024/12-3 Wren v. Robin.mp3'",
            "https://cdn.example/2024/12-3%20Wren%20v.%20Robin.mp3",
        ),
        ("data-audio='/a/AC / DC.mp3'", "/a/AC%20/%20DC.mp3"),
        ('data-src="My Song.mp3"', "/x/My%20Song.mp3"),
        ('data-src="https://cdn.example/a/My Song, part 2.mp3"', "https://cdn.example/a/My%20Song,%20part%202.mp3"),
        ('data-file="music/A - B.mp3"', "/x/music/A%20-%20B.mp3"),
        ('data-track="./music/A - B.mp3"', "/x/music/A%20-%20B.mp3"),
        ("onclick=\"playSound('sounds/wren.mp3')\"", "/x/sounds/wren.mp3"),
        ("onclick=\"new Audio('wren.mp3').play()\"", "/x/wren.mp3"),
        ("onclick=\"play('music/The Wren.mp3')\"", "/x/music/The%20Wren.mp3"),
    ],
)
def test_a_url_with_spaces_or_in_a_handler_is_found_whole(attribute: str, expected: str) -> None:
    assert paths(f"<li {attribute}>Wren</li>") == [expected]


@pytest.mark.parametrize(
    "attribute",
    [
        'data-note="recorded for us as wren 2.mp3"',
        'data-note="recorded at home/studio 2.mp3"',
        "onclick=\"play('sounds/' + name + '.mp3')\"",
        "onclick=\"play('wren.mp3')\"",
    ],
)
def test_words_and_parts_of_names_are_no_url(attribute: str) -> None:
    assert paths(f"<li {attribute}>Wren</li>") == []


@pytest.mark.parametrize(
    "value",
    [
        "https://cdn.example/a.mp3 https://cdn.example/b.mp3",
        "https://cdn.example/a.mp3 128k, https://cdn.example/b.mp3 64k",
        "https://cdn.example/a.mp3,https://cdn.example/b.mp3",
        "https://cdn.example/a.mp3|https://cdn.example/b.mp3",
        "https://cdn.example/a.mp3; https://cdn.example/b.mp3",
    ],
)
def test_a_list_of_urls_is_taken_apart(value: str) -> None:
    assert paths(f'<p data-list="{value}">') == ["https://cdn.example/a.mp3", "https://cdn.example/b.mp3"]


@pytest.mark.parametrize(
    "code",
    [
        'new Player({url: "./music/Ed Wren.mp3"})',
        'window.tracks = {"tracks": [{"file": "music/Ed Wren.mp3"}]}',
        'var list = [{"src": "music/Ed Wren.mp3", "title": "Ed"}];',
    ],
)
def test_a_path_with_spaces_in_a_script_is_found(code: str) -> None:
    assert paths(f"<script>{code}</script>") == ["/x/music/Ed%20Wren.mp3"]


def test_the_name_of_a_file_for_which_the_scripts_know_the_folder_is_no_url() -> None:
    assert paths('<script type="application/json">{"audio_file_name": "2019/12/06/18-16445.mp3"}</script>') == []


@pytest.mark.parametrize("name", ["data-audio-url", "data-audio-player--component-src-url-value", "data-audiosrc"])
def test_an_attribute_for_the_url_of_audio_needs_no_ending(name: str) -> None:
    (one,) = parsed(
        f'<button {name}="https://birds.example/audios/5481-wren/download" title="Wren">Play</button>'
    ).found
    assert (one.source_url, one.link_text) == ("https://birds.example/audios/5481-wren/download", "Wren")


@pytest.mark.parametrize(
    "attribute",
    [
        'data-audio-url="/listen"',
        'data-audio-url="https://birds.example/p.html"',
        'data-audio="https://birds.example/p"',
    ],
)
def test_a_page_or_a_relative_url_without_ending_is_none_even_there(attribute: str) -> None:
    assert paths(f"<button {attribute}>Play</button>") == []


def test_files_of_a_flash_player_may_be_separated_by_bars() -> None:
    markup = '<embed src="/player.swf" flashvars="mp3=/audio/1.mp3|/audio/2.mp3">'
    assert paths(markup) == ["/audio/1.mp3", "/audio/2.mp3"]
