import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.adapters.path_patterns import Pattern, normalised
from earshot.adapters.robots_txt import read
from earshot.adapters.site_preferences import in_robots, in_tdmrep, read_tdmrep

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
ROBOTS = """
User-Agent: *
Allow: /
Disallow: /never/
Content-Usage: train-ai=n   # everything, but
Content-Usage: /ai-ok/ train-ai=y

User-Agent: OtherBot
Content-Usage: search=n
"""


def usage(robots: str, path: str) -> list[tuple[str, bool]]:
    found = in_robots(read(robots, "earshot"), f"http://example.org{path}", where="", at=AT)
    return [(one.value, one.denies) for one in found]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/test", [("train-ai=n", True)]),
        ("/ai-ok/test", [("train-ai=y", False)]),
        ("/ai-ok", [("train-ai=n", True)]),
    ],
)
def test_the_longest_path_states_the_preference(path: str, expected: list[tuple[str, bool]]) -> None:
    assert usage(ROBOTS, path) == expected


def test_a_group_for_us_replaces_the_one_for_all() -> None:
    assert usage(ROBOTS + "User-agent: somebody\nUser-agent: EARSHOT\nContent-Usage: train-ai=y\n", "/test") == [
        ("train-ai=y", False)
    ]


def test_equal_paths_all_apply() -> None:
    robots = "user-agent: *\ncontent-usage: train-ai=y\nContent-Usage : train-ai=n\nContent-Signal: ai-train=no"
    assert usage(robots, "/") == [("train-ai=y", False), ("train-ai=n", True), ("ai-train=no", True)]


@pytest.mark.parametrize("robots", ["", "Content-Usage: train-ai=n", "User-agent: x\nContent-Usage: train-ai=n"])
def test_a_rule_outside_of_our_group_says_nothing(robots: str) -> None:
    assert usage(robots, "/") == []


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/a", True),
        ("/a", "/ab", True),
        ("/a", "/b", False),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*.mp3$", "/x/a.mp3", True),
        ("/*.mp3$", "/x/a.mp3?b", False),
        ("/*.mp3", "/x/a.mp3?b", True),
        ("/a*b*c", "/a-b-c-d", True),
        ("/a*b*c", "/a-c-b", False),
        ("*", "/a", True),
        ("/*a*a$", "/a", False),
        ("/*a*a$", "/aa", True),
    ],
)
def test_path_patterns(pattern: str, path: str, expected: bool) -> None:
    assert Pattern(pattern).matches(path) is expected


def test_a_pattern_made_to_hang_does_not() -> None:
    assert not Pattern("/" + "*a" * 5000 + "*b").matches("/" + "a" * 100_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"location": "/", "tdm-reservation": 1}]', [("1", True)]),
        ('[{"location": "/", "tdm-reservation": 1}, {"location": "/free/*", "tdm-reservation": 0}]', [("0", False)]),
        ('[{"location": "/free/", "tdm-reservation": 0}, {"location": "/free/", "tdm-reservation": 1}]', [("1", True)]),
        ('{"location": "*", "tdm-reservation": "1"}', [("1", True)]),
        ('[{"location": "/other", "tdm-reservation": 1}]', []),
        ('[{"tdm-reservation": 1}, 3, null]', []),
        ("[" * 100_000, []),
        ("<html>", []),
        ("", []),
    ],
)
def test_a_tdmrep_file_reserves_by_location(text: str, expected: list[tuple[str, bool]]) -> None:
    found = in_tdmrep(read_tdmrep(text), "http://example.org/free/a.mp3", where="", at=AT)
    assert [(one.value, one.denies) for one in found] == expected


def test_a_tdmrep_file_of_too_many_asterisks_reserves_more_and_frees_less() -> None:
    rules = [{"location": "*a" * 5000, "tdm-reservation": 0}] * 3
    rules += [{"location": f"/{name}/*.mp3", "tdm-reservation": int(name == "kept")} for name in ("kept", "free")]
    read_rules = read_tdmrep(json.dumps(rules))
    assert in_tdmrep(read_rules, "http://example.org/kept/a.wav", where="", at=AT)[0].denies
    assert in_tdmrep(read_rules, "http://example.org/free/a.mp3", where="", at=AT) == []


@given(st.text(max_size=300))
def test_any_text_is_read_without_complaint(text: str) -> None:
    in_robots(read(text, "earshot"), "http://example.org/", where="", at=AT)
    in_tdmrep(read_tdmrep(text), "http://example.org/", where="", at=AT)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("/a b", "/a%20b"),
        ("/töne", "/t%C3%B6ne"),
        ("/t%c3%b6ne", "/t%C3%B6ne"),
        ("/%7Ea%2fb", "/~a%2Fb"),
        ("/100%", "/100%25"),
        ("/%zz", "/%25zz"),
        ("/a*b$", "/a*b$"),
    ],
)
def test_paths_have_one_form(text: str, normal: str) -> None:
    assert normalised(text) == normal
    assert normalised(normal) == normal
