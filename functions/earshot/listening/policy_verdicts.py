"""What every policy says of one recording, and why: each rule that fired, with the value and the threshold."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

OPS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


@dataclass(frozen=True)
class Fired:
    """A rule that fired."""

    verdict: str
    reason: str
    metric: str
    op: str
    threshold: float | None
    value: float | None
    note: str


@dataclass(frozen=True)
class Verdict:
    """What a policy says; the rules are those that fired, rejecting ones first."""

    policy: str
    verdict: str
    rules: tuple[Fired, ...]


def verdicts(rules: Iterable[Mapping[str, Any]], measures: Mapping[str, Any]) -> list[Verdict]:
    """The verdicts of all policies, `default` first: as the view audio_verdicts has them.

    Args:
        rules: rows of the table policies.
        measures: the recording's line of the view corpus.
    """
    fired: dict[str, list[Fired]] = {}
    for rule in rules:
        found = fired.setdefault(str(rule["name"]), [])
        value = measures.get(str(rule["metric"]))
        if str(rule["metric"]) in measures and _fires(rule, value):
            found.append(
                Fired(
                    str(rule["verdict"]),
                    str(rule["reason"]),
                    str(rule["metric"]),
                    str(rule["op"]),
                    rule["threshold"],
                    value,
                    str(rule["note"] or ""),
                )
            )
    order = sorted(fired, key=lambda name: (name != "default", name))
    return [
        Verdict(name, _worst(fired[name]), tuple(sorted(fired[name], key=lambda one: (one.verdict, one.reason))))
        for name in order
    ]


def _fires(rule: Mapping[str, Any], value: float | None) -> bool:
    if rule["op"] == "missing":
        return value is None
    test = OPS.get(str(rule["op"]))
    return test is not None and value is not None and rule["threshold"] is not None and test(value, rule["threshold"])


def _worst(fired: Iterable[Fired]) -> str:
    found = {one.verdict for one in fired}
    return "reject" if "reject" in found else "review" if "review" in found else "accept"
