"""`earshot annotate`: imports and exports judgements of what is heard, and names the stretch to judge next."""

import csv
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from earshot.adapters.annotations_table import AnnotationsTable
from earshot.audio import Annotation
from earshot.audio.annotation_files import BadAnnotations, read, write
from earshot.cli.target import Cloud, DataDir, at, explained, say
from earshot.plurals import counted

app = typer.Typer(
    no_args_is_help=True, help="Judgements of what is heard: import, export, and which stretch to judge next."
)


class Form(StrEnum):
    """File formats of annotations."""

    CSV = "csv"
    AUDACITY = "audacity"
    SONIC_VISUALISER = "sonic-visualiser"


Which = Annotated[Form, typer.Option("--format", help="Format of the file.")]
MOST_BYTES = 64 * 1024 * 1024  # of a file of annotations


@app.command("import")
@explained
def import_(
    file: Annotated[Path, typer.Argument(help="File of annotations.", exists=True, dir_okay=False)],
    form: Which = Form.CSV,
    gcp_url: Annotated[str, typer.Option(help="The recording, where the file does not name it.")] = "",
    task: Annotated[str, typer.Option(help="content, instruments or loudness_class.")] = "content",
    annotator: Annotated[str, typer.Option(help="Who judged, where the file does not say.")] = "",
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Append the annotations of a file to the table; of judgements of the same stretch the latest holds.

    CSV has the columns gcp_url, task, label, start_ms, end_ms, annotator. Audacity's label tracks and the region
    layers of Sonic Visualiser name no recording: add --gcp-url. Nothing is appended of a file with a wrong line.
    """
    if file.stat().st_size > MOST_BYTES:
        raise typer.BadParameter(f"{file} is larger than {MOST_BYTES} bytes")
    known = {name: value for name, value in (("gcp_url", gcp_url), ("task", task), ("annotator", annotator)) if value}
    try:
        annotations = read(file.read_text(encoding="utf-8"), form, known)
    except (BadAnnotations, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file}: {error}") from error
    with at(data_dir, cloud) as target:
        target.confirm(f"Append {counted(len(annotations), 'annotation')}", yes=False)
        AnnotationsTable(target.bigquery, target.settings.dataset).append(annotations)
        say.print(f"{counted(len(annotations), 'annotation')} appended.")


@app.command()
@explained
def export(
    form: Which = Form.CSV,
    gcp_url: Annotated[str, typer.Option(help="Of this recording only.")] = "",
    task: Annotated[str, typer.Option(help="Of this task only.")] = "",
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Write the judgements that hold (view annotations_current) to standard output."""
    if form != Form.CSV and not (gcp_url and task):
        raise typer.BadParameter(f"{form} names no recording and no task: add --gcp-url and --task")
    with at(data_dir, cloud) as target:
        rows = target.query(
            "SELECT * FROM annotations_current WHERE @url IN ('', gcp_url) AND @task IN ('', task)"
            " ORDER BY gcp_url, task, start_ms, label",
            url=gcp_url,
            task=task,
        )
    typer.echo(write([Annotation(**row) for row in rows], form), nl=False)


class By(StrEnum):
    """What the next stretch is chosen by."""

    UNCERTAINTY = "uncertainty"
    DISAGREEMENT = "disagreement"
    RANDOM = "random"


NEXT = {
    By.UNCERTAINTY: """
        SELECT gcp_url, task, label, start_ms, end_ms, score FROM annotation_candidates
        WHERE task = @task AND NOT is_judged ORDER BY uncertainty DESC, lot, start_ms LIMIT 1000
    """,
    By.DISAGREEMENT: """
        SELECT gcp_url, task, label, start_ms, end_ms, score FROM annotation_candidates
        WHERE task = @task AND is_disagreement ORDER BY score DESC, lot, start_ms LIMIT 1000
    """,
    By.RANDOM: """
        SELECT gcp_url, task, label, start_ms, end_ms, score FROM annotation_candidates
        WHERE task = @task AND NOT is_judged ORDER BY lot, start_ms LIMIT 1000
    """,
}


@app.command("next")
@explained
def next_(
    task: Annotated[str, typer.Option(help="content, instruments or loudness_class.")] = "content",
    by: Annotated[By, typer.Option(help="Least certain, judged otherwise than heard, or at random.")] = By.UNCERTAINTY,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Largest number of stretches.")] = 10,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Name the stretches whose judgement would say most (view annotation_candidates), as CSV for `annotate import`."""
    with at(data_dir, cloud) as target:
        rows = target.query(NEXT[by], task=task)[:limit]
    typer.echo("gcp_url,task,label,start_ms,end_ms,score")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in rows:
        writer.writerow(
            [*(row[name] for name in ("gcp_url", "task", "label", "start_ms", "end_ms")), f"{row['score']:.3f}"]
        )
