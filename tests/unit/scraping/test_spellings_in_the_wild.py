"""One kind of mention in the spellings that are met: each names the recordings that it means, and no more."""

import pytest

from earshot.audio import now
from earshot.scraping.document_types import read

URL = "https://h.example/a/b"
ITEM = "<item><enclosure url='x.mp3'/></item>"


def found(document: str | bytes, declared: str | None = None) -> list[str]:
    """URLs of the recordings, without the host."""
    content = document.encode() if isinstance(document, str) else document
    extract = read(content, url=URL, at=now(), max_bytes=1_000_000, declared=declared)
    return [one.source_url.removeprefix("https://h.example") for one in extract.found]


def rss(inner: str) -> str:
    return f"<rss><channel><title>t</title>{inner}</channel></rss>"


def json_ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


NO_VALUE = (
    "undefined",
    "null",
    "NaN",
    "false",
    "[object Object]",
    "<?= $u ?>",
    "<%= u %>",
    "{% u %}",
    "[[u]]",
    "#",
    " ",
)


@pytest.mark.parametrize("text", NO_VALUE)
def test_what_a_script_leaves_in_a_player_is_no_recording(text: str) -> None:
    assert found(f'<audio src="{text}"></audio><audio><source src="{text}"></audio>') == []


FEEDS: dict[str, str | bytes] = {
    "an encoding that it is not in": f'<?xml version="1.0" encoding="utf-16"?>{rss(ITEM)}',
    "an encoding that nobody knows": f'<?xml version="1.0" encoding="x-foo"?>{rss(ITEM)}',
    "UTF-16 with its mark": f'<?xml version="1.0" encoding="utf-16"?>{rss(ITEM)}'.encode("utf-16"),
    "UTF-16 without its mark": f'<?xml version="1.0" encoding="utf-16"?>{rss(ITEM)}'.encode("utf-16-le"),
    "big-endian UTF-16 without its mark": rss(ITEM).encode("utf-16-be"),
    "XML 1.1": f'<?xml version="1.1"?>{rss(ITEM)}',
    "an attribute twice": rss("<item><enclosure url='x.mp3' url='y.mp3'/></item>"),
    "text before it": f"Warning: x in y.php\n{rss(ITEM)}",
    "a script behind it": f"{rss(ITEM)}<script>1</script>",
    "nothing closed": "<rss><channel><item><enclosure url='x.mp3'/>",
    "an address as text": rss("<item><enclosure><![CDATA[ https://h.example/a/x.mp3 ]]></enclosure></item>"),
    "an Atom link": rss('<item><atom:link rel="enclosure" href="x.mp3"/></item>'),
}


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_is_read_in_spite_of_its_faults(name: str) -> None:
    assert found(FEEDS[name], "text/xml") == ["/a/x.mp3"]


@pytest.mark.parametrize("declared", ["application/rss+xml", "application/octet-stream", "image/svg+xml2", None])
def test_a_page_is_a_page_whatever_its_type_says(declared: str | None) -> None:
    assert found('<!DOCTYPE html><html><a href="x.mp3">x</a></html>', declared) == ["/a/x.mp3"]


@pytest.mark.parametrize("name", ["x.mp3;jsessionid=1", "x.mp3&amp;dl=1", "x.mp3%3Fdl=1", "x.mp3;a=1?b=c.d"])
def test_parameters_of_the_path_hide_no_ending(name: str) -> None:
    assert len(found(f'<a href="{name}">x</a>')) == 1


@pytest.mark.parametrize("name", ["x.mp3.html", "x.mp3x", "x.php;y.mp3.gz", "mp3", "x.mp3/", "x.mp3/?a=b.mp3"])
def test_an_ending_within_a_name_is_none(name: str) -> None:
    assert found(f'<a href="{name}">x</a>') == []


@pytest.mark.parametrize("declared", ["audio", "mpeg", "mp3", "audio/x-anything"])
def test_a_short_type_means_audio_where_no_name_says_what_it_is(declared: str) -> None:
    assert found(rss(f'<item><enclosure url="/play/1" type="{declared}"/></item>')) == ["/play/1"]
    assert found(rss(f'<item><enclosure url="/1.pdf" type="{declared}"/></item>')) in ([], ["/1.pdf"])


@pytest.mark.parametrize(
    "declared", ["application/octet-stream", "application/force-download", "text/html", "file", ""]
)
def test_a_type_that_lies_hides_no_name(declared: str) -> None:
    assert found(f'<audio><source src="x.mp3" type="{declared}"></audio>') == ["/a/x.mp3"]
    assert found(rss(f'<item><enclosure url="x.mp3" type="{declared}"/></item>')) == ["/a/x.mp3"]
    assert found(json_ld(f'{{"@type":"AudioObject","contentUrl":"x.mp3","encodingFormat":"{declared}"}}')) == [
        "/a/x.mp3"
    ]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<audio data-src="/play/1"></audio>', ["/play/1"]),
        ('<audio><source data-src="/play/1" type="audio/mpeg"></audio>', ["/play/1"]),
        ('<video data-src="/film"></video>', []),
        ('<iframe data-src="/z.mp3"></iframe>', ["/z.mp3"]),
        ('<noscript><audio src="/a.mp3"></audio></noscript>', ["/a.mp3"]),
        ('<object><param name="FlashVars" value="mp3=/a.mp3&x=1"></object>', ["/a.mp3"]),
        ('<i data-tracks="/a.mp3,/b.mp3"></i>', ["/a.mp3", "/b.mp3"]),
        ('<i data-x=\'[{"f":"\\/a.mp3"},{"f":"\\/b.mp3"}]\'></i>', ["/a.mp3", "/b.mp3"]),
        ("<a onclick=\"play('/a.mp3')\">x</a>", ["/a.mp3"]),
    ],
)
def test_a_player_is_read_however_it_loads(markup: str, expected: list[str]) -> None:
    assert found(markup) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('const t=[{title:"A",src:"/a.mp3"},{title:"B",src:\'https://h.example/b.mp3\'}];', ["/a.mp3", "/b.mp3"]),
        ('$("#p").jPlayer("setMedia", {mp3: "sounds/a.mp3", oga: "sounds/a.ogg"});', ["/a/sounds/a.mp3"]),
        ("new Howl({src: ['sounds/a.mp3']})", ["/a/sounds/a.mp3"]),
        ('var a = new Audio("../a.mp3")', ["/a.mp3"]),
        ('self.__next_f.push([1,"5:{\\"audio\\":\\"https://h.example/a.mp3\\"}"])', ["/a.mp3"]),
        ('window.x = {"tracks": [{"url": "sounds/a.mp3", "name": "A"}]};', ["/a/sounds/a.mp3"]),
        ('var u=`${base}/a.mp3`, v="/x/"+id+".mp3", w="https://cdn/{{id}}.mp3";', []),
        ('x = {src: "sounds/" + name + ".mp3", url: "a/b.mp3" + query}', []),
        ('x = {title: "sounds/a.mp3", file: "a.mp3"}', []),
    ],
)
def test_a_script_names_what_its_player_gets(code: str, expected: list[str]) -> None:
    assert found(f"<script>{code}</script>") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"@type":"PodcastEpisode","associatedMedia":{"contentUrl":"/play/1?a=1&amp;b=2",},}', ["/play/1?a=1&b=2"]),
        (
            '{"@graph":[{"@type":"PodcastEpisode","associatedMedia":{"@id":"#a"}},{"@id":"#a","contentUrl":"/x.mp3"}]}',
            ["/x.mp3"],
        ),
        ('{"@type":"AudioObject","contentUrl":"/1"}{"@type":"AudioObject","contentUrl":"/2"}', ["/1", "/2"]),
        ('/*<![CDATA[*/{"@type":"AudioObject","contentUrl":["/1.mp3"]}/*]]>*/', ["/1.mp3"]),
        ('{"@type":"AudioObject","name":"a\nb","contentUrl":"/1"}', ["/1"]),
        ('{"@type":"NewsArticle","audio":"https://h.example/1.mp3"}', ["/1.mp3"]),
        ('{"@type":"VideoObject","contentUrl":"/1.mp4"}', []),
    ],
)
def test_json_ld_is_read_in_spite_of_its_faults(text: str, expected: list[str]) -> None:
    assert found(json_ld(text)) == expected


@pytest.mark.parametrize(
    ("one", "other", "recordings"),
    [
        ("/x.mp3", "/x.mp3?_=1", 1),
        ("http://h.example/x.mp3", "https://h.example/x.mp3", 1),
        ("https://www.h.example/x.mp3", "/x.mp3", 1),
        ("/mp3-high/episode0042.mp3", "/mp3-low/episode0042.mp3", 1),
        ("/x/name-one.mp3", "/x/name-one.ogg", 1),
        ("/1/episode-twelve.mp3", "/2/episode-twelve.mp3", 2),
        ("/en/guide-stop-01.mp3", "/de/guide-stop-01.mp3", 2),
        ("/get.mp3?id=1", "/get.mp3?id=2", 2),
    ],
)
def test_what_differs_in_delivery_is_one_recording_and_what_else_differs_is_not(
    one: str, other: str, recordings: int
) -> None:
    assert len(found(f'<a href="{one}">x</a><audio src="{other}"></audio>')) == recordings
