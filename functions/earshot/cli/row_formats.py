"""Writes rows as CSV or JSON, for programs; and makes untrusted text safe for terminals and spreadsheets."""

import base64
import csv
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TextIO

Row = Mapping[str, Any]

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, but for tab and line feed: they move the cursor of a terminal, colour it or turn the direction
of text, which titles and file names of strangers must not."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # first characters by which a spreadsheet takes a text for a formula (OWASP)


def printable(text: str) -> str:
    r"""The text with control characters as visible escapes: `\x1b` for ESC."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def write_csv(rows: Iterable[Row], columns: Sequence[str], out: TextIO, *, raw: bool = False) -> None:
    """Write a header and one line per row, ended by a line feed.

    Times are ISO 8601, booleans true and false, lists and structures JSON, NULL is empty. Text that a spreadsheet
    would take for a formula gets a ' before it, and control characters are escaped, unless `raw`.
    """
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_cell(row.get(name), raw=raw) for name in columns])


def write_json(rows: Iterable[Row], out: TextIO) -> None:
    """Write an array with one object per row. Times are ISO 8601, NaN and infinity null; control characters escaped."""
    out.write("[")
    for number, row in enumerate(rows):
        out.write(",\n  " if number else "\n  ")
        out.write(json_text(dict(row)))
    out.write("\n]\n")


def json_text(value: Any) -> str:
    """A value as JSON on one line, in UTF-8, with control characters of all kinds escaped."""
    text = json.dumps(_jsonable(value), ensure_ascii=False)
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _csv_cell(value: Any, *, raw: bool) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        if raw:
            return value
        safe = printable(value)
        return f"'{safe}" if safe.startswith(FORMULA) else safe
    plain = _jsonable(value)
    return plain if isinstance(plain, str) else json_text(plain)


def _jsonable(value: Any) -> Any:
    """The value in the types that JSON knows."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(name): _jsonable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    return format(value, "f") if isinstance(value, Decimal) else str(value)
