"""Prints rows: as a table for people, as CSV or JSON for programs."""

import csv
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from earshot.cli.target import Row

WIDTH = 120  # columns if the output is not a terminal


class Format(StrEnum):
    """Output format of rows."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def show(rows: Sequence[Row], form: Format = Format.TABLE, title: str | None = None) -> None:
    """Write rows to standard output."""
    if form is Format.JSON:
        json.dump([dict(row) for row in rows], sys.stdout, default=str, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    elif form is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerows([list(rows[0]), *(row.values() for row in rows)] if rows else [])
    elif rows:
        _console().print(table(rows, title))
    else:
        _console().print("[dim]No rows.")


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    return console


def table(rows: Sequence[Row], title: str | None = None) -> Table:
    """Rows as a table; numbers are aligned right, NULL is empty."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold cyan", box=SIMPLE_HEAD)
    for name in rows[0]:
        numeric = any(isinstance(row[name], int | float) for row in rows)
        made.add_column(escape(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        made.add_row(*(escape(text(value)) for value in row.values()))
    return made


def text(value: Any) -> str:
    """A value as the text of a table cell."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.2g}" if 0 < abs(value) < 0.01 else f"{value:.2f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)
