"""No text from the web costs more CPU time than its size allows: each regular expression, each type of document.

Times are of this thread's CPU, the lesser of several tries, at 64 and 256 kB: four times the text may take four times
as long, with a margin for the clock. Quadratic growth takes sixteen times as long.
"""

import ast
import re
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from earshot.consent import from_headers
from earshot.scraping.durations_and_sizes import bit_rate_bps, duration_ms, milliseconds, size_bytes
from earshot.scraping.link_headers import licence_in_link
from tests.discovery.hostile import AT, DOCUMENTS, cpu_s

SMALL, BIG = 65_536, 262_144
GROWTH = 8  # times as long for four times the text; sixteen would be quadratic
CLOCK_S = 0.03  # below this, a ratio is noise
MOST_S = 1.0  # for 256 kB: four times the bar of one second a MiB, for machines that are slower or busy
PACKAGE = Path(__file__).parents[2] / "functions" / "earshot"
FOREIGN = ("scraping", "downloading", "audio", "urls.py", "url_paths.py", "url_identity.py", "consent.py", "adapters")
OURS_ALONE = {  # see texts of the person at the command line, of BigQuery, of our settings or of our statements
    "adapters/corpus_sql.py",
    "adapters/export_destination.py",
    "adapters/queries.py",
    "adapters/query_errors.py",
}

PATTERNS = {  # module: name of each regular expression to a text that it is made for
    "earshot.scraping.attribute_links": {"PLAIN_NAME": "data-a", "SEPARATORS": "a.mp3, b.mp3"},
    "earshot.scraping.attribute_names": {"TAG": "<a-b ", "ENDING": ".mp3.com.au", "PLAIN_NAME": "data-a"},
    "earshot.scraping.document_types": {"ROOT": "<atom:feed"},
    "earshot.scraping.durations_and_sizes": {
        "ISO_8601": "P1DT1H2M3.5S",
        "CLOCK": "1:02:03.5",
        "SIZE": "5.2 MiB",
        "RATE": "128.5 kbit/s",
    },
    "earshot.adapters.iap_identity": {"ADDRESS": "a@b"},
    "earshot.audio.corpus_filters": {"MEASURE": " snr_db >= -1.5 and"},
    "earshot.adapters.model_hub": {"ADDRESS": "hf://a-b.c/d_e@main"},
    "earshot.scraping.embedded_json": {"AUDIO_KEY": "episode_audio_file_url"},
    "earshot.scraping.extracted_links": {"SCHEME": "a+b.c:", "PLACEHOLDER": "{{ a }}{a_b.c}"},
    "earshot.scraping.html_in_feed_entries": {"PLAYER": "<amp-audio", "TYPED": "type = 'audio/"},
    "earshot.scraping.overgrown_tags": {"TAG": "<a b='c' d ", "ATTRIBUTES": " b='c' d", "START": "<a"},
    "earshot.scraping.lenient_json": {
        "HIDING": " // <!-- /* <![CDATA[ */",
        "HIDDEN": "// --> ;/* ]]> */",
        "TOKEN": '"a\\"b", }',
        "STARTS": "{[",
    },
    "earshot.scraping.licences": {
        "CREATIVE_COMMONS": "/licenses/by-nc-sa/4.0/de/legalcode.en_us",
        "NAMED": "creative commons attribution - 4.0 international public license",
    },
    "earshot.scraping.media_types": {"FILE_PAGE": "File:a.ogg", "PARAMETERS": ";&?"},
    "earshot.scraping.recording_name_in_url": {"RATE": "_a128kbps", "MARKED": "-hifi", "RANDOM": "aB1cD2"},
    "earshot.scraping.live_streams_and_interface_sounds": {
        "INTERFACE_NAME": "5-seconds-of-silence_1",
        "OF_INTERFACE": "/assets/a/b/sounds/x",
        "OF_ASSISTANT": "/googleassistant/",
        "WORDS": "a-b_c d",
        "STREAM_HOST": "icecast01",
        "ON_DEMAND": "12345/podcasts/ab12cd34-0000",
        "LABELS": "a.b-c",
        "NUMBERED": "a123",
    },
    "earshot.scraping.playlists": {"PLS_LINE": "File1 =a", "EXTINF": "#EXTINF: -1.5 x, a"},
    "earshot.scraping.rendition_groups": {"NUMBER": "a123456789b", "DATED": "__123456", "NUMBERED": "a123"},
    "earshot.scraping.renditions": {"REDUCED": "/previews_lq."},
    "earshot.scraping.script_links": {
        "ASSIGNED": '= { "',
        "KEYED": 'mp3 : [ "a/b.mp3"',
        "LOADED": ".open( 'GET' , 'a.mp3'",
        "QUOTED": "'a/b.mp3' +",
    },
    "earshot.scraping.structured_data": {"TYPEOF": "typeof =", "ESCAPED": "\\u0041&#"},
    "earshot.scraping.text_links": {
        "ENDS": ".mp3 ",
        "STOPS": '"\\)',
        "OF_MODEL": ";$3",
        "ESCAPED": "\\u0041\\x41\\n",
    },
    "earshot.scraping.xml_documents": {
        "CHARACTERS": "\x00a",
        "REFERENCE": "&amp;&#x41;&a",
        "HTML_TAG": '<br class="a"/>',
        "DECLARATION": "<?xml version='1.0'?>",
        "ENCODING": "<?xml encoding = 'utf-8'",
    },
    "earshot.scraping.xml_spelling": {
        "MISSPELT": "<x:ITEM ",
        "END_OF_ENCLOSURE": "</a:enclosure",
        "LONG_NAMESPACE": "xmlns:a = 'b",
        "LONG_NAMESPACE_IN_TEXT": "xmlns:a = 'b",
        "UNCLOSED": "<a:enclosure b='c' d=e",
        "TAG": "<a:b c='d' e=\"f\"/>",
        "ATTRIBUTE": "a = 'b' c=d",
    },
    "earshot.urls": {
        "NUMERIC": "0x7f",
        "PLAIN_PATH": "/a.b/c?d=e",
        "PLAIN_HOST": "a-b.c",
        "PLAIN_FILE": "a/b.c",
        "ABSOLUTE": "https://a",
        "PATH_END": "?#",
        "LABEL": "a_b",
        "LABELS_ALONE": "a_b.c-d",
        "CREDENTIALS": "//a:b@c//d:e@",
        "NOT_IN_QUERY": " ä#",
    },
    "earshot.url_paths": {"ESCAPE": "%41%", "DOT_SEGMENT": "/../a", "NOT_IN_PATH": " ä"},
}
EACH = [(module, name) for module, names in PATTERNS.items() for name in names]


def test_every_regular_expression_that_sees_foreign_text_is_listed() -> None:
    found = set()
    for start in FOREIGN:
        path = PACKAGE / start
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            name = str(file.relative_to(PACKAGE))
            if name not in OURS_ALONE:
                found |= {(name, one) for one in _compiled(ast.parse(file.read_text()))}
    listed = {
        (module.removeprefix("earshot.").replace(".", "/") + ".py", name)
        for module, names in PATTERNS.items()
        for name in names
    }
    assert found == listed | {("scraping/url_patterns.py", "")}  # compiles the patterns of the request


def _compiled(tree: ast.Module) -> set[str]:
    """Names that regular expressions are bound to; an empty name for each use of `re` that binds none."""
    names, bound = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _is_of_re(node.value):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            bound.add(id(node.value))
    loose = any(isinstance(node, ast.Call) and _is_of_re(node) and id(node) not in bound for node in ast.walk(tree))
    return names | ({""} if loose else set())


def _is_of_re(call: ast.Call) -> bool:
    made = call.func
    is_of_re = isinstance(made, ast.Attribute) and isinstance(made.value, ast.Name) and made.value.id == "re"
    return is_of_re and isinstance(made, ast.Attribute) and made.attr not in ("escape",)


def _attacks(sample: str) -> list[str]:
    """Pieces that are repeated: the sample, its beginnings, each of its characters; last what usually backtracks."""
    beginnings = [sample[:length] for length in range(1, len(sample) + 1)]
    return list(dict.fromkeys([*beginnings, *sample, sample[::-1], " ", "a", "0", "-", "/.", "<", '"']))


def _seconds(pattern: re.Pattern[str] | re.Pattern[bytes], piece: str, size: int) -> float:
    text = piece * (size // len(piece)) + "!"
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    started = time.thread_time()
    for _ in pattern.finditer(subject):  # type: ignore[call-overload]
        pass
    pattern.fullmatch(subject)  # type: ignore[call-overload]
    return time.thread_time() - started


@pytest.mark.parametrize(("module", "name"), EACH)
def test_a_regular_expression_takes_time_in_proportion_to_the_text(module: str, name: str) -> None:
    pattern = getattr(import_module(module), name)
    attacks = _attacks(PATTERNS[module][name])
    slowest = sorted(attacks, key=lambda piece: _seconds(pattern, piece, SMALL // 16))[-2:]
    for piece in slowest:
        _assert_linear(lambda size, piece=piece: _seconds(pattern, piece, size), f"{name} on {piece!r}")  # type: ignore[misc]


def _assert_linear(seconds: Callable[[int], float], what: str) -> None:
    for _ in range(4):  # a machine under load inflates processor time too; one quiet measurement is proof
        small, big = (min(seconds(size) for _ in range(2)) for size in (SMALL, BIG))
        if big <= min(MOST_S, max(CLOCK_S, GROWTH * small)):
            return
    assert big <= max(CLOCK_S, GROWTH * small), f"{what}: {small:.3f} s for 64 kB, {big:.3f} s for 256 kB"
    assert big <= MOST_S, f"{what}: {big:.3f} s for 256 kB"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_takes_time_in_proportion_to_its_size(name: str) -> None:
    _assert_linear(lambda size: cpu_s(DOCUMENTS[name](size)), name)


HEADERS: dict[str, Callable[[int], object]] = {
    "targets in Link": lambda size: licence_in_link("<a>;" * (size // 4)),
    "unclosed targets in Link": lambda size: licence_in_link("<" * size),
    "parameters in Link": lambda size: licence_in_link("<a>" + ";rel=x" * (size // 6)),
    "members of Content-Usage": lambda size: from_headers(
        {"content-usage": ["a," + " " * size + "!"]}, where="x", at=AT
    ),
    "spaces in Content-Signal": lambda size: from_headers({"content-signal": ["a =" + " " * size]}, where="x", at=AT),
    "words of X-Robots-Tag": lambda size: from_headers({"x-robots-tag": ["a:" * (size // 2)]}, where="x", at=AT),
    "digits of numbers": lambda size: [
        read("9" * size) for read in (duration_ms, size_bytes, bit_rate_bps, milliseconds)
    ],
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_takes_time_in_proportion_to_its_length(name: str) -> None:
    def seconds(size: int) -> float:
        started = time.thread_time()
        HEADERS[name](size)
        return time.thread_time() - started

    _assert_linear(seconds, name)
