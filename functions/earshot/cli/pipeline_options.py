"""Options of the commands that can run on Apache Beam."""

from typing import Annotated

import typer

from earshot.cli.target import Target
from earshot.pipelines.runner import Runner, RunnerOptions

RunnerOption = Annotated[
    Runner | None,
    typer.Option("--runner", help="Run on Apache Beam: direct is this machine, dataflow the project."),
]
Processes = Annotated[int, typer.Option(min=1, max=64, help="Worker processes of --runner direct.")]
Region = Annotated[str, typer.Option(help="Region of --runner dataflow.")]
Temp = Annotated[str, typer.Option(help="gs://… for temporary files of --runner dataflow.", metavar="gs://…")]
Image = Annotated[str, typer.Option(help="Image of the workers of --runner dataflow.")]
Account = Annotated[str, typer.Option(help="Service account of the workers of --runner dataflow.")]
MostWorkers = Annotated[int, typer.Option("--max-workers", min=1, max=1000, help="Most machines of --runner dataflow.")]


def runner_options(
    target: Target,
    runner: Runner | None,
    *,
    processes: int,
    region: str,
    temp: str,
    image: str,
    account: str,
    most_workers: int,
) -> RunnerOptions | None:
    """The options of a pipeline; None if none is wanted.

    Raises:
        BadRequest: Dataflow lacks an option.
    """
    if runner is None:
        return None
    options = RunnerOptions(
        runner,
        target.settings.project,
        processes=processes,
        region=region,
        temp=temp,
        image=image,
        account=account,
        most_workers=most_workers,
    )
    options.check()
    return options
