import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.consent import (
    Respect,
    Signal,
    decide,
    denies_signal,
    denies_usage,
    directives,
    evidence,
    for_links,
    from_evidence,
    from_headers,
    from_meta,
    members,
)
from earshot.errors import GiveUp, OptedOut, RobotsForbid

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
WHERE = "http://example.org/a.mp3"


def said(signal: str, denies: bool = True, value: str = "x", where: str = WHERE) -> Signal:
    return Signal(signal, value, where, AT, denies)


@pytest.mark.parametrize(
    ("lines", "denies"),
    [
        (["noai"], True),
        (["NoAI, noarchive"], True),
        (["noindex"], True),
        (["none"], True),
        (["noimageai"], False),
        (["noml"], True),
        (["noindex, follow"], True),
        (["noarchive"], False),
        (["otherbot: noai"], False),
        (["otherbot: noai, noindex"], False),
        (["otherbot: noarchive", "noai"], True),
        (["earshot: noai"], True),
        (["otherbot: noarchive, earshot: noai"], True),
        (["unavailable_after: 25 Jun 2027 15:00:00 GMT, noai"], True),
        (["max-snippet: 5"], False),
    ],
)
def test_x_robots_tag_speaks_to_all_or_to_us(lines: list[str], denies: bool) -> None:
    found = from_headers({"x-robots-tag": lines}, where=WHERE, at=AT)
    assert any(one.denies for one in found) is denies


@pytest.mark.parametrize(
    ("name", "value", "denies"),
    [
        ("tdm-reservation", "1", True),
        ("tdm-reservation", "0", False),
        ("content-usage", "train-ai=n", True),
        ("content-usage", "search=y, train-ai=n;why=x", True),
        ("content-usage", "train-ai=y, search=n", False),
        ("content-usage", "genai=n", True),
        ("content-signal", "search=yes, ai-train=no", True),
        ("content-signal", "search=yes,ai-train=yes", False),
    ],
)
def test_headers_deny_or_not_and_are_kept_in_any_case(name: str, value: str, denies: bool) -> None:
    (found,) = from_headers({name: [value]}, where=WHERE, at=AT)
    assert (found.signal, found.value, found.where, found.at, found.denies) == (name, value, WHERE, AT, denies)


@pytest.mark.parametrize(
    ("name", "content", "denies"),
    [
        ("robots", "noai, noimageai", True),
        ("ROBOTS", "NOFOLLOW", True),
        ("earshot", "none", True),
        ("robots", "noindex", False),
        ("robots", "index, follow", False),
        ("tdm-reservation", "1", True),
    ],
)
def test_a_page_speaks_for_what_it_links_to(name: str, content: str, denies: bool) -> None:
    (found,) = from_meta([(name, content)], where=WHERE, at=AT)
    assert found.denies is denies


def test_other_meta_elements_say_nothing() -> None:
    assert from_meta([("googlebot", "noai"), ("description", "noai")], where=WHERE, at=AT) == []


@pytest.mark.parametrize(
    ("signal", "respect", "error"),
    [
        ("robots.txt", Respect.ALL, RobotsForbid),
        ("robots.txt", Respect.ROBOTS, RobotsForbid),
        ("robots.txt", Respect.NONE, None),
        ("x-robots-tag", Respect.ALL, OptedOut),
        ("x-robots-tag", Respect.ROBOTS, None),
        ("x-robots-tag", Respect.NONE, None),
    ],
)
def test_the_policy_decides_which_denials_refuse(signal: str, respect: Respect, error: type[GiveUp] | None) -> None:
    if error is None:
        decide([said(signal)], respect)
        return
    with pytest.raises(error, match=r"example\.org") as caught:
        decide([said("content-usage", denies=False), said(signal)], respect)
    assert json.loads(str(caught.value.evidence["signals"]))[0]["signal"] == signal


def test_what_denies_nothing_is_allowed() -> None:
    decide([said("robots.txt", denies=False), said("tdm-reservation", denies=False)], Respect.ALL)


def test_evidence_survives_its_travel() -> None:
    signals = [said("robots.txt", denies=False), said("x-robots-tag")]
    assert from_evidence(evidence(signals)) == [signals[1], signals[0]]
    assert evidence([]) is None
    assert from_evidence(None) == []


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '[{"signal": 1, "value": 2, "where": 3, "at": "2026-11-21", "denies": true}]',
        '[{"signal": "a", "value": "b", "where": "c", "at": "2026-11-21", "denies": "no"}]',
        '[{"signal": "a", "value": "b", "where": "c", "at": 7}]',
    ],
)
def test_evidence_of_other_shapes_is_no_signal(text: str) -> None:
    assert from_evidence(text) == []


def test_of_evidence_with_a_faulty_signal_the_others_count() -> None:
    text = evidence([said("x-robots-tag")])
    assert text is not None
    assert from_evidence(f'[7, {{"signal": 1}}, {text[1:]}') == [said("x-robots-tag")]


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"signal": "x"}]', '{"a": 1}', '[{"at": "never"}]'])
def test_what_is_no_evidence_is_no_signal(text: str) -> None:
    assert from_evidence(text) == []


@given(st.lists(st.builds(said, st.text(max_size=9), st.booleans(), st.text(max_size=300), st.text(max_size=300))))
def test_evidence_fits_a_label_and_puts_denials_first(signals: list[Signal]) -> None:
    text = evidence(signals)
    if text is None:
        return
    assert len(text.encode()) <= 1000
    kept = [one["denies"] for one in json.loads(text)]
    assert kept == sorted(kept, reverse=True)


@pytest.mark.parametrize(
    ("line", "denies"),
    [
        ("follow, noindex", False),
        ("noindex", False),
        ("noai", True),
        ("nofollow", True),
        ("none", True),
        ("noml", True),
    ],
)
def test_a_header_of_a_page_or_feed_speaks_for_what_it_links_to(line: str, denies: bool) -> None:
    (found,) = for_links(from_headers({"x-robots-tag": [line]}, where=WHERE, at=AT))
    assert (found.denies, found.value) == (denies, line)


def test_other_headers_of_a_page_mean_for_its_links_what_they_mean_for_itself() -> None:
    found = from_headers({"tdm-reservation": ["1"], "content-usage": ["train-ai=n"]}, where=WHERE, at=AT)
    assert for_links(found) == found


@given(st.text(max_size=200))
def test_any_text_is_read_without_complaint(text: str) -> None:
    directives(text)
    members(text)
    denies_usage(text)
    denies_signal(text)


def test_only_headers_of_robots_say_something_else_of_links() -> None:
    signals = [Signal(name, "noindex", WHERE, AT, denies=True) for name in ("content-signal", "x-robots-tag", "zz")]
    assert [signal.denies for signal in for_links(signals)] == [True, False, True]


def test_a_hundred_lines_of_a_header_are_read() -> None:
    lines = ["all"] * 99 + ["noai", "noindex"]
    read = from_headers({"x-robots-tag": lines}, where=WHERE, at=AT)
    assert [signal.value for signal in read if signal.denies] == ["noai"]
