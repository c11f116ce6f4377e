"""Prints rows: as a table or as records for people, as CSV, JSON or Parquet for programs."""

import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TextIO, cast

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from earshot.cli.row_formats import Row, json_text, printable, write_csv, write_json
from earshot.errors import BadRequest

WIDTH = 120  # columns if the output is not a terminal and COLUMNS is not set
NOTHING = "No rows."


class Format(StrEnum):
    """Output format of rows."""

    TABLE = "table"
    VERTICAL = "vertical"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def show(
    rows: Iterable[Row],
    form: Format | None = None,
    *,
    columns: Sequence[str] = (),
    title: str | None = None,
    out: Path | None = None,
    raw: bool = False,
) -> None:
    """Write rows to standard output or a file.

    Args:
        form: None gives a table, or one record per block where a table would be wider than the terminal.
        columns: names for the header if there are no rows; by default those of the first row.
        out: a file, which appears once it is complete; its extension is the format if `form` is None.
        raw: leave untrusted text as it is (CSV formulas, control characters).
    """
    if form is None and out is not None and out.suffix[1:] in set(Format):
        form = Format(out.suffix[1:])
    if form is Format.PARQUET:
        raise BadRequest("--format parquet is for `earshot sql` with --out FILE")
    with _text_file(out) if out else nullcontext(sys.stdout) as stream:
        if form is Format.JSON:
            write_json(rows, stream)
            return
        listed = list(rows)
        names = list(columns) or list(listed[0] if listed else ())
        if form is Format.CSV:
            write_csv(listed, names, stream, raw=raw)
        elif not listed:
            stream.write(f"{NOTHING}\n")
        else:
            stream.write(_for_people(listed, form, title, raw=raw, colours=stream.isatty()))


def _for_people(rows: Sequence[Row], form: Format | None, title: str | None, *, raw: bool, colours: bool) -> str:
    made = table(rows, title, raw=raw)
    if form is not Format.VERTICAL:
        text, width = _rendered(made, colours=colours)
        if form is Format.TABLE or width <= width_available():
            return text
    return vertical(rows, title, raw=raw)


def width_available() -> int:
    """Columns of the terminal, or of COLUMNS, or 120 if the output is not a terminal."""
    if os.environ.get("COLUMNS", "").isdigit():
        return int(os.environ["COLUMNS"])
    return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else WIDTH


def _rendered(made: Table, *, colours: bool) -> tuple[str, int]:
    """The table as text at its natural width, which nothing squeezes or wraps, and that width."""
    console = Console(file=io.StringIO(), width=100_000, highlight=False, force_terminal=colours)
    width = console.measure(made).maximum
    console.width = width
    with console.capture() as captured:
        console.print(made)
    return captured.get(), width


def table(rows: Sequence[Row], title: str | None = None, *, raw: bool = False) -> Table:
    """Rows as a table; numbers are aligned right, NULL is empty, control characters are visible."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold cyan", box=SIMPLE_HEAD)
    for name in rows[0]:
        numeric = any(isinstance(row[name], int | float) for row in rows)
        made.add_column(escape(printable(name)), justify="right" if numeric else "left", no_wrap=True)
    for row in rows:
        made.add_row(*(escape(_one_line(text(value), raw=raw)) for value in row.values()))
    return made


def vertical(rows: Sequence[Row], title: str | None = None, *, raw: bool = False) -> str:
    """One record per block, one line per column, as psql shows them in expanded mode."""
    lines = [title] if title else []
    longest = max(len(name) for name in rows[0])
    for number, row in enumerate(rows, 1):
        lines.append(f"─[ {number} ]".ljust(longest + 3, "─"))
        lines += [f"{printable(name):<{longest}}  {_one_line(text(row[name]), raw=raw)}".rstrip() for name in row]
    return "\n".join(lines) + "\n"


def text(value: Any) -> str:
    """A value as the text of a table cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.2g}" if 0 < abs(value) < 0.01 else f"{value:.2f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return json_text(value) if isinstance(value, list | dict) else str(value)


def _one_line(text: str, *, raw: bool) -> str:
    return text if raw else printable(text.replace("\n", "⏎").replace("\t", " "))


@contextmanager
def _text_file(path: Path) -> Iterator[TextIO]:
    """A file that takes its name once it has been written completely."""
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=".earshot-", delete=False
    ) as file:
        try:
            yield cast("TextIO", file)
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
