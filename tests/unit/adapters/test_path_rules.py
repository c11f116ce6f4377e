"""The longest pattern that matches a path says whether it may be requested; however many there are, in little time."""

import random
import re
import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.adapters.path_patterns import MOST_ASTERISKS, Pattern, normalised, widened
from earshot.adapters.path_rules import PathRules
from earshot.adapters.robots_txt import read

MOST_S = 0.1  # of CPU time for a URL of 2 kB
GROUP = "User-agent: *\n"


def by_definition(rules: dict[str, bool], path: str) -> bool:
    """RFC 9309, 2.2.2 and 2.2.3, by a regular expression each."""
    ranks = [(len(text), allowed) for text, allowed in rules.items() if matches_by_definition(text, path)]
    return max(ranks, default=(0, True))[1]


def matches_by_definition(text: str, path: str) -> bool:
    return pattern_of(text).match(path) is not None


@cache
def pattern_of(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text.removesuffix("$")).replace(r"\*", ".*") + ("$" if text.endswith("$") else ""))


PATHS = st.text("/ab", max_size=12).map(lambda path: f"/{path}")
TEXTS = st.text("/ab*$", min_size=1, max_size=8)


@given(st.dictionaries(TEXTS, st.booleans(), max_size=12), PATHS)
def test_rules_say_what_their_definition_says(rules: dict[str, bool], path: str) -> None:
    assert PathRules(rules).allow(path) is by_definition(rules, path)


@given(TEXTS, PATHS)
def test_a_pattern_matches_as_its_definition_says(text: str, path: str) -> None:
    assert Pattern(text).matches(path) is matches_by_definition(text, path)


@given(TEXTS, PATHS)
def test_a_widened_pattern_is_as_long_and_matches_no_less(text: str, path: str) -> None:
    wide = widened(text) if "*" in text else text
    assert len(wide) == len(text)
    assert Pattern(wide).matches(path) or not Pattern(text).matches(path)


def test_hundreds_of_rules_say_what_each_alone_says() -> None:
    chance = random.Random(1)
    pieces = ("/", "/a", "b", "c/", "*", "$", "%2F", "d.mp3", "?x=", "é")
    rules = {
        normalised("/" + "".join(chance.choices(pieces, k=chance.randrange(1, 8)))): n % 2 > 0 for n in range(3000)
    }
    made = PathRules(rules)
    for _ in range(40):
        path = normalised("/" + "".join(chance.choices(pieces, k=chance.randrange(10))).replace("*", "x"))
        assert made.allow(path) is by_definition(rules, path), path


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("Disallow: /*/b\nAllow: /a/b\n", True),
        ("Allow: /a/*\nDisallow: /a/b\n", True),
        ("Disallow: /a/b\nAllow: /a/*\n", True),
        ("Disallow: /a/b$\nAllow: /a/b\n", False),
        ("Disallow: /*b*\nAllow: /a\n", False),
    ],
)
def test_of_equally_long_rules_the_one_that_allows_counts(rules: str, allowed: bool) -> None:
    assert read(GROUP + rules, "earshot").allows("/a/b") is allowed


def test_beyond_so_many_asterisks_what_forbids_is_read_as_the_stricter_and_what_allows_is_not_read() -> None:
    many = "".join(f"Disallow: /x{number}*y\n" for number in range(MOST_ASTERISKS))
    rules = read(GROUP + many + "Disallow: /private/*.mp3\nAllow: /x*\nDisallow: /plain\n", "earshot")
    assert rules.allows("/x123")
    assert not rules.allows("/x123/y")
    assert not rules.allows("/private/other.wav")
    assert not rules.allows("/plain/a")
    assert rules.allows("/private")


HOSTILE = {
    "beginnings": "".join(f"Disallow: /{number}\n" for number in range(60_000)),
    "beginnings of each length": "".join(f"Disallow: /{'a' * number}b\n" for number in range(1000)),
    "asterisks first": "".join(f"Disallow: /*{number:x}\n" for number in range(60_000)),
    "asterisks all over": "".join(f"Disallow: /{'*a' * 200}*z{number}\n" for number in range(1000)),
    "asterisks of one rule": f"Disallow: {'*a' * 8000}\n",
    "asterisks of statements": "".join(f"Content-Usage: /{'*a' * 2000}{number} train-ai=n\n" for number in range(120)),
    "asterisks beside each other": f"Disallow: /{'*' * 16_000}b\n" * 32,
    "ends": "".join(f"Disallow: /*{number:x}$\n" for number in range(60_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", ["/" + "a" * 2000, "/" + "zy" * 1000, "/" + "%41" * 600])
def test_a_robots_txt_of_whatever_size_takes_little_time_for_each_url(name: str, path: str) -> None:
    rules = read(GROUP + HOSTILE[name][: 512 * 1024], "earshot")
    taken = []
    for _ in range(3):
        started = time.thread_time()
        rules.allows(path)
        rules.stated("content-usage", path)
        taken.append(time.thread_time() - started)
    assert min(taken) < MOST_S
