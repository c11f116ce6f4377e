"""A trained model on disk: model.onnx, model.json, config.yaml, card.md, and pictures of the curves and confusions."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from earshot.tagging.model_manifest import Licence, ModelManifest, Training
from earshot.training.configuration import TrainingConfig
from earshot.training.fit_model import Fitted
from earshot.training.pictures import confusion, draw_confusion, draw_curves
from earshot.training.training_data_manifest import Row, data_sha256, write_manifest

DEMO_LIMITS = (
    "Trained on synthetic audio alone, so it is a demonstration: of what is sung, whispered, far from the microphone "
    "or played on instruments that no soundfont has, nothing is known. Train on annotations of your own recordings "
    "before anything depends on it."
)


LIMITS = (
    "It knows what its data holds. Recordings of other microphones, places, languages or music may be heard worse than "
    "the figures say; compare on an evaluation manifest of your own before it answers for them."
)
MOST_LICENCES = 200  # sentences; a row each would make model.json too large


def version_of(when: datetime, config: str, data_sha256: str) -> str:
    """`YYYYMMDDTHHMMSSZ-` and eight hex digits of configuration and data."""
    digest = hashlib.sha256(f"{config}\n{data_sha256}".encode()).hexdigest()
    return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest[:8]}"


@dataclass(frozen=True)
class Figures:
    """Metrics for model.json, and truth, scores and labels for the confusion picture, if there are any."""

    metrics: dict[str, Any]
    judged: tuple[Any, Any, Sequence[str]] | None = None


def write_model(
    config: TrainingConfig,
    fitted: Fitted,
    learned: Sequence[Row],
    test: Sequence[Row],
    figured: Figures,
    folder: Path,
    *,
    stage: str = "trained",
    limits: str = LIMITS,
) -> tuple[Path, ModelManifest]:
    """Write `folder/{version}`: model.onnx, model.json, config.yaml, metrics.json, card.md, manifest and pictures.

    A version is the time and eight hex digits of configuration and data, so equal trainings differ by time alone.
    """
    data = data_sha256(learned)
    version = version_of(datetime.now(UTC), config.as_yaml, data)
    place = folder / version
    place.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(fitted.folder / "model.onnx", place / "model.onnx")
    texts = sorted({row.licence for row in learned})
    manifest = fitted.manifest(
        version=version,
        stage=stage,
        training=Training(
            query=config.query if config.data.kind == "query" else "",
            data_sha256=data,
            seed=config.seed,
            config=config.model_dump(mode="json"),
        ),
        licences=tuple(Licence(name=text.split(",")[0][:80], licence=text) for text in texts[:MOST_LICENCES]),
        metrics=figured.metrics,
    )
    (place / "model.json").write_text(manifest.as_json())
    (place / "config.yaml").write_text(config.as_yaml)
    (place / "metrics.json").write_text(json.dumps(figured.metrics, indent=1) + "\n")
    write_manifest(place / "manifest.jsonl", [*learned, *(replace(row, path=Path(row.path).name) for row in test)])
    write_card(place, manifest, limits)
    draw_curves(fitted.curves, place / "curves.png")
    if figured.judged:
        truth, scores, labels = figured.judged
        draw_confusion(confusion(np.nan_to_num(truth), scores), labels, place / "confusion.png")
    return place, manifest


def write_card(folder: Path, manifest: ModelManifest, limits: str = DEMO_LIMITS) -> Path:
    """The model card: what it answers, data and licences, figures, limits, and the hash of the graph."""
    lines = [
        f"# {manifest.task}: {manifest.name} {manifest.version}",
        "",
        f"Stage {manifest.stage}. Labels: {', '.join(manifest.labels)}. A decision every {manifest.hop_ms} ms from the",
        f"last {manifest.window_ms} ms of sound at {manifest.sample_rate_hz} Hz; {manifest.activation} outputs.",
        "",
        f"SHA-256 of model.onnx: `{manifest.sha256}`",
        "",
        "## Front end",
        "",
        manifest.front_end + ".",
        "",
        "## Data and licences",
        "",
        *(f"- {licence.licence}" for licence in manifest.licences),
        "",
        f"Hash of the manifest of the data: `{manifest.training.data_sha256}`, seed {manifest.training.seed}.",
        "",
        "## Figures",
        "",
        *_figures(manifest.metrics),
        "",
        "Thresholds, chosen on the validation split alone: "
        + ", ".join(f"{label} {value:g}" for label, value in manifest.thresholds.items())
        + ".",
        "",
        "## Limits",
        "",
        limits,
        "",
    ]
    path = folder / "card.md"
    path.write_text("\n".join(lines))
    return path


def _figures(metrics: Mapping[str, Any], prefix: str = "") -> list[str]:
    lines: list[str] = []
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            lines += _figures(value, f"{prefix}{name}: ")
        else:
            lines.append(f"- {prefix}{name}: {value}")
    return lines
