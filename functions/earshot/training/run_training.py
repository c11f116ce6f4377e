"""One training from its configuration to a model folder: data, split, fit, export, figures, card.

Nothing here knows a cloud: rows, audio and the registry come in as protocols, so a laptop and a job run the same.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from earshot.audio import Annotation
from earshot.tagging.choose_model import SHIPPED
from earshot.tagging.current_models import Pointer
from earshot.tagging.model_manifest import ModelManifest
from earshot.tagging.onnx_model import OnnxModel
from earshot.tagging.vocabulary import Task
from earshot.training.annotator_ceiling import ALL, ceiling
from earshot.training.baselines import baselines
from earshot.training.configuration import TrainingConfig
from earshot.training.data_of_configuration import data_of
from earshot.training.evaluation import evaluate, figures
from earshot.training.fit_model import Fitted, InUse, fit_model
from earshot.training.front_end import FrontEnd
from earshot.training.model_folder import Figures, write_model
from earshot.training.query_data import AudioStore, Progress, Queries, bring
from earshot.training.synthesis.wav_and_spectrum_tools import read_mono
from earshot.training.training_data_manifest import Row, manifest_text, parse_manifest

Say = Callable[[str], None]


class Registry(Protocol):
    """Where models and evaluation manifests lie."""

    def current(self, task: Task) -> Pointer | None: ...
    def fetch(self, task: Task, version: str, folder: Path, backbones: Path) -> Path: ...
    def evaluation(self, task: Task) -> str | None: ...
    def freeze_evaluation(self, task: Task, text: str) -> str: ...


@dataclass(frozen=True)
class Services:
    """What lies outside; any of them is None where a training needs none."""

    queries: Queries | None = None
    store: AudioStore | None = None
    registry: Registry | None = None


@dataclass(frozen=True)
class Made:
    """A model folder and what is in it."""

    folder: Path
    manifest: ModelManifest
    backbone: Path | None


def run(config: TrainingConfig, home: Path, services: Services, say: Say, progress: Progress) -> Made:
    """Train, evaluate, write; returns the model's folder below `home`.

    Raises:
        BadRequest: the configuration and the data do not fit; the message says what is missing.
    """
    task = config.task.name
    frozen = _frozen(task, services)
    held_out = frozenset(row.group for row in frozen)
    data = data_of(config, home, services.queries, services.store, held_out, progress)
    say(data.summary)
    counts = dict(data.counts)
    test = [row for row in data.rows if row.split == "test"]
    if frozen and services.store:
        test, counts["evaluation_recordings_gone"] = bring(
            frozen, services.store, home / "audio", config.frontend.sample_rate_hz
        )
    learned = [row for row in data.rows if row.split != "test"]
    digest = hashlib.sha256((config.as_yaml + "".join(sorted(row.as_json() for row in learned))).encode()).hexdigest()
    in_use = _in_use(task, services.registry, home)
    fitted = fit_model(config, learned, data.root, home, home / "work" / f"{task}-{digest[:12]}", in_use, say)
    if services.registry and test and not frozen and config.evaluate.freeze and config.data.kind == "query":
        services.registry.freeze_evaluation(task, manifest_text(test))
        say(f"{len({row.group for row in test})} groups of the test are the evaluation manifest of {task} from now on")
    figured = _figures(config, data.root, learned, test, fitted, in_use, services, counts)
    folder, manifest = write_model(config, fitted, learned, test, figured, home / "models" / task)
    return Made(folder, manifest, fitted.backbone)


def _frozen(task: Task, services: Services) -> list[Row]:
    text = services.registry.evaluation(task) if services.registry else None
    return parse_manifest(text, f"the evaluation manifest of {task}") if text else []


def _in_use(task: Task, registry: Registry | None, home: Path) -> InUse:
    """Folder and backbones of the model that answers now; None where there is none."""
    pointer = registry.current(task) if registry else None
    if registry and pointer:
        backbones = home / "backbones"
        return registry.fetch(task, pointer.version, home / "fetched", backbones), backbones
    shipped = SHIPPED / task
    return (shipped, None) if (shipped / "model.json").is_file() else None


def _figures(
    config: TrainingConfig,
    root: Path,
    learned: list[Row],
    test: list[Row],
    fitted: Fitted,
    in_use: InUse,
    services: Services,
    counts: dict[str, Any],
) -> Figures:
    """Figures on the test rows beside the baselines, the model in use, and how far people agree."""
    metrics: dict[str, Any] = {**fitted.metrics, "data": counts}
    agreed = _ceiling(config, services.queries)
    if agreed:
        metrics["annotator_ceiling"] = agreed
    rate = config.frontend.sample_rate_hz

    def read(row: Row) -> Any:
        return read_mono(root / row.path, rate)

    validation = [row for row in learned if row.split == "validation"]
    model = fitted.load()
    judged = None
    for name, rows in (("validation", validation), ("test", test)):
        if any(row.labels for row in rows) and config.data.kind != "synthetic":
            heard = evaluate(model, rows, read, rate)
            metrics[name] = figures(heard, fitted.thresholds)
            judged = heard.truth, heard.scores, heard.labels
    if any(row.labels for row in test) and config.data.kind != "synthetic":
        metrics["evaluation_sha256"] = hashlib.sha256(manifest_text(test).encode()).hexdigest()
        front_end = FrontEnd(**config.frontend.model_dump())
        window, hop = (rate * ms // 1000 for ms in (config.task.window_ms, config.task.hop_ms))
        train = [row for row in learned if row.split == "train"]
        metrics["baselines"] = baselines(
            config.evaluate.baselines, config.task.name, train, test, read, fitted.labels, front_end, window, hop
        )
        if in_use and "in_use" in config.evaluate.baselines:
            now = OnnxModel.load(in_use[0], backbones=in_use[1])
            heard = evaluate(now, test, read, rate)
            row = figures(heard, now.thresholds)
            metrics["baselines"]["in_use"] = {
                "value": row[heard.primary],
                "interval": row["interval"],
                "model": f"{now.name} {now.version}",
            }
    return Figures(json.loads(json.dumps(metrics)), judged)


def _ceiling(config: TrainingConfig, queries: Queries | None) -> dict[str, Any] | None:
    if queries is None or config.data.kind != "query":
        return None
    rows = queries.rows(ALL, task=config.task.name)
    known = [Annotation(**row) for row in rows if not row["label"] or row["label"] in config.task.labels]
    return ceiling(known, config.task.labels, config.task.hop_ms)
