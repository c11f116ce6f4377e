"""Numbers, moments and texts of other people, made to fit a row: any value in, one that BigQuery holds or None out.

A page, a feed, an API or the metadata of an object may declare a duration of 26 digits or the year 0. Such a value
says nothing, and must cost neither the message nor the row that carries it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, WrapValidator

from earshot.audio.clean_text import clean

INT64_MAX = 2**63 - 1  # largest INTEGER of BigQuery
INT64_DIGITS = 19


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


def _required_moment(value: Any, parse: Callable[[Any], datetime]) -> datetime:
    try:
        return utc(parse(value))
    except OverflowError as error:
        raise ValueError(f"{error}: outside of the years 1 to 9999 in UTC") from error


def _detail(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


Count = Annotated[int | None, BeforeValidator(count)]
"""A count, a size in bytes or a duration in milliseconds that others declare."""

Moment = Annotated[datetime | None, WrapValidator(_moment)]
"""A moment in UTC that others declare."""

RequiredMoment = Annotated[datetime, WrapValidator(_required_moment)]
"""A moment in UTC; one that cannot be read is an error of the whole."""

Detail = Annotated[str | None, BeforeValidator(_detail)]
"""A message of one line, at most 1024 bytes."""
