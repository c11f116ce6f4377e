"""A trained model on disk: model.onnx, model.json, config.yaml, card.md, and pictures of the curves and confusions."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from earshot.tagging.model_manifest import Licence, ModelManifest, Training
from earshot.training.trained import Trained

DEMO_LIMITS = (
    "Trained on synthetic audio alone, so it is a demonstration: of what is sung, whispered, far from the microphone "
    "or played on instruments that no soundfont has, nothing is known. Train on annotations of your own recordings "
    "before anything depends on it."
)


def version_of(when: datetime, config: str, data_sha256: str) -> str:
    """`YYYYMMDDTHHMMSSZ-` and eight hex digits of configuration and data."""
    digest = hashlib.sha256(f"{config}\n{data_sha256}".encode()).hexdigest()
    return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest[:8]}"


def manifest_of(
    trained: Trained,
    onnx: Path,
    *,
    name: str,
    stage: str,
    version: str,
    data_sha256: str,
    seed: int,
    config: Mapping[str, Any],
    licences: Sequence[str],
    query: str = "",
    metrics: Mapping[str, Any] | None = None,
) -> ModelManifest:
    """The content of model.json; `licences` are sentences, one a kind of data."""
    return ModelManifest(
        task=trained.task,
        name=name,
        version=version,
        stage=stage,
        labels=trained.labels,
        activation=trained.activation,
        sample_rate_hz=trained.front_end.sample_rate_hz,
        window_ms=trained.window_ms,
        hop_ms=trained.hop_ms,
        thresholds=dict(trained.thresholds),
        front_end=trained.front_end.description,
        sha256=hashlib.sha256(onnx.read_bytes()).hexdigest(),
        training=Training(query=query, data_sha256=data_sha256, seed=seed, config=dict(config)),
        licences=tuple(Licence(name=text.split(",")[0][:80], licence=text) for text in sorted(set(licences))),
        metrics={**trained.metrics, **(metrics or {})},
    )


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


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
