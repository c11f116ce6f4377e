"""Compare two versions of the analyser: what the later one measures differently for the same bytes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

PAIRS = """
SELECT older.gcp_url, older.measures AS earlier, newer.measures AS later
FROM analyses AS older
JOIN analyses AS newer ON newer.gcp_url = older.gcp_url AND newer.generation = older.generation
WHERE older.analyser_version = {earlier} AND newer.analyser_version = {later}
ORDER BY older.gcp_url
"""
SAME = 1e-5  # of the value, at least of 1: sums in another order and in single precision differ by less


class Queries(Protocol):
    """The warehouse."""

    def stream(self, sql: str) -> Iterable[Mapping[str, Any]]: ...


@dataclass
class Difference:
    """How one measure differs over all recordings that both versions have measured.

    Mean and largest change are later minus earlier, in the unit of the measure, over recordings for which both versions
    have a number; `largest_in` is the gs:// address of the recording with the largest change.
    """

    measure: str
    compared: int = 0
    changed: int = 0
    appeared: int = 0
    """NULL in the earlier version, a value in the later one."""
    vanished: int = 0
    """A value in the earlier version, NULL in the later one."""
    numbers: int = 0
    total: float = 0.0
    largest: float = 0.0
    largest_in: str | None = None
    examples: dict[str, int] = field(default_factory=dict)
    """For text and boolean measures: "before -> after", and the number of recordings."""

    @property
    def mean(self) -> float | None:
        """Mean change; None for text, and where no recording has a number in both versions."""
        return self.total / self.numbers if self.numbers else None

    def add(self, gcp_url: str, before: Any, after: Any) -> None:
        """Count the two values of one recording."""
        self.compared += 1
        if before is None or after is None:
            self.appeared += before is None and after is not None
            self.vanished += after is None and before is not None
            self.changed += (before is None) != (after is None)
            return
        if _is_number(before) and _is_number(after):
            change = float(after) - float(before)
            self.numbers += 1
            self.total += change
            self.changed += abs(change) > SAME * max(abs(before), abs(after), 1.0)
            if abs(change) > abs(self.largest):
                self.largest, self.largest_in = change, gcp_url
            return
        if before != after:
            self.changed += 1
            pair = f"{before} -> {after}"
            self.examples[pair] = self.examples.get(pair, 0) + 1


def differences(queries: Queries, earlier: int, later: int) -> list[Difference]:
    """Differences by measure, most changed first. Rows are streamed: memory does not grow with their number."""
    found: dict[str, Difference] = {}
    for row in queries.stream(PAIRS.format(earlier=earlier, later=later)):
        before, after = json.loads(row["earlier"] or "{}"), json.loads(row["later"] or "{}")
        for measure in sorted(before.keys() | after.keys()):
            difference = found.setdefault(measure, Difference(measure))
            difference.add(row["gcp_url"], before.get(measure), after.get(measure))
    return sorted(found.values(), key=lambda difference: (-difference.changed, difference.measure))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
