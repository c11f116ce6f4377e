"""A model's folder in, its probabilities out: the only module that runs onnxruntime for tagging.

A model is checked before it is believed: the hash of its file, its input and output, and what it answers to silence, a
constant, noise and full scale.
"""

import math
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot.errors import EarshotError
from earshot.tagging.causal_windows import Floats
from earshot.tagging.model_manifest import BackboneManifest, BadManifest, ModelManifest
from earshot.tagging.vocabulary import Task

MODEL_BYTES = 200 * 1024 * 1024  # of one ONNX file; YAMNet's has 15 MB
SLACK = 1e-3  # beyond 0 and 1 that rounding may take a probability


class ModelRefused(EarshotError):
    """A model that is not what its `model.json` says, or that answers with no numbers; the message names it."""


class OnnxModel:
    """A head, with the backbone that hears for it if it has one; what a task is answered by."""

    is_shipped = False

    def __init__(self, manifest: ModelManifest, head: Any, backbone: Any | None) -> None:
        """Take over sessions that have been checked; use `load`."""
        self.manifest, self._head, self._backbone = manifest, head, backbone
        self.task: Task = manifest.task
        self.name, self.version, self.sha256 = manifest.name, manifest.version, manifest.sha256
        self.stage: str = manifest.stage
        self.labels, self.thresholds = manifest.labels, dict(manifest.thresholds)
        self.sample_rate_hz = manifest.sample_rate_hz
        self.window, self.hop = manifest.window_samples, manifest.hop_samples

    @classmethod
    def load(cls, folder: Path, *, backbones: Path | None = None) -> "OnnxModel":
        """Load `model.onnx` by its `model.json`, and check both.

        Args:
            backbones: folder of backbones, each in a folder that bears its hash; needed by a head that has one.

        Raises:
            ModelRefused: with the reason.
        """
        try:
            manifest = ModelManifest.from_json((folder / "model.json").read_bytes())
            head = _session(folder / "model.onnx", manifest.sha256)
        except (OSError, BadManifest) as error:
            raise ModelRefused(f"model in {folder.name}: {error}") from error
        backbone = None
        if manifest.backbone:
            if backbones is None:
                raise ModelRefused(f"{manifest.name} {manifest.version} needs the backbone {manifest.backbone.name}")
            backbone = load_backbone(backbones / manifest.backbone.sha256)[1]
        model = cls(manifest, head, backbone)
        model._check()
        return model

    def start(self) -> "OnnxScorer":
        """A scorer for one stream."""
        return OnnxScorer(self)

    def run(self, windows: Floats) -> tuple[Floats, Floats | None]:
        """Probabilities, shape (windows, labels), and embeddings, where a backbone makes them.

        Raises:
            ModelRefused: an answer that is not finite, or no probability.
        """
        embeddings = None
        values = windows
        if self._backbone is not None:
            embeddings = values = self._backbone.run(["embeddings"], {"samples": windows})[0]
        answer: Floats = self._head.run(["probabilities"], {self.manifest.input: values})[0]
        if not np.isfinite(answer).all() or answer.min() < -SLACK or answer.max() > 1 + SLACK:
            raise ModelRefused(f"{self.name} {self.version} answers with values that are no probabilities")
        return np.clip(answer, 0, 1), embeddings

    def _check(self) -> None:
        name = f"{self.name} {self.version}"
        _has_ports(self._head, self.manifest.input, self.manifest.input_size, "probabilities", len(self.labels), name)
        probes = np.zeros((4, self.window), np.float32)
        probes[1] = 0.5
        probes[2] = np.random.default_rng(1).uniform(-1, 1, self.window)
        probes[3, ::2], probes[3, 1::2] = 1, -1
        try:
            together, _ = self.run(probes)
            alone = np.concatenate([self.run(probe[np.newaxis])[0] for probe in probes])
        except ModelRefused:
            raise
        except Exception as error:  # onnxruntime raises classes of its own for each failure
            raise ModelRefused(f"{name} does not run: {error}") from error
        if together.shape != (len(probes), len(self.labels)) or not np.allclose(together, alone, atol=1e-3):
            raise ModelRefused(f"{name} answers otherwise in a batch than one by one")


class OnnxScorer:
    """Scores windows one after the other; a window's answer depends on it alone."""

    def __init__(self, model: OnnxModel) -> None:
        """Nothing scored yet."""
        self._model = model
        self._sum: npt.NDArray[np.float64] | None = None
        self._count = 0

    def score(self, windows: Floats, fresh: int) -> Floats:  # noqa: ARG002 - a scorer with a memory needs it
        """Probabilities of each window, shape (windows, labels)."""
        probabilities, embeddings = self._model.run(windows)
        if embeddings is not None:
            total = embeddings.sum(axis=0, dtype=np.float64)
            self._sum = total if self._sum is None else self._sum + total
            self._count += len(embeddings)
        return probabilities

    @property
    def mean_embedding(self) -> list[float] | None:
        """Mean over all windows so far, scaled to length 1; None without a backbone or for a vector of zeros."""
        if self._sum is None:
            return None
        length = math.sqrt(float(np.dot(self._sum, self._sum)))
        return [round(float(value), 6) for value in self._sum / length] if length > 0 else None


def load_backbone(folder: Path) -> tuple[BackboneManifest, Any]:
    """A backbone and its session.

    Raises:
        ModelRefused: its file is not the one of that hash, or its ports are others than `backbone.json` says.
    """
    try:
        manifest = BackboneManifest.from_json((folder / "backbone.json").read_bytes())
        session = _session(folder / "model.onnx", manifest.sha256)
    except (OSError, BadManifest) as error:
        raise ModelRefused(f"backbone in {folder.name}: {error}") from error
    samples = round(manifest.window_ms * manifest.sample_rate_hz / 1000)
    _has_ports(session, "samples", samples, "embeddings", manifest.embedding, f"backbone {manifest.name}")
    return manifest, session


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _session(path: Path, wanted: str) -> Any:
    if path.stat().st_size > MODEL_BYTES:
        raise ModelRefused(f"{path.name} is {path.stat().st_size} bytes, limit is {MODEL_BYTES}")
    found = file_sha256(path)
    if found != wanted:
        raise ModelRefused(f"{path} has the hash {found[:12]}…, its description says {wanted[:12]}…")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # it counts the host's processors, not ours
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own for each failure
        raise ModelRefused(f"{path} is not an ONNX model that can be run: {error}") from error


def _has_ports(session: Any, source: str, size: int, result: str, width: int, name: str) -> None:
    inputs = {port.name: list(port.shape) for port in session.get_inputs()}
    outputs = {port.name: list(port.shape) for port in session.get_outputs()}
    if set(inputs) != {source} or len(inputs[source]) != 2 or inputs[source][1] not in (size, None):
        raise ModelRefused(f"{name} has the inputs {inputs}, wanted is {source} of shape (batch, {size})")
    found = outputs.get(result)
    if found is None or len(found) != 2 or not (found[1] == width or not isinstance(found[1], int)):
        raise ModelRefused(f"{name} has the outputs {outputs}, wanted is {result} of shape (batch, {width})")
