"""Preferences that a site states per path: its rules and its tdmrep.json in, signals for a URL out.

Sources: IETF draft-ietf-aipref-attach-05, 3 (Content-Usage rules); W3C TDM Reservation Protocol, final report of
10 May 2024 (tdmrep.json); Cloudflare's Content-Signal lines, which are read in the same way.
"""

import json
from collections.abc import Callable
from datetime import datetime

from earshot.adapters.path_patterns import MOST_ASTERISKS, Pattern, normalised, path_of, widened
from earshot.adapters.robots_txt import OurRules
from earshot.consent import Signal, denies_signal, denies_usage

STATED: dict[str, Callable[[str], bool]] = {"content-usage": denies_usage, "content-signal": denies_signal}
MAX_LOCATIONS = 10_000  # of a tdmrep.json

Reservations = list[tuple[Pattern, str]]


def in_robots(rules: OurRules, url: str, *, where: str, at: datetime) -> list[Signal]:
    """Content-Usage and Content-Signal rules for us that match the URL best; equal paths all apply."""
    path = path_of(url)
    return [
        Signal(kind, statement, where, at, denies=denies(statement))
        for kind, denies in STATED.items()
        for statement in rules.stated(kind, path)
    ]


def read_tdmrep(text: str) -> Reservations:
    """Location pattern and value of each rule of a tdmrep.json; none for a file that does not parse."""
    try:
        rules = json.loads(text)
    except (ValueError, RecursionError):
        return []
    reservations: Reservations = []
    asterisks = 0
    for rule in (rules if isinstance(rules, list) else [rules])[:MAX_LOCATIONS]:
        if isinstance(rule, dict) and isinstance(location := rule.get("location"), str):
            location, reserved = normalised(location), str(rule.get("tdm-reservation"))[:100]
            asterisks += location.count("*")
            if asterisks <= MOST_ASTERISKS:
                reservations.append((Pattern(location), reserved))
            elif reserved == "1":
                reservations.append((Pattern(widened(location)), reserved))
    return reservations


def in_tdmrep(reservations: Reservations, url: str, *, where: str, at: datetime) -> list[Signal]:
    """The rule whose location matches the URL best; of equally long ones, the one that reserves."""
    path = normalised(path_of(url))
    matching = [(len(pattern.text), reserved) for pattern, reserved in reservations if pattern.matches(path)]
    if not matching:
        return []
    _, reserved = max(matching)
    return [Signal("tdm-reservation", reserved, where, at, denies=reserved == "1")]
