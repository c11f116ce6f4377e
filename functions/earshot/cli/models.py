"""`earshot models`: the registry of models: what is there, what answers, and models in and out."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from google.api_core.exceptions import GoogleAPICallError

from earshot.adapters.model_registry import ROOT, ModelRegistry
from earshot.adapters.models_table import ModelsTable
from earshot.cli.compare_registry_models import compared, in_use
from earshot.cli.display import show as show_rows
from earshot.cli.options import Form
from earshot.cli.target import Cloud, DataDir, Target, at, explained, safe, say
from earshot.errors import BadRequest, ComeAgain
from earshot.local.endpoints import home_folder
from earshot.tagging.choose_model import SHIPPED
from earshot.tagging.model_manifest import ModelManifest
from earshot.tagging.vocabulary import TASKS, Task

app = typer.Typer(no_args_is_help=True, help="Models of the tagger: list, import, choose, compare.")
TRAINABLE = ("content", "instruments", "loudness_class")  # tasks of which models can be compared
TaskName = Annotated[str, typer.Argument(metavar="TASK", help=", ".join(TASKS))]


@app.command("list")
@explained
def list_models(form: Form = None, data_dir: DataDir = None, cloud: Cloud = False) -> None:
    """The models of each task: shipped and in the registry, and which of them answers."""
    with at(data_dir, cloud) as target:
        registry = ModelRegistry(target.bucket)
        rows: list[dict[str, Any]] = []
        for task in TASKS:
            pointer = registry.current(task)
            for manifest in shipped(task):
                rows.append(_row(manifest, "shipped", pointer is None))
            for manifest in registry.listed(task):
                rows.append(_row(manifest, "registry", pointer is not None and pointer.version == manifest.version))
        show_rows(rows, form)


@app.command("show")
@explained
def show_model(task: TaskName, version: str, data_dir: DataDir = None, cloud: Cloud = False) -> None:
    """A model's whole description: labels, thresholds, data, licences, metrics."""
    with at(data_dir, cloud) as target:
        known = [*shipped(checked(task)), *ModelRegistry(target.bucket).listed(checked(task))]
        for manifest in known:
            if manifest.version == version:
                typer.echo(manifest.as_json(), nl=False)
                return
        raise BadRequest(f"no model {version} for {task}; `earshot models list` has them")


@app.command("use")
@explained
def use(
    task: TaskName,
    version: Annotated[str, typer.Argument(help="A version of the registry, or shipped.")],
    force: Annotated[bool, typer.Option("--force", help="Choose it even if it is worse.")] = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Choose the model that answers a task from now on; an earlier one can be chosen again.

    A model that is worse than the one in use, on the task's evaluation manifest, is refused; --force chooses it.
    """
    with at(data_dir, cloud) as target:
        registry = ModelRegistry(target.bucket)
        with TemporaryDirectory(prefix="earshot-") as folder:
            if version != "shipped":
                verify(registry, checked(task), version, Path(folder))
            _refuse_worse(target, registry, checked(task), version, home_folder(data_dir) / "training", force)
        if version == "shipped":
            registry.clear(checked(task))
        else:
            registry.use(checked(task), version)
        known = shipped(checked(task)) if version == "shipped" else registry.listed(checked(task))
        chosen = next(manifest for manifest in known if version in ("shipped", manifest.version))
        uri = f"gs://{target.bucket.name}/{ROOT}/{task}/{version}" if version != "shipped" else "shipped"
        try:
            ModelsTable(target.bigquery, target.settings.dataset).append(chosen, uri, "in_use")
        except GoogleAPICallError as error:
            raise ComeAgain(
                f"{task} is answered by {version}, but the table models does not say so: {error.message}."
                " Run the command again"
            ) from error
        say.print(f"{task} is answered by {version}; taggers that run notice within a minute.")
        say.print(f"Hear again what another model heard: [bold]earshot tag --task {task} --outdated")


def _refuse_worse(target: Target, registry: ModelRegistry, task: Task, version: str, folder: Path, force: bool) -> None:
    """Compare with the model in use.

    Raises:
        BadRequest: it is worse, and not forced.
    """
    present = in_use(registry, task)
    if present is None or present == version or task not in TRAINABLE:
        return
    found = compared(target, task, present, version, folder)
    if found is None:
        say.print(f"[yellow]{task} has no evaluation manifest yet, so the models were not compared.")
        return
    sentence = found.sentence(present, version)
    if found.is_worse and not force:
        raise BadRequest(f"{sentence}; --force chooses it all the same")
    say.print(safe(sentence))


@app.command("import")
@explained
def import_model(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="FOLDER | hf://OWNER/REPO[@REVISION] | yamnet WHERE",
            help="A folder with model.onnx and model.json; a model of a hub; or yamnet and where yamnet.h5 is:"
            " PATH, gs://… or https://….",
        ),
    ],
    sha256: Annotated[str | None, typer.Option(help="Hash that the file must have.")] = None,
    make_current: Annotated[bool, typer.Option("--use", help="Choose it for its task at once.")] = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Check a model and put it into the registry."""
    from earshot.cli.import_models import imported

    with at(data_dir, cloud) as target, TemporaryDirectory(prefix="earshot-") as folder:
        registry = ModelRegistry(target.bucket)
        for made, backbone in imported(source, sha256, Path(folder), target):
            manifest = registry.put(made, backbone)
            say.print(f"{manifest.task}: {manifest.name} {manifest.version}, sha256 {manifest.sha256}")
            for licence in manifest.licences:
                say.print(f"  {licence.name}: {licence.licence} {licence.url}")
            if make_current:
                registry.use(manifest.task, manifest.version)
                say.print(f"  answers {manifest.task} from now on")


@app.command("push")
@explained
def push(
    task: TaskName,
    version: str,
    repository: Annotated[str, typer.Argument(metavar="hf://OWNER/REPO")],
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Put a model of the registry, or the shipped one, into a repository of a model hub."""
    from earshot.adapters.model_hub import upload_model

    with at(data_dir, cloud) as target, TemporaryDirectory(prefix="earshot-") as folder:
        place = SHIPPED / task
        if version != "shipped":
            place = ModelRegistry(target.bucket).fetch(checked(task), version, Path(folder), Path(folder, "backbones"))
        revision = upload_model(place, repository)
        say.print(f"{task} {version} is revision {revision} of {repository}")


@app.command("compare")
@explained
def compare(
    task: TaskName,
    one: Annotated[str, typer.Argument(help="A version of the registry, or shipped.")],
    other: Annotated[str, typer.Argument(help="A version of the registry, or shipped.")],
    form: Form = None,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Two models side by side on the task's evaluation manifest: figures by label, and whether the other is better.

    Where the task has no evaluation manifest yet: what their descriptions say, and their own metrics.
    """
    with at(data_dir, cloud) as target:
        known = {manifest.version: manifest for manifest in ModelRegistry(target.bucket).listed(checked(task))}
        for manifest in shipped(checked(task)):
            known["shipped"] = manifest
        missing = [version for version in (one, other) if version not in known]
        if missing:
            raise BadRequest(f"no model {missing[0]} for {task}; `earshot models list` has them")
        facts = [_facts(known[version]) for version in (one, other)]
        names = sorted(facts[0].keys() | facts[1].keys())
        rows = [{"of": name, one: facts[0].get(name), other: facts[1].get(name)} for name in names]
        found = compared(target, checked(task), one, other, home_folder(data_dir) / "training")
        if found:
            rows += [{"of": row["of"], one: row["one"], other: row["other"]} for row in found.rows]
            say.print(safe(found.sentence(one, other)))
        show_rows(rows, form)


def checked(task: str) -> Task:
    """The name of a task.

    Raises:
        BadRequest: it is none.
    """
    if task not in TASKS:
        raise BadRequest(f"{task} is no task: {', '.join(TASKS)}")
    return task


def verify(registry: ModelRegistry, task: Task, version: str, folder: Path) -> None:
    """Bring a model here and check it, so that the pointer never names one that will be refused.

    Raises:
        ModelRefused: with the reason.
    """
    from earshot.tagging.onnx_model import OnnxModel

    OnnxModel.load(registry.fetch(task, version, folder, folder / "backbones"), backbones=folder / "backbones")


def shipped(task: Task) -> list[ModelManifest]:
    """The model in this package, if there is one."""
    described = SHIPPED / task / "model.json"
    return [ModelManifest.from_json(described.read_bytes())] if described.is_file() else []


def _row(manifest: ModelManifest, where: str, answers: bool) -> dict[str, Any]:
    return {
        "task": manifest.task,
        "model": manifest.name,
        "version": manifest.version,
        "stage": manifest.stage,
        "where": where,
        "answers": answers,
        "backbone": manifest.backbone.name if manifest.backbone else None,
        "labels": len(manifest.labels),
    }


def _facts(manifest: ModelManifest) -> dict[str, Any]:
    metrics = {f"metric {name}": value for name, value in manifest.metrics.items() if not isinstance(value, dict)}
    return {
        "name": manifest.name,
        "stage": manifest.stage,
        "labels": ", ".join(manifest.labels),
        "window_ms": manifest.window_ms,
        "hop_ms": manifest.hop_ms,
        "backbone": manifest.backbone.name if manifest.backbone else None,
        "data_sha256": manifest.training.data_sha256[:12],
        **metrics,
    }
