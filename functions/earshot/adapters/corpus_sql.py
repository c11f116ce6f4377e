"""Filters in, statements over the corpus out: values travel as parameters, never as text of the statement."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from earshot.adapters.schema import view_query
from earshot.audio.corpus_filters import FACETS, Filters

SEVERAL: Final = ("instrument", "fault", "consent")
"""Facets of which a recording may have several values, or none."""
NONE: Final = "none"  # the value of those facets that stands for no value
SORTED_BY: Final = {
    "newest": "COALESCE(CAST(UNIX_MICROS(analysed_at) AS FLOAT64), 0)",
    "loudness": "COALESCE(loudness, -1000)",
    "duration": "duration_ms",
    "title": "LOWER(title)",
    "snr": "COALESCE(snr_db, -1000)",
    "quality": "COALESCE(pesq, -1000)",
}
OPS: Final = ("<", "<=", ">", ">=", "=")
REASON = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
METRIC = re.compile(r"STRUCT\('(\w+)' AS metric,")
PAGE: Final = 50
LISTED: Final = (
    "gcp_url", "audio_id", "title", "duration_ms", "integrated_lufs", "heard", "heard_share", "is_judged", "loudness",
    "licence", "verdict", "reasons",
)  # fmt: skip
"""What a line of the page shows: BigQuery bills each further column, of every recording."""
BITS: Final = {name: 1 << place for place, name in enumerate(FACETS)}
"""A facet's bit in the column `missed` of the statement of facet_counts."""


@cache
def metrics() -> frozenset[str]:
    """The measures that a rule or a person may set a bound on: columns of the view corpus."""
    return frozenset(METRIC.findall(view_query("audio_metrics", "d")))


def verdict(rules: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
    """A policy's rules as two expressions: the verdict, and the reasons separated by commas.

    They give what the view audio_verdicts gives, in one pass over the columns instead of a line a measure.
    """
    fired: dict[str, list[str]] = {"reject": [], "review": []}
    by_reason: dict[str, list[str]] = {}
    for rule in rules:
        metric = str(rule["metric"])
        if metric not in metrics() or rule["verdict"] not in fired:
            continue
        if rule["op"] == "missing":
            condition = f"{metric} IS NULL"
        elif rule["op"] in OPS and rule["threshold"] is not None:
            condition = f"{metric} {rule['op']} {float(rule['threshold']):g}"
        else:
            continue
        fired[str(rule["verdict"])].append(condition)
        name = str(rule["reason"])
        by_reason.setdefault(name if REASON.match(name) else "rule", []).append(condition)
    cases = [f"WHEN {' OR '.join(found)} THEN '{name}'" for name, found in fired.items() if found]
    judged = f"CASE {' '.join(cases)} ELSE 'accept' END" if cases else "'accept'"
    named = [f"IF({' OR '.join(found)}, '{name},', '')" for name, found in sorted(by_reason.items())]
    return judged, f"CONCAT({', '.join(named)})" if named else "''"


def corpus(rules: Iterable[Mapping[str, Any]]) -> str:
    """`WITH judged AS (…)`, to which a SELECT is added: the view corpus with a policy's verdict and reasons."""
    judged, reasons = verdict(rules)
    return f"WITH judged AS (\n  SELECT *,\n    {judged} AS verdict,\n    {reasons} AS reasons\n  FROM corpus\n)\n"  # noqa: S608


def conditions(filters: Filters, *, all_facets: bool = True) -> dict[str, str]:
    """A condition by what it belongs to: `q`, a facet, or a measure's text. Each reads its own parameters.

    Args:
        all_facets: also those of facets that are not chosen, which then always hold: a statement whose text stays the
            same is translated once by the embedded engine, which takes as long as running it over 100,000 recordings.
    """
    found: dict[str, str] = {}
    if all_facets or filters.text:
        found["q"] = _unless_empty(
            "@q = ''", "STRPOS(LOWER(CONCAT(title, ' ', file_name, ' ', host)), LOWER(@q)) > 0", all_facets
        )
    for name in FACETS if all_facets else filters.facets:
        if name in SEVERAL:
            found[name] = f"REGEXP_CONTAINS(CONCAT(',', {name}, ','), @{name})"
        else:
            found[name] = _unless_empty(f"ARRAY_LENGTH(@{name}) = 0", f"{name} IN UNNEST(@{name})", all_facets)
    for number, one in enumerate(filters.measures):
        if one.metric in metrics() and one.op in OPS:
            found[str(one)] = f"{one.metric} {one.op} CAST(@measure{number} AS FLOAT64)"
    return found


def _unless_empty(empty: str, test: str, wanted: bool) -> str:
    return f"({empty} OR {test})" if wanted else test


def any_of(values: Iterable[str]) -> str:
    """A regular expression that is found in `,a,b,` where one of the values is between two commas.

    Every text has one of no values. NONE is the value of `,,`.
    """
    escaped = ["" if value == NONE else re.escape(value) for value in values]
    parts = [f"^,{value},$" if not value else f",{value}," for value in escaped]
    return "|".join(parts)


def parameters(filters: Filters) -> dict[str, str | list[str]]:
    """The values that the conditions read."""
    chosen = {name: filters.facets.get(name, ()) for name in FACETS}
    given: dict[str, str | list[str]] = {
        name: any_of(values) if name in SEVERAL else list(values) for name, values in chosen.items()
    }
    given |= {f"measure{number}": repr(one.value) for number, one in enumerate(filters.measures)}
    return given | {"q": filters.text}


def where(found: Mapping[str, str], leaving_out: str = "") -> str:
    """The conditions joined, but for one's."""
    return " AND ".join(text for name, text in found.items() if name != leaving_out) or "TRUE"


def facet_counts(found: Mapping[str, str]) -> str:
    """Counts of every value of every facet, each under the conditions of the others, in one pass over the recordings.

    A line has `missed`, the bit of the one facet whose condition does not hold or 0, and the value of one facet, the
    other facets NULL: a facet's counts are those of 0 and of its own bit. Where all are NULL it is the total. Of facets
    with several values the value is the whole list: the reader splits it.
    """
    names = ", ".join(FACETS)
    bits = " + ".join(f"IF({found[name]}, 0, {BITS[name]})" for name in FACETS if name in found) or "0"
    others = {name: text for name, text in found.items() if name not in FACETS}
    sets = ",\n  ".join(f"(missed, {name})" for name in FACETS)
    return (
        f"SELECT missed, {names}, COUNT(*) AS recordings, SUM(duration_ms) / 3600000 AS hours\n"  # noqa: S608
        f"FROM (SELECT {names}, duration_ms, {bits} AS missed FROM judged WHERE {where(others)}) AS counted\n"
        f"WHERE missed IN (0, {', '.join(map(str, BITS.values()))})\n"
        f"GROUP BY GROUPING SETS (\n  (missed),\n  {sets}\n)"
    )


def listed(filters: Filters, found: Mapping[str, str]) -> str:
    """The lines of one page and one more, in the order of the page (backwards where `filters.before` is set)."""
    key = SORTED_BY[filters.sort]
    backwards = bool(filters.before)
    down = (filters.direction == "desc") != backwards
    beyond = ""
    if filters.after or filters.before:
        mark = "@key" if filters.sort == "title" else "CAST(@key AS FLOAT64)"
        then = "<" if down else ">"
        tie = "<" if backwards else ">"
        beyond = f" AND ({key} {then} {mark} OR ({key} = {mark} AND gcp_url {tie} @url))"
    order = f"ORDER BY {key} {'DESC' if down else 'ASC'}, gcp_url{' DESC' if backwards else ''}"
    names = ", ".join(LISTED)
    return f"SELECT {names}, {key} AS sort_key FROM judged\nWHERE {where(found)}{beyond}\n{order}\nLIMIT {PAGE + 1}"  # noqa: S608


def selection(found: Mapping[str, str]) -> str:
    """The recordings that match, for an export."""
    return f"SELECT gcp_url FROM judged WHERE {where(found)}"  # noqa: S608


def as_text(sql: str, given: Mapping[str, str | list[str]]) -> str:
    """A statement with its parameters written out, for a person to paste; nothing runs this text."""

    def literal(match: re.Match[str]) -> str:
        value = given.get(match[1])
        if value is None:
            return match[0]
        if isinstance(value, list):
            return "([" + ", ".join(map(quoted, value)) + "])"
        return quoted(value)

    return re.sub(r"@([a-z]\w*)", literal, sql)


def quoted(text: str) -> str:
    """A string literal of GoogleSQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
