"""Preferences that a site states per path: the text of its robots.txt or tdmrep.json in, signals for a URL out.

Sources: IETF draft-ietf-aipref-attach-05, 3 (Content-Usage rules); W3C TDM Reservation Protocol, final report of
10 May 2024 (tdmrep.json); Cloudflare's Content-Signal lines, which stand in groups in the same way.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from earshot.consent import OUR_NAME, Signal, denies_signal, denies_usage

LINE = re.compile(r"^[ \t]*([A-Za-z-]+)[ \t]*:[ \t]*([^#\r\n]*)", re.MULTILINE)
VERSION = re.compile(r"^([ \t]*user-agent[ \t]*:[ \t]*[^\s/#]+)/[^\s#]*", re.IGNORECASE | re.MULTILINE)
STATED: dict[str, Callable[[str], bool]] = {"content-usage": denies_usage, "content-signal": denies_signal}


def without_versions(robots: str) -> str:
    """`User-agent: earshot/2` as `User-agent: earshot`: a group is meant for the product, whatever its version."""
    return VERSION.sub(r"\1", robots)


def in_robots(robots: str, url: str, *, where: str, at: datetime) -> list[Signal]:
    """Content-Usage and Content-Signal rules of our group that match the URL best; equal paths all apply."""
    path = path_of(url)
    found = []
    for kind, denies in STATED.items():
        matching = [(len(pattern), text) for pattern, text in _rules(robots, kind) if matches(pattern, path)]
        longest = max((length for length, _ in matching), default=0)
        for text in dict.fromkeys(text for length, text in matching if length == longest):
            found.append(Signal(kind, text, where, at, denies=denies(text)))
    return found


def in_tdmrep(text: str, url: str, *, where: str, at: datetime) -> list[Signal]:
    """The rule of a tdmrep.json whose location matches the URL best; a file that does not parse says nothing."""
    try:
        rules = json.loads(text)
    except (ValueError, RecursionError):
        return []
    path = path_of(url)
    matching = [
        (len(location), str(rule.get("tdm-reservation")))
        for rule in (rules if isinstance(rules, list) else [rules])
        if isinstance(rule, dict) and isinstance(location := rule.get("location"), str) and matches(location, path)
    ]
    if not matching:
        return []
    _, reserved = max(matching)  # of equally long ones, the one that reserves
    return [Signal("tdm-reservation", reserved, where, at, denies=reserved == "1")]


def matches(pattern: str, path: str) -> bool:
    """Whether a robots.txt path pattern matches: a prefix, with `*` for anything and `$` for the end (RFC 9309, 2.2.3).

    Takes time linear in both, whatever the pattern: no regular expression, no backtracking.
    """
    ends = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(rest, 1):
        if ends and number == len(rest):
            return len(path) - at >= len(piece) and path.endswith(piece)
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return at == len(path) if ends and not rest else True


def path_of(url: str) -> str:
    """Path and query of a canonical URL: what robots rules are compared with."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _rules(robots: str, kind: str) -> Iterator[tuple[str, str]]:
    """(path pattern, statement) of the rules in the group for us, or else in the one for all."""
    groups: dict[str, list[str]] = {}
    names: list[str] = []
    in_rules = True
    for line in LINE.finditer(robots):
        field, value = line[1].lower(), line[2].strip()
        if field == "user-agent":
            names = [value.lower()] if in_rules else [*names, value.lower()]
            in_rules = False
            groups.setdefault(names[-1], [])
        elif field != "sitemap":
            in_rules = True
            for name in names if field == kind else ():
                groups[name].append(value)
    for rule in groups.get(OUR_NAME, groups.get("*", [])):
        pattern, _, statement = rule.partition(" ") if rule.startswith("/") else ("/", "", rule)
        yield pattern, statement.strip()
