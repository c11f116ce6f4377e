"""`earshot train`: from SQL, a manifest or synthetic audio to a model in the registry."""

import math
from pathlib import Path
from typing import Annotated

import typer

from earshot.adapters.bucket import Bucket
from earshot.adapters.model_registry import ROOT, ModelRegistry
from earshot.adapters.models_table import ModelsTable
from earshot.adapters.queries import Queries
from earshot.cli.progress_bar import progress_bar
from earshot.cli.target import Cloud, DataDir, NoTarget, Target, at, explained, safe, say
from earshot.local.endpoints import home_folder

TRAINABLE = ("content", "instruments", "loudness_class")


@explained
def train(
    task: Annotated[str, typer.Argument(metavar="TASK", help=", ".join(TRAINABLE))],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[GROUP=CHOICE | NAME=VALUE]…",
            help="Overrides of the configuration, as Hydra writes them: network=head data=query query=@file.sql.",
        ),
    ] = None,
    show_config: Annotated[bool, typer.Option("--show-config", help="Print the configuration and stop.")] = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Train a model and put it into the registry; it answers nothing before `earshot models use`.

    Groups: data (query, manifest, synthetic), frontend, augment, mix, network (head, or the task's own), fit,
    evaluate. Writes model.onnx, model.json, config.yaml, metrics.json, card.md, the manifest of the data and pictures.
    Audio, features and models lie in .earshot/training, so an interrupted training goes on from what is there.
    """
    if task not in TRAINABLE:
        raise typer.BadParameter(f"{task} is none of {', '.join(TRAINABLE)}")
    from earshot.training.configuration import compose

    config = compose(task, overrides or [])
    if show_config:
        typer.echo(config.as_yaml, nl=False)
        return
    home = home_folder(data_dir) / "training"
    if config.data.kind != "query":
        try:
            with at(data_dir, cloud) as target:
                train_at(target, home, task, overrides or [])
        except NoTarget:
            train_at(None, home, task, overrides or [])
        return
    with at(data_dir, cloud) as target:
        train_at(target, home, task, overrides or [])


def train_at(target: Target | None, home: Path, task: str, overrides: list[str]) -> None:
    """Train, and put the model into the target's registry and its table `models`; without a target, on this machine."""
    from earshot.training.configuration import compose
    from earshot.training.run_training import Services, run

    config = compose(task, overrides)
    services = Services()
    if target:
        services = Services(
            Queries(target.bigquery, target.settings.dataset), Bucket(target.bucket), ModelRegistry(target.bucket)
        )
    with progress_bar() as progress:
        bar = progress.add_task("reading", total=None)
        made = run(
            config,
            home,
            services,
            lambda text: say.print(safe(text)),
            lambda done, of: progress.update(bar, completed=done, total=of),
        )
    manifest = made.manifest
    for name in ("validation", "test"):
        figures = manifest.metrics.get(name)
        if figures and None not in figures["interval"]:
            figure = next(iter(figures))
            low, high = figures["interval"]
            say.print(f"{name}: {figure} {figures[figure]:.3f} (95 % interval {low:.3f} to {high:.3f})")
    for name, row in manifest.metrics.get("baselines", {}).items():
        if row["value"] is not None and not math.isnan(row["value"]):
            say.print(f"  baseline {name}: {row['value']:.3f}")
    say.print(f"{manifest.task} {manifest.version} is in {safe(str(made.folder))}")
    if target:
        registry = ModelRegistry(target.bucket)
        registry.put(made.folder, made.backbone)
        uri = f"gs://{target.bucket.name}/{ROOT}/{manifest.task}/{manifest.version}"
        ModelsTable(target.bigquery, target.settings.dataset).append(manifest, uri)
        say.print(f"Choose it: [bold]earshot models use {manifest.task} {manifest.version}")
    typer.echo(manifest.version)
