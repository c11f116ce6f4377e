"""`earshot measure`: every measure of local files, without a stack."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

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
        for row in _measured(files, reference):
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


def _measured(files: list[Path], reference: Path | None) -> Iterator[Row]:
    """A row of measures, or of a refusal, for each file."""
    from earshot.configured_measures import Measures
    from earshot.settings import Analyser

    settings = Analyser(project="local", bucket="local")
    measures = Measures(settings)
    for path in files:
        try:
            size = path.stat().st_size
            if size > settings.max_audio_bytes:
                raise TooLarge(f"{size} bytes, limit is {settings.max_audio_bytes}")
            facts = dict(measures.measure(path))
            facts.pop("cpu_ms", None)
            compared = dict(measures.compare(path, reference, spent_s=0.0))
            compared.pop("cpu_ms", None)
        except GiveUp as error:
            yield {"file": str(path), "reason": error.reason, "detail": str(error), "what_to_do": advice(error.reason)}
            continue
        yield {"file": str(path), **facts, **compared, **measures.classify(float(str(facts["loudness"])))}
