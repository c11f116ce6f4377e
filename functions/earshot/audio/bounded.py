"""Numbers, moments and texts of other people, made to fit a row: any value in, one that BigQuery holds or None out.

A page, a feed, an API or the metadata of an object may declare a duration of 26 digits or the year 0. Such a value
says nothing, and must cost neither the message nor the row that carries it.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, WrapValidator

from earshot.clean_text import clean

INT64_MAX = 2**63 - 1  # largest INTEGER of BigQuery
INT64_DIGITS = 19
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
MOST_ATTEMPTS = 10**9  # that a refusal may claim; more is no count
EVIDENCE_BYTES = 16 * 1024  # of a refusal; ours are under 4 KiB
SHOWN_BYTES = 1000


def count(value: Any) -> int | None:
    """A whole number from 0 to INT64_MAX, from an int, a float or decimal digits; None for anything else."""
    if isinstance(value, str):
        digits = value.strip()
        value = int(digits) if digits.isdecimal() and len(digits) <= INT64_DIGITS else None
    if isinstance(value, float):
        value = int(value) if 0 <= value < INT64_MAX else None  # NaN and infinity fail the comparison
    return value if isinstance(value, int) and 0 <= value <= INT64_MAX else None


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a time zone is taken for UTC.

    Raises:
        OverflowError: in UTC it lies outside of the years 1 to 9999.
    """
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(value: Any, parse: Callable[[Any], Any]) -> datetime | None:
    try:
        parsed = parse(value)
        return utc(parsed) if isinstance(parsed, datetime) else None
    except (ValidationError, OverflowError):
        return None


def _past_moment(value: Any, parse: Callable[[Any], Any]) -> datetime:
    return _moment(value, parse) or LONG_AGO


def _attempts(value: Any) -> int:
    return min(count(value) or 1, MOST_ATTEMPTS)


def _detail(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) else None


def _evidence(value: Any) -> str | None:
    if not isinstance(value, str) or len(value.encode(errors="replace")) <= EVIDENCE_BYTES:
        return value if isinstance(value, str) else None
    return json.dumps({"cut": clean(value[:EVIDENCE_BYTES], SHOWN_BYTES)})


Count = Annotated[int | None, BeforeValidator(count)]
"""A count, a size in bytes or a duration in milliseconds that others declare."""

Attempts = Annotated[int, BeforeValidator(_attempts)]
"""How often something was tried, from 1 to MOST_ATTEMPTS."""

Moment = Annotated[datetime | None, WrapValidator(_moment)]
"""A moment in UTC that others declare."""

PastMoment = Annotated[datetime, WrapValidator(_past_moment)]
"""A moment in UTC; one that cannot be read is LONG_AGO."""

Detail = Annotated[str | None, BeforeValidator(_detail)]
"""A message of one line, at most 1024 bytes."""

Evidence = Annotated[str | None, BeforeValidator(_evidence)]
"""JSON text of at most 16 KiB; of a longer one its beginning."""
