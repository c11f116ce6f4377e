"""Annotations as files: CSV of ours, label tracks of Audacity, region layers of Sonic Visualiser as CSV.

The latter two hold seconds and name neither the recording nor the annotator, so the caller names them.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from earshot.audio.annotation import Annotation
from earshot.audio.identifiers import now

COLUMNS = ("gcp_url", "task", "label", "start_ms", "end_ms", "annotator")
FORMATS = ("csv", "audacity", "sonic-visualiser")


class BadAnnotations(ValueError):
    """A file that holds no annotations of the format named; the message gives the line and what is wrong."""


def read(text: str, form: str, known: Mapping[str, str]) -> list[Annotation]:
    """All annotations of a file, all made at one moment, so that labels of one stretch hold together.

    Args:
        form: one of FORMATS.
        known: values for fields that the file does not have: gcp_url, task, annotator.

    Raises:
        BadAnnotations: nothing is returned of a file with one wrong line.
    """
    if form not in FORMATS:
        raise BadAnnotations(f"{form} is no format; formats are {', '.join(FORMATS)}")
    rows = {"csv": _csv, "audacity": _audacity, "sonic-visualiser": _sonic_visualiser}[form](text.lstrip("\ufeff"))
    found, moment = [], now()
    for line, row in rows:
        given = {name: value for name, value in row.items() if value is not None}
        try:
            found.append(Annotation(**{**known, **given, "source": form, "created_at": moment}))
        except (ValidationError, TypeError) as error:
            first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
            raise BadAnnotations(f"line {line}: {' '.join(map(str, first['loc']))}: {first['msg']}") from error
    if not found:
        raise BadAnnotations("there is no annotation in the file")
    return found


def write(annotations: Iterable[Annotation], form: str) -> str:
    """A file's text; Audacity's and Sonic Visualiser's formats hold one recording, so the caller selects one."""
    out = io.StringIO()
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(annotation, name) for name in COLUMNS] for annotation in annotations)
    elif form == "audacity":
        for one in annotations:
            out.write(f"{one.start_ms / 1000:.6f}\t{one.end_ms / 1000:.6f}\t{one.label}\n")
    elif form == "sonic-visualiser":
        writer = csv.writer(out, lineterminator="\n")
        for one in annotations:
            writer.writerow([f"{one.start_ms / 1000:.9f}", "0", f"{(one.end_ms - one.start_ms) / 1000:.9f}", one.label])
    else:
        raise BadAnnotations(f"{form} is no format; formats are {', '.join(FORMATS)}")
    return out.getvalue()


def _csv(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    missing = {"label", "start_ms", "end_ms"} - set(reader.fieldnames or ())
    if missing:
        raise BadAnnotations(f"line 1: there is no column {', '.join(sorted(missing))}")
    for row in reader:
        yield (
            reader.line_num,
            {name: row.get(name) for name in COLUMNS if row.get(name) not in (None, "") or name == "label"},
        )


def _audacity(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, content in enumerate(text.splitlines(), 1):
        if not content.strip() or content.startswith("\\"):  # a line with frequencies follows a spectral label
            continue
        cells = content.split("\t")
        if len(cells) < 2:
            raise BadAnnotations(f"line {line}: start, end and label must be separated by tabs")
        yield line, _stretch(line, cells[0], cells[1], cells[2] if len(cells) > 2 else "")


def _sonic_visualiser(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of a region layer: start, value, duration, label; a value that is missing is allowed."""
    reader = csv.reader(io.StringIO(text))
    for cells in reader:
        if not cells or cells[0].strip().lower().startswith("start"):
            continue
        if len(cells) < 3:
            raise BadAnnotations(f"line {reader.line_num}: start, value, duration and label are needed")
        duration = cells[2] if len(cells) > 3 else cells[1]
        try:
            end = str(float(cells[0]) + float(duration))
        except ValueError as error:
            raise BadAnnotations(f"line {reader.line_num}: {error}") from error
        yield reader.line_num, _stretch(reader.line_num, cells[0], end, cells[-1])


def _stretch(line: int, start_s: str, end_s: str, label: str) -> dict[str, Any]:
    try:
        start, end = round(float(start_s) * 1000), round(float(end_s) * 1000)
    except (ValueError, OverflowError) as error:
        raise BadAnnotations(f"line {line}: {start_s} and {end_s} are no times in seconds") from error
    return {"start_ms": start, "end_ms": end, "label": label.strip()}
