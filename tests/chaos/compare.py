"""The tables of two runs, row by row and column for column, but for what differs between any two runs: moments, how
long things took, and which generation."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

DIFFERS = {"shard", "key_hash", "generation", "fetch_ms", "analysis_ms", "cpu_ms", "traceparent"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?")
KEYS = {
    "audio_metadata": ("gcp_url",),
    "refusals": ("gcp_url",),
    "analyses": ("gcp_url",),
    "predictions": ("gcp_url", "task"),
}

Row = Mapping[str, Any]


def differing(table: str, calm: Iterable[Row], chaos: Iterable[Row]) -> list[str]:
    """What is in one and not in the other, each described in a line; none is the proof."""
    before, after = _keyed(table, calm), _keyed(table, chaos)
    differences = [f"{table}: {key} is lost" for key in before.keys() - after.keys()]
    differences += [f"{table}: {key} should not be there" for key in after.keys() - before.keys()]
    for key in before.keys() & after.keys():
        if len(before[key]) != len(after[key]):
            differences.append(f"{table}: {key} is there {len(after[key])} times, not {len(before[key])}")
            continue
        for one, other in zip(before[key], after[key], strict=True):
            for column in sorted(one.keys() | other.keys()):
                if one.get(column) != other.get(column):
                    differences.append(f"{table}: {key}: {column} is {other.get(column)!r}, not {one.get(column)!r}")
    return sorted(differences)


def _keyed(table: str, rows: Iterable[Row]) -> dict[str, list[dict[str, Any]]]:
    kept: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        plain = {name: _plain(value) for name, value in row.items() if name not in DIFFERS}
        key = " ".join(str(plain.pop(name)) for name in KEYS[table])
        if table == "refusals" and row["reason"] == "bad_event":  # named by the message's id and time
            key, plain = "bad_event", plain | {"audio_id": None, "evidence": None}
        kept.setdefault(key, []).append(plain)
    for same in kept.values():
        same.sort(key=lambda row: json.dumps(row, sort_keys=True, default=str))
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return "a moment"
    if isinstance(value, str):
        return MOMENT.sub("a moment", value)
    return value
