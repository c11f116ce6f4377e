"""`earshot measure`: every measure of local files, without a stack."""

import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from earshot.cli.display import Format, show
from earshot.cli.local_files import LeftOut, regular_files
from earshot.cli.options import Form
from earshot.cli.progress_bar import progress_bar
from earshot.cli.row_formats import Row, json_text
from earshot.cli.target import explained, safe, say
from earshot.errors import GiveUp, TooLarge
from earshot.operating.refusal_advice import advice
from earshot.plurals import counted

if TYPE_CHECKING:
    from earshot.configured_measures import Measures

AHEAD: Final = 200  # files at most that are measured, or wait to be, before the first of them is printed


@explained
def measure(
    paths: Annotated[list[Path], typer.Argument(metavar="DIR|FILE…", exists=True, help="Files and folders.")],
    reference: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, metavar="FILE", help="The clean original of these files, for PESQ."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line and file.")] = False,
    form: Form = None,
) -> None:
    """Measure local files, without a stack and without storing anything.

    Prints the measures that a row of audio_metadata has, by the settings of the analyser (`earshot settings
    analyser`). A file that would be refused in the cloud is listed with the same reason. Exits with 1 if a file was
    refused or could not be read.
    """
    files, left_out = [], 0
    for found in regular_files(paths):
        if isinstance(found, LeftOut):
            say.print(f"[yellow]left out:[/] {safe(f'{found.path}: {found.reason}')}")
            left_out += found.reason != "hidden"
        else:
            files.append(found)
    rows: list[Row] = []
    refused: list[Row] = []
    with progress_bar() as progress:
        task = progress.add_task("measuring", total=len(files))
        for row in measured_rows(files, reference):
            (refused if "reason" in row else rows).append(row)
            if as_json:
                sys.stdout.write(f"{json_text(dict(row))}\n")
                sys.stdout.flush()
            progress.advance(task)
    if not as_json:
        if rows or form in (Format.CSV, Format.JSON):
            show(rows, form)
        for row in refused:
            say.print(f"[yellow]refused:[/] {safe('{file}: {reason}, {detail} ({what_to_do})'.format(**row))}")
    say.print(f"{counted(len(rows), 'file')} measured, {len(refused)} refused, {left_out} left out.")
    if refused or left_out or not files:
        raise typer.Exit(1)


def measured_rows(files: Sequence[Path], reference: Path | None) -> Iterator[Row]:
    """A row of measures, or of a refusal, for each file in order; as many at a time as there are processors."""
    from earshot.sound.measure_in_process import ISOLATED

    ISOLATED.start()  # imports the decoders while this process imports the settings

    from earshot.configured_measures import Measures
    from earshot.settings import Analyser

    settings = Analyser(project="local", bucket="local")
    measured = partial(_measured_file, measures=Measures(settings), reference=reference, most=settings.max_audio_bytes)
    waiting: deque[Future[Row]] = deque()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for path in files:
                waiting.append(pool.submit(measured, path))
                if len(waiting) == AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:  # such as Ctrl-C, which is not to wait until six hours are measured
            pool.shutdown(wait=False, cancel_futures=True)
            ISOLATED.abort()
            raise


def _measured_file(path: Path, *, measures: "Measures", reference: Path | None, most: int) -> Row:
    try:
        size = path.stat().st_size
        if size > most:
            raise TooLarge(f"{size} bytes, limit is {most}")
        facts = dict(measures.measure(path))
        compared = dict(measures.compare(path, reference, spent_s=0.0))
    except GiveUp as error:
        return {"file": str(path), "reason": error.reason, "detail": str(error), "what_to_do": advice(error.reason)}
    row = {"file": str(path), **facts, **compared, **measures.classify(float(str(facts["loudness"])))}
    row.pop("cpu_ms", None)
    return row
