"""Fit what the configuration names, a head or a network, and write its graph: `model.onnx`, checked."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earshot.errors import BadRequest
from earshot.tagging.choose_model import SHIPPED
from earshot.tagging.model_manifest import Backbone, ModelManifest
from earshot.tagging.onnx_model import OnnxModel, file_sha256
from earshot.training.backbone import Embedder, cut_backbone
from earshot.training.configuration import TrainingConfig
from earshot.training.synthesis.wav_and_spectrum_tools import read_mono
from earshot.training.train_head import examples_of, train_head, write_head
from earshot.training.training_data_manifest import Row

UNDATED = "00000000T000000Z-00000000"  # the version of a model that is not written yet
Say = Callable[[str], None]
NAMES = {"cnn": "cnn-3", "attention": "cnn-4-attention", "statistics": "dense-on-statistics", "dense": "dense-2"}


@dataclass(frozen=True)
class Fitted:
    """A graph on disk and what its description needs.

    Attributes:
        folder: has `model.onnx`.
        backbone: folder of the backbone of a head.
    """

    folder: Path
    task: str
    name: str
    labels: tuple[str, ...]
    activation: str
    sample_rate_hz: int
    window_ms: int
    hop_ms: int
    front_end: str
    thresholds: Mapping[str, float]
    curves: Mapping[str, Sequence[float]]
    metrics: Mapping[str, Any]
    backbone: Path | None = None

    def manifest(self, **fields: Any) -> ModelManifest:
        """The content of model.json; `fields` are those that only the caller knows."""
        return ModelManifest(
            **{
                "task": self.task,
                "name": self.name,
                "version": UNDATED,
                "stage": "trained",
                "labels": self.labels,
                "activation": self.activation,
                "sample_rate_hz": self.sample_rate_hz,
                "window_ms": self.window_ms,
                "hop_ms": self.hop_ms,
                "input": "embeddings" if self.backbone else "samples",
                "thresholds": dict(self.thresholds),
                "front_end": self.front_end,
                "backbone": self.described_backbone,
                "sha256": file_sha256(self.folder / "model.onnx"),
                **fields,
            }
        )

    def load(self) -> OnnxModel:
        """The model as the tagger will load it.

        Raises:
            ModelRefused: the tagger would refuse it.
        """
        (self.folder / "model.json").write_text(self.manifest().as_json())
        if self.backbone is None:
            return OnnxModel.load(self.folder)
        backbones = self.folder / "backbones"
        place = backbones / Embedder(self.backbone).manifest.sha256
        shutil.copytree(self.backbone, place, dirs_exist_ok=True)
        return OnnxModel.load(self.folder, backbones=backbones)

    @property
    def described_backbone(self) -> Backbone | None:
        """The backbone as model.json names it."""
        if self.backbone is None:
            return None
        fields = Embedder(self.backbone).manifest.model_dump(include=set(Backbone.model_fields))
        return Backbone(**fields)


InUse = tuple[Path, Path | None] | None
"""Folder of the model that answers now and of its backbones."""


def fit_model(
    config: TrainingConfig, rows: Sequence[Row], root: Path, home: Path, folder: Path, in_use: InUse, say: Say
) -> Fitted:
    """Train on the rows (train and validation) and write `folder/model.onnx`.

    Raises:
        BadRequest: the data or the network do not fit the task, or torch is not installed.
        ParityFailed: the graph answers differently from the network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if config.network.kind == "head":
        return _head(config, rows, root, home, folder, in_use, say)
    return _network(config, rows, root, home, folder, say)


def _head(
    config: TrainingConfig, rows: Sequence[Row], root: Path, home: Path, folder: Path, in_use: InUse, say: Say
) -> Fitted:
    backbone = backbone_of(config.network.backbone, config.task.name, home, in_use)
    embedder = Embedder(backbone)
    say(f"backbone {embedder.manifest.name}: {embedder.manifest.embedding} values a window")
    train, validation = (
        examples_of(
            [row for row in rows if row.split == split],
            lambda row: read_mono(root / row.path, embedder.manifest.sample_rate_hz),
            config.task.labels,
            embedder,
            config.task.hop_ms,
        )
        for split in ("train", "validation")
    )
    made = train_head(train, validation, config.task.labels, config.network.l2, calibrate=config.evaluate.calibrate)
    write_head(made.head, folder / "model.onnx")
    say(f"fitted on {made.examples['train']} windows, {made.examples['validation']} of validation; l2 {made.l2:g}")
    return Fitted(
        folder,
        config.task.name,
        f"head-on-{embedder.manifest.name}"[:100],
        made.labels,
        "sigmoid",
        embedder.manifest.sample_rate_hz,
        embedder.manifest.window_ms,
        config.task.hop_ms,
        embedder.manifest.front_end,
        made.thresholds,
        made.curves,
        {"l2": made.l2, "windows": made.examples},
        backbone,
    )


def backbone_of(named: str, task: str, home: Path, in_use: InUse) -> Path:
    """Folder of the backbone: `in_use` or `shipped`, or a folder with backbone.json.

    A model with a backbone gives its own; of another the part before its dense layers is cut out. A task whose model
    ends otherwise (attention over time), or for which none answers yet, takes content's.

    Raises:
        BadRequest: no such backbone.
    """
    if named not in ("in_use", "shipped"):
        if not Path(named, "backbone.json").is_file():
            raise BadRequest(f"network.backbone={named} is none of in_use, shipped, and no folder with backbone.json")
        return Path(named)
    folder, backbones = in_use if in_use and named == "in_use" else (SHIPPED / task, None)
    if not (folder / "model.json").is_file() or task == "loudness_class":
        return backbone_of("shipped", "content", home, None)
    manifest = ModelManifest.from_json((folder / "model.json").read_bytes())
    if manifest.backbone and backbones:
        return backbones / manifest.backbone.sha256
    place = home / "backbones" / f"cut-{manifest.sha256}"
    if (place / "backbone.json").is_file():
        return place
    try:
        return cut_backbone(folder, place)
    except BadRequest:
        if task == "content":
            raise
        return backbone_of("shipped", "content", home, None)


def _network(config: TrainingConfig, rows: Sequence[Row], root: Path, home: Path, folder: Path, say: Say) -> Fitted:
    try:
        from earshot.training import export, thread_count, train_loudness, train_windows
    except ImportError as error:
        raise BadRequest(
            f"network={config.network.kind} needs Keras and torch, which have an environment of their own: make"
            " test-trainer makes it, and .earshot/trainer/bin/earshot train runs in it; network=head needs neither"
        ) from error
    thread_count.use_one_thread()
    wanted = {"content": "cnn", "instruments": "attention", "loudness_class": "dense"}[config.task.name]
    if (config.network.kind == "dense") != (wanted == "dense"):
        raise BadRequest(f"network kind {config.network.kind} does not fit {config.task.name}; its own is {wanted}")
    train = train_loudness.train if wanted == "dense" else train_windows.train
    trained = train(config, rows, root, home / "features")
    parity = export.export(trained.serving, folder / "model.onnx")
    say(f"exported; the graph differs from the network by at most {parity:.1g}")
    return Fitted(
        folder,
        config.task.name,
        NAMES[config.network.kind],
        trained.labels,
        trained.activation,
        trained.front_end.sample_rate_hz,
        trained.window_ms,
        trained.hop_ms,
        trained.front_end.description,
        trained.thresholds,
        trained.curves,
        {**trained.metrics, "parity": parity},
    )
