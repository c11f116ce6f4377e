"""Errors of BigQuery in one sentence: what is wrong, where in the SQL, and the nearest name that exists."""

import re
from difflib import get_close_matches

from google.api_core.exceptions import GoogleAPICallError

from earshot.adapters.schema import columns, tables, views
from earshot.errors import BadRequest

COLUMN = re.compile(r"(?:Referenced column|Unrecognized name:?|Name) [\"`]?(?P<name>\w+)[\"`]?")
TABLE = re.compile(r"Table [\"`]?(?P<name>[\w.:-]+)[\"`]? (?:was not found|does not exist|must be qualified)")
PLACES = (re.compile(r"\[(\d+):(\d+)\]"), re.compile(r"Line (\d+), Col: (\d+)"))
OFFERED = re.compile(r"(?:Did you mean|Candidate bindings:) [\"`]?(\w+)")
REQUEST = re.compile(r"^(?:\d{3} )?(?:[A-Z]+ https?://\S+: )?")
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
END = re.compile(r"; reason:|\n\n?Location:|\n\n?Job ID:|\nCandidate bindings|\n\nLINE \d|\n  ")


def sentence(error: GoogleAPICallError) -> str:
    """What the service says, without addresses of requests, job ids and repetitions."""
    text = REQUEST.sub("", ESCAPES.sub("", str(error.message)))
    return END.split(text)[0].strip().removeprefix("Query execution failed: ").removeprefix("Binder Error: ")


def wrong_query(error: GoogleAPICallError, sql: str) -> BadRequest:
    """The error of a query that BigQuery refuses, for the person who wrote `sql`."""
    message = ESCAPES.sub("", str(error.message))
    column, table = COLUMN.search(message), TABLE.search(message)
    if (column and "not found" in message) or ("Unrecognized name" in message and column):
        name = column["name"]
        known = sorted({found.name for table_name in tables() for found in columns(table_name)})
        return BadRequest(f"there is no column {name}{_place(message, sql, name)}{_nearest(message, name, known)}")
    if table:
        name = re.split(r"[.:]", table["name"])[-1]
        return BadRequest(
            f"there is no table {name}{_place(message, sql, name)}{_nearest(message, name, [*tables(), *views()])}"
        )
    text = sentence(error)
    return BadRequest(text if any(place.search(text) for place in PLACES) else text + _place(message, sql, ""))


def _place(message: str, sql: str, name: str) -> str:
    """` at line 1, column 8`, from the message or by searching the name in the SQL; empty if unknown."""
    for pattern in PLACES:
        found = pattern.search(message)
        if found:
            return f" at line {found[1]}, column {found[2]}"
    at = re.search(rf"\b{re.escape(name)}\b", sql) if name else None
    if at is None:
        return ""
    before = sql[: at.start()]
    return f" at line {before.count(chr(10)) + 1}, column {at.start() - before.rfind(chr(10))}"


def _nearest(message: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name.lower(), known, n=1) or OFFERED.findall(message)[:1]
    return f"; did you mean {near[0]}?" if near else ""
