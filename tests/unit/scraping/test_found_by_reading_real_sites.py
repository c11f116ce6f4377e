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


def urls(markup: str) -> list[str]:
    return [one.source_url for one in parsed(markup).found]


@pytest.mark.parametrize(
    "shortcode",
    [
        '[audio src="https://birds.example/wren.mp3" /]',
        "[audio https://birds.example/wren.mp3|titles=Wren]",
        "[audio mp3=“https://birds.example/wren.mp3”]",
        '[audio mp3="https://birds.example/wren.mp3" ogg="https://birds.example/wren.ogg"][/audio]',
    ],
)
def test_a_shortcode_of_wordpress_that_was_left_in_the_text_names_audio(shortcode: str) -> None:
    assert urls(f"<p>Before {shortcode} after</p>") == ["https://birds.example/wren.mp3"]


def test_a_shortcode_that_is_shown_as_code_names_none() -> None:
    assert urls('<p><code>[audio src="https://birds.example/wren.mp3"]</code> [audiobook x.mp3]</p>') == []


def test_the_video_file_of_a_broadcast_is_a_rendition_of_the_audio_file_beside_it() -> None:
    markup = (
        '<div itemscope itemtype="http://schema.org/AudioObject"><meta itemprop="name" content="Talk">'
        '<meta itemprop="contentUrl" content="https://cdn.example/AU-20200318-1319.hq.mp4"></div>'
        '<a href="https://cdn.example/AU-20200318-1319.mp3">Download</a>'
    )
    (one,) = parsed(markup).found
    assert one.source_url == "https://cdn.example/AU-20200318-1319.mp3"
    assert [other.url for other in one.alternatives] == ["https://cdn.example/AU-20200318-1319.hq.mp4"]


def test_a_bare_name_in_a_data_attribute_that_scripts_complete_is_no_url() -> None:
    assert urls('<a href="#" data-sound-href="wren_hq.mp3">play</a>') == []
    assert urls('<div data-src="wren_hq.mp3"></div>') == ["https://birds.example/x/wren_hq.mp3"]


def test_the_player_s_file_and_the_download_with_one_number_are_one_recording() -> None:
    player = '<audio src="/listen_mn_113954595_1.mp3"></audio>'
    (one,) = parsed(f'{player}<a href="/a-wren_md_113954595_1.mp3?t=x">download</a>').found
    assert one.source_url.endswith("listen_mn_113954595_1.mp3")
    assert len(parsed(f'{player}<a href="/a-wren_md_113954596_1.mp3">download</a>').found) == 2
    links = "".join(f'<a href="/{name}_113954595.mp3">x</a>' for name in ("song", "call"))
    assert len(parsed(links).found) == 2


def test_two_formats_with_one_text_are_one_recording_whenever_each_was_uploaded() -> None:
    link = '<a href="/ep-38__1306072{}">Episode 38 ({})</a>'
    assert len(parsed(link.format("15900.mp3", "MP3") + link.format("20046.m4a", "AAC")).found) == 1
    assert len(parsed(link.format("15900.mp3", "one") + link.format("20046.mp3", "two")).found) == 2


@pytest.mark.parametrize("name", ["3m3cmbn3xQfDeg0.mp3", "8399666849_577686.mp3"])
def test_a_name_that_none_has_by_chance_is_one_recording_on_any_host(name: str) -> None:
    markup = f'<audio src="https://a.example/2019/09/{name}"></audio><a href="https://b.example/f/{name}">download</a>'
    (one,) = parsed(markup).found
    assert [other.url for other in one.alternatives] == [f"https://b.example/f/{name}"]


def test_a_reference_of_the_page_s_data_model_is_no_part_of_a_url() -> None:
    assert urls('<div jsdata="Kw5e;https://birds.example/wren.mp3?key=-;$3"></div>') == [
        "https://birds.example/wren.mp3?key=-"
    ]


def test_the_jingle_of_a_voice_assistant_is_a_sound_of_the_page_itself() -> None:
    assert urls('<script>var a = {"intro": "https://cdn.example/googleassistant/intros/R.mp3"}</script>') == []


def test_where_a_folder_holds_several_sounds_of_the_page_itself_all_of_it_does() -> None:
    names = ("Call_Join_v6", "Call_Leave_v6", "Call_Ring_v1", "Streaming_End", "Voice_Suppression_On_v1")
    players = "".join(f'<audio src="/assets/sounds/{name}.wav"></audio>' for name in names)
    assert urls(players + '<a href="/assets/sounds/wren-at-dawn.wav">a wren</a>') == [
        "https://birds.example/assets/sounds/wren-at-dawn.wav"
    ]


@pytest.mark.parametrize(
    "code",
    ['fetch("wren.mp3")', "request.open('GET', 'wren.mp3', true)", "sound.src = 'wren.mp3'", "new Audio('wren.mp3')"],
)
def test_a_bare_name_that_the_browser_itself_resolves_is_a_url(code: str) -> None:
    assert urls(f"<script>{code};</script>") == ["https://birds.example/x/wren.mp3"]


def test_a_bare_name_that_a_script_joins_to_another_text_is_none() -> None:
    assert urls("<script>a.src = 'wren.mp3' + version; b = folder + 'wren.mp3'; fetch('wren.mp3' + q)</script>") == []


@pytest.mark.parametrize(
    ("own", "delivered"),
    [
        (
            "https://cdn.birds.example/play/2024/10/4030163.mp3",
            "https://ads.example/SHOW_P/media/play/2024/10/4030163.mp3",
        ),
        (
            "https://cdn.birds.example/id/20240117-1037/part1.mp3",
            "https://ads.example/birds/id/20240117-1037/part1.mp3",
        ),
    ],
)
def test_a_file_that_a_service_delivers_under_its_own_path_is_one_recording(own: str, delivered: str) -> None:
    (one,) = parsed(f'<audio src="{own}"></audio><a href="{delivered}">Wren</a>').found
    assert {one.source_url, *(other.url for other in one.alternatives)} == {own, delivered}


@pytest.mark.parametrize(
    "other",
    [
        "https://ads.example/birds/2023/10/part1.mp3",  # of another day
        "https://cdn.birds.example/old/2024/10/part1.mp3",  # on the same host, which would not keep two
    ],
)
def test_one_name_under_other_paths_is_another_recording(other: str) -> None:
    assert len(urls(f'<a href="https://cdn.birds.example/2024/10/part1.mp3">a</a><a href="{other}">b</a>')) == 2


def test_the_secure_url_of_open_graph_is_of_the_same_recording() -> None:
    meta = '<meta property="og:audio{}" content="https://birds.example/{}/media.mp3">'
    one, other = parsed(
        meta.format("", "k1") + meta.format(":secure_url", "k1s") + meta.format("", "k2") + meta.format(":url", "k2u")
    ).found
    assert [len(one.alternatives), len(other.alternatives)] == [1, 1]


def test_a_host_that_is_called_direct_carries_live_radio() -> None:
    extract = parsed('<a data-url-mp3="https://direct.birds.example/ts/birds-midfi.mp3">on air</a>')
    assert (extract.found, [one.reason for one in extract.passed_over]) == ([], ["live_stream"])
    assert urls('<a href="https://direct.birds.example/2024/wren-10233.mp3">Wren</a>')
