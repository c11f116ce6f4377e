"""Titles of recordings on pages: a text that says nothing gives way to what is around the link or player."""

import json

import pytest

from earshot.audio import now
from earshot.scraping.document_types import read
from earshot.scraping.generic_titles import is_title, json_title


def titles(markup: str, *, head: str = "") -> dict[str, str | None]:
    """Each recording of a page, by the name of its file, and its title."""
    page = f"<html><head><title>Radio</title>{head}</head><body>{markup}</body></html>".encode()
    extract = read(page, url="https://example.org/x/", at=now(), max_bytes=1_000_000, declared="text/html")
    return {one.source_url.rpartition("/")[2]: one.link_text for one in extract.found}


BIRDS = ("wren", "owl", "rook", "swift", "teal")
GENERIC = (
    "Download", "Download MP3 (12 MB)", "MP3", "mp3 | ogg", "Play", "► Play episode", "Listen · 3:14", "AAC Audio",
    "Listen to the audio.", "Right click here to download", "MP3-DOWNLOAD", "Opus Audio [74 MB]", "3:14", "39 min", "1",
    "Descargar", "Descargar audio", "Télécharger", "Écouter l'émission", "MP3 - 196 Mo", "Herunterladen",
    "Jetzt anhören", "Folge herunterladen", "Scarica", "Ascolta la puntata", "Ouça agora", "Baixar",
    "Скачать", "Слушать онлайн", "Pobierz plik MP3", "İndir", "下载", "ダウンロード", "音声を聞く", "다운로드",
    "استماع", "डाउनलोड करें", "Ladda ner",
    "https://example.org/a/b.mp3", "/uploads/2020/08/interview-with-a-mayor.mp3", "interview.mp3",
    '<div class="player"> {if flash} <p>', "{{ episode.title }}", "Episode <%= title %>",
)  # fmt: skip
TELLING = (
    "Episode 12", "Download the news of today's council", "Play that song", "Hour of the wolf", "Hora 14", "1984",
    "2020-04-28", "AC/DC", "Listen to Ann Lee", "Interview mit Ann Lee", "Bach: Opus 5", "Wren, singing", "录音 鹪鹩",
    "a" * 100 + " mp3", "50 % of all", "Winter <3",
)  # fmt: skip


@pytest.mark.parametrize("text", GENERIC)
def test_a_text_that_any_recording_may_have_is_no_title(text: str) -> None:
    assert not is_title(text)


@pytest.mark.parametrize("text", TELLING)
def test_a_text_with_one_word_of_its_own_is_a_title(text: str) -> None:
    assert is_title(text)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Rain&nbsp;&amp;&nbsp;wind", "Rain\xa0&\xa0wind"),
        ("Tom &amp;amp; Ann", "Tom &amp; Ann"),
        ("AAC Audio", None),
        ("&lt;p&gt;text", None),
        ("", None),
        (None, None),
    ],
)
def test_entities_in_a_title_of_json_are_decoded_once(text: str | None, title: str | None) -> None:
    assert json_title(text) == title


def test_a_player_whose_link_is_its_own_url_has_the_title_of_the_post() -> None:
    url = "https://example.org/uploads/council.mp3"
    post = f"<h1>Council decides</h1><div><p>Words.</p><audio><source src='{url}?_=1'><a href='{url}'>{url}</a></audio>"
    assert titles(post) == {"council.mp3": "Council decides"}


def test_a_shortened_url_or_the_name_of_the_file_is_no_title() -> None:
    assert titles("<h2>Frost</h2><a href='frost_2.mp3'>frost_2.mp3</a>") == {"frost_2.mp3": "Frost"}
    assert titles("<p><a href='a.mp3'>example.org/2020/a-long-folder-of-files/a.mp3</a>") == {"a.mp3": None}


def test_a_file_name_of_several_words_is_a_title_without_its_ending() -> None:
    assert titles("<a href='Smith%20v%20Lee.mp3'>Smith v Lee.mp3</a>") == {"Smith%20v%20Lee.mp3": "Smith v Lee"}


def test_a_generic_link_takes_its_own_label_before_anything_around_it() -> None:
    markup = "<h2>Today</h2><a href='a.mp3' title='Download' aria-label='Wren at dawn'>Download</a>"
    assert titles(markup.replace("title='Download'", "")) == {"a.mp3": "Wren at dawn"}
    assert titles("<h2>Today</h2><a href='/4711' download='Wren at dawn.mp3'>MP3</a>") == {"4711": "Wren at dawn"}


def test_a_generic_link_of_a_list_item_takes_the_text_of_the_item() -> None:
    items = "".join(f"<li>{bird} at dawn <span>(3:14)</span> <a href='{bird}.mp3'>Download</a></li>" for bird in BIRDS)
    assert titles(f"<h2>Birds</h2><ul>{items}</ul>") == {f"{bird}.mp3": f"{bird} at dawn" for bird in BIRDS}


def test_a_generic_link_of_an_article_takes_its_heading_before_or_behind() -> None:
    before = "<article><h3><a href='/p'>Moor</a></h3><p>Words.</p><div><a href='a.mp3'>Play</a></div></article>"
    behind = "<article><div><a href='b.mp3'>Play</a></div><h3>Heath</h3><p>Words.</p></article>"
    assert titles(before + behind) == {"a.mp3": "Moor", "b.mp3": "Heath"}


def test_a_generic_link_of_a_row_takes_the_first_cell_with_words() -> None:
    rows = "".join(
        f"<tr><td>20-12{n}</td><td>05/04/2020</td><td><a href='/case'>Case of {n}</a></td><td>Judge</td>"
        f"<td><a href='{n}.mp3'>MP3</a> <a href='{n}.ogg'>OGG</a></td></tr>"
        for n in range(5)
    )
    assert titles(f"<h2>Arguments</h2><table>{rows}</table>") == {f"{n}.mp3": f"Case of {n}" for n in range(5)}


def test_a_file_of_a_row_with_nothing_but_dates_has_no_title() -> None:
    rows = "".join(f"<tr><td>7/{n}/2020 9:37:40 AM</td><td><a href='x{n}.mp3'>x{n}.mp3</a></td>" for n in range(5))
    assert set(titles(f"<h2>List</h2><table>{rows}</table>").values()) == {None}


def test_a_generic_link_takes_the_text_on_its_line() -> None:
    lines = (
        "Wren: <a href='a.mp3'>mp3</a><br>Owl &ndash; <a href='b.mp3'>mp3</a><br><b>Rook</b> <a href='c.mp3'>mp3</a>"
    )
    assert titles(f"<h2>Birds</h2><div>{lines}</div>") == {"a.mp3": "Wren", "b.mp3": "Owl", "c.mp3": "Rook"}


def test_a_block_of_a_link_gives_its_title_where_many_share_the_heading() -> None:
    tracks = "".join(f"<div><div>Song of {n}</div><div><a href='{n}.mp3'>MP3</a></div></div>" for n in BIRDS)
    assert titles(f"<h2>Songs</h2>{tracks}") == {f"{n}.mp3": f"Song of {n}" for n in BIRDS}


def test_a_heading_over_many_recordings_is_no_title_of_each() -> None:
    links = "".join(f"<a href='{n}.mp3'>mp3</a> " for n in range(5))
    assert set(titles(f"<h2>All songs</h2><p>{links}</p>").values()) == {None}
    assert set(titles(f"<h2>One talk</h2><p>{links[:60]}</p>").values()) == {"One talk"}


def test_a_text_that_several_recordings_share_gives_way_to_one_that_names_each() -> None:
    items = "".join(f"<li>{n} v. Lee <a href='{n}.mp3'>oral argument</a></li>" for n in ("Ann", "Tom", "Eve"))
    assert titles(items) == {f"{n}.mp3": f"{n} v. Lee" for n in ("Ann", "Tom", "Eve")}
    links = "".join(f"<a href='{n}.mp3'>oral argument</a>" for n in range(3))
    assert set(titles(links).values()) == {"oral argument"}


def test_a_heading_of_what_is_beside_the_page_is_no_title() -> None:
    page = "<h1>Council decides</h1><p>Words.</p><aside><h3>Most read</h3></aside><li><h4>Related</h4></li>"
    assert titles(f"{page}<audio src='a.mp3'></audio>") == {"a.mp3": "Council decides"}


def test_the_only_recording_of_a_page_takes_the_heading_of_the_highest_rank() -> None:
    page = "<h1>Council decides</h1><h4>Related tags</h4><a href='a.mp3'>Download</a>"
    assert titles(page) == {"a.mp3": "Council decides"}


def test_a_player_keeps_the_caption_of_its_figure() -> None:
    figure = "<figure><audio src='a.mp3'></audio><figcaption>Ann Lee reports</figcaption></figure>"
    assert titles(f"<h1>Council</h1>{figure}") == {"a.mp3": "Ann Lee reports"}


def test_what_browsers_without_a_player_show_is_no_title() -> None:
    player = "<audio src='a.mp3'>Your old browser fails. <a href='a.mp3'>Download</a></audio>"
    assert titles(f"<div>{player}</div>") == {"a.mp3": None}


def test_markup_or_a_template_in_an_attribute_is_no_title() -> None:
    player = "<div data-src='/a.mp3' data-title='&lt;div&gt; {if flash} &lt;p&gt;'></div>"
    assert titles(f"<h2>Stimulus</h2>{player}") == {"a.mp3": "Stimulus"}


def test_a_generic_name_of_a_source_in_json_gives_way_to_the_name_around_it() -> None:
    item = {"title": "Otter survives", "sources": [{"file": "https://example.org/a.m4a", "label": "AAC Audio"}]}
    assert titles(f"<script type='application/json'>{json.dumps([item])}</script>") == {"a.m4a": "Otter survives"}


def test_a_title_in_json_may_be_an_object() -> None:
    arc = {"headlines": {"basic": "Otter survives"}, "more": {"audio_url": "https://example.org/a.mp3"}}
    press = {"title": {"rendered": "Owl &#38; owlet"}, "audio_url": "https://example.org/b.mp3"}
    scripts = f"<script type='application/json'>{json.dumps([arc, press])}</script>"
    assert titles(scripts) == {"a.mp3": "Otter survives", "b.mp3": "Owl & owlet"}


def test_structured_data_with_a_generic_name_gives_way_to_the_page() -> None:
    data = {"@type": "AudioObject", "name": "Download", "contentUrl": "https://example.org/a.mp3"}
    script = f"<script type='application/ld+json'>{json.dumps(data)}</script>"
    assert titles("<h1>Rain &amp; wind</h1><audio src='/a.mp3'></audio>", head=script) == {"a.mp3": "Rain & wind"}
    data["name"] = "Rain &amp; wind"
    assert titles("", head=f"<script type='application/ld+json'>{json.dumps(data)}</script>") == {
        "a.mp3": "Rain & wind"
    }


def test_titles_change_neither_which_recordings_there_are_nor_how_they_are_grouped() -> None:
    pair = "<a href='owl_20240101.mp3'>Download</a> <a href='owl_20240202.ogg'>Download</a>"
    assert list(titles(pair)) == ["owl_20240101.mp3"]


def test_a_page_beyond_its_work_has_no_titles_from_context_but_all_its_links() -> None:
    links = "".join(f"<p>Song {n} <a href='{n}.mp3'>mp3</a></p>" for n in range(700))
    found = titles(links)
    assert len(found) == 700
    assert found["0.mp3"] == "Song 0"


def test_a_directory_listing_gives_no_dates_sizes_or_types_as_titles() -> None:
    lines = "".join(f"<a href='{n}.mp3'>{n}.mp3</a>    0{n}-Jan-2024 10:00   1234{n}\n" for n in range(1, 5))
    assert set(titles(f"<h1>Index of /music</h1><pre><a href='../'>../</a>\n{lines}</pre>").values()) == {None}
    rows = "".join(
        f"<tr><td><a href='{n}.mp3'>{n}.mp3</a></td><td>2024-Jan-0{n} 10:00</td><td>3.2M</td><td>application/ogg</td>"
        for n in range(5)
    )
    assert set(titles(f"<h1>Index of /music</h1><table>{rows}</table>").values()) == {None}


def test_a_generic_word_that_the_file_is_called_by_is_its_title() -> None:
    words = ("stop", "free", "pausa")
    markup = "".join(f'<li><a href="{word}.mp3">{word.capitalize()}</a> (noun)</li>' for word in words)
    assert titles(markup) == {f"{word}.mp3": word.capitalize() for word in words}
    assert titles('<h2>Wren</h2><a href="sound.mp3">Sound</a>') == {"sound.mp3": "Wren"}
