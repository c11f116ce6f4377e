"""What a person asks of the corpus: search text, facets, measures, order and page, as an address's query string."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self
from urllib.parse import urlencode

FACETS: Final[Mapping[str, str]] = {
    "heard": "Heard",
    "instrument": "Instruments",
    "verdict": "Verdict",
    "energy": "Energy",
    "licence": "Licence",
    "host": "Host",
    "duration": "Duration",
    "rate": "Sample rate",
    "fault": "Faults",
    "consent": "Consent signals",
    "model": "Model",
}
"""Facets by the name of their parameter, in the order of the page."""

SORTS: Final[Mapping[str, str]] = {
    "newest": "newest",
    "loudness": "loudness",
    "duration": "duration",
    "title": "title",
    "snr": "signal-to-noise ratio",
    "quality": "PESQ",
}
MEASURE = re.compile(
    r"\s{0,9}([a-z][a-z0-9_]{0,63})\s{0,9}(<=|>=|<|>|=)\s{0,9}(-?\d{1,9}(?:\.\d{1,9})?)\s{0,9}(?:and\b|,|&|$)?", re.I
)
MOST_VALUES, MOST_TEXT, MOST_MEASURES = 20, 200, 8
DIRECTIONS: Final = ("asc", "desc")


@dataclass(frozen=True)
class Measure:
    """A bound on a measure: column of the view audio_metrics, comparison, number."""

    metric: str
    op: str
    value: float

    def __str__(self) -> str:
        return f"{self.metric} {self.op} {self.value:g}"


@dataclass(frozen=True)
class Filters:
    """One state of the corpus page; equal states have equal addresses."""

    text: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()
    policy: str = "default"
    sort: str = "newest"
    direction: str = "desc"
    after: str = ""
    """Sort key and gcp_url of the last line of the page before, separated by a space; empty for the first page."""
    before: str = ""
    unread: str = ""
    """What of the measures could not be read."""

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Of a query string; unknown parameters and values out of bounds are left out."""
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            text = "".join(char for char in value if char.isprintable())[:2200]
            given.setdefault(name, []).append(text)
        facets = {
            name: tuple(sorted(set(filter(None, given[name][:MOST_VALUES])))) for name in FACETS if given.get(name)
        }
        measures, unread = read_measures(_one(given, "measures", 400))
        sort, _, direction = _one(given, "sort", 40).partition(".")
        return cls(
            text=_one(given, "q", MOST_TEXT).strip(),
            facets={name: values for name, values in facets.items() if values},
            measures=measures,
            policy=_one(given, "policy", 100) or "default",
            sort=sort if sort in SORTS else "newest",
            direction=direction if direction in DIRECTIONS else "desc",
            after=_one(given, "after", 2200),
            before=_one(given, "before", 2200),
            unread=unread,
        )

    def query(self, **changes: object) -> str:
        """The query string of this state, or of one with other fields; a change of filters goes to the first page."""
        state = replace(self, **({"after": "", "before": ""} | changes))  # type: ignore[arg-type]
        pairs: list[tuple[str, str]] = []
        pairs += [("q", state.text)] if state.text else []
        pairs += [(name, value) for name in FACETS for value in state.facets.get(name, ())]
        pairs += [("measures", " and ".join(map(str, state.measures)))] if state.measures else []
        pairs += [("policy", state.policy)] if state.policy != "default" else []
        if (state.sort, state.direction) != ("newest", "desc"):
            pairs.append(("sort", f"{state.sort}.{state.direction}"))
        pairs += [(name, getattr(state, name)) for name in ("after", "before") if getattr(state, name)]
        return "?" + urlencode(pairs) if pairs else "/"

    def with_value(self, facet: str, value: str) -> str:
        """The query string with a facet's value switched on, or off if it is on."""
        chosen = set(self.facets.get(facet, ())) ^ {value}
        facets = {name: values for name, values in self.facets.items() if name != facet}
        return self.query(facets=facets | ({facet: tuple(sorted(chosen))} if chosen else {}))

    def without(self, facet: str) -> str:
        """The query string without a facet, the search text (`q`) or a measure (its text)."""
        if facet == "q":
            return self.query(text="")
        measures = tuple(one for one in self.measures if str(one) != facet)
        return self.query(
            facets={name: values for name, values in self.facets.items() if name != facet}, measures=measures
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out of the corpus."""
        return bool(self.text or self.facets or self.measures)


def read_measures(text: str) -> tuple[tuple[Measure, ...], str]:
    """`snr_db > 20 and speech_ratio >= 0.8` -> bounds, and what of the text could not be read."""
    found: list[Measure] = []
    position = 0
    while position < len(text) and len(found) < MOST_MEASURES:
        match = MEASURE.match(text, position)
        if match is None:
            return tuple(found), text[position:].strip()
        found.append(Measure(match[1].lower(), match[2], float(match[3])))
        position = match.end()
    return tuple(found), text[position:].strip()


def _one(given: Mapping[str, list[str]], name: str, longest: int) -> str:
    return given.get(name, [""])[0][:longest]
