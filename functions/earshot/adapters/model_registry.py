"""The registry of models in the bucket: immutable folders, and a pointer a task that is moved by precondition.

models/{task}/{version}/model.onnx, model.json   a model
models/{task}/current.json                       which of them answers
models/{task}/evaluation.jsonl                   judged recordings that no model of the task learns from
models/backbones/{sha256}/model.onnx, backbone.json   networks that several heads hear through
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound, PreconditionFailed

from earshot.adapters.storage_errors import translated
from earshot.errors import BadRequest, ComeAgain
from earshot.tagging.current_models import Pointer
from earshot.tagging.model_manifest import BackboneManifest, BadManifest, ModelManifest
from earshot.tagging.onnx_model import MODEL_BYTES, ModelRefused
from earshot.tagging.vocabulary import Task

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

ROOT = "models"
BESIDE = ("config.yaml", "metrics.json", "card.md", "manifest.jsonl", "curves.png", "confusion.png")
"""Files of a model that the tagger does not read; those that there are go into the registry too."""
MOST_EVALUATION_BYTES = 64 * 1024 * 1024


class ModelRegistry:
    """A bucket's models."""

    def __init__(self, bucket: "Bucket", *, timeout_s: float = 60.0) -> None:
        """Nothing is read before it is asked for."""
        self.bucket = bucket
        self.timeout_s = timeout_s

    def current(self, task: Task) -> Pointer | None:
        """Which version answers a task; None where none was chosen.

        Raises:
            ModelRefused: the pointer cannot be read.
        """
        name = f"{ROOT}/{task}/current.json"
        with translated(f"reading {name}"):
            blob = self.bucket.get_blob(name, timeout=self.timeout_s)
            if blob is None:
                return None
            try:
                text = blob.download_as_bytes(timeout=self.timeout_s, if_generation_match=blob.generation)
            except (NotFound, PreconditionFailed) as error:
                raise ComeAgain(f"{name} changed while it was read") from error
        try:
            version = str(json.loads(text)["version"])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelRefused(f"{name} names no version") from error
        return Pointer(task, version, int(blob.generation))

    def use(self, task: Task, version: str) -> Pointer:
        """Move the pointer of a task.

        Raises:
            BadRequest: there is no such version.
            ComeAgain: somebody else moved it at the same moment.
        """
        if self.bucket.get_blob(f"{ROOT}/{task}/{version}/model.json", timeout=self.timeout_s) is None:
            raise BadRequest(f"no model {version} for {task} is in gs://{self.bucket.name}/{ROOT}/{task}")
        name = f"{ROOT}/{task}/current.json"
        with translated(f"moving {name}"):
            before = self.bucket.get_blob(name, timeout=self.timeout_s)
            blob = self.bucket.blob(name)
            blob.upload_from_string(
                json.dumps({"task": task, "version": version}) + "\n",
                content_type="application/json",
                if_generation_match=int(before.generation) if before else 0,
                timeout=self.timeout_s,
            )
            blob.reload(timeout=self.timeout_s)
        return Pointer(task, version, int(blob.generation))

    def clear(self, task: Task) -> None:
        """Remove the pointer of a task, so that the shipped model answers again."""
        with translated(f"removing the pointer of {task}"):
            blob = self.bucket.get_blob(f"{ROOT}/{task}/current.json", timeout=self.timeout_s)
            if blob is not None:
                blob.delete(if_generation_match=blob.generation, timeout=self.timeout_s)

    def listed(self, task: Task) -> list[ModelManifest]:
        """The models of a task, oldest first; what cannot be read is left out."""
        prefix = f"{ROOT}/{task}/"
        with translated(f"listing {prefix}"):
            names = [blob.name for blob in self.bucket.list_blobs(prefix=prefix, timeout=self.timeout_s)]
        found = []
        for name in sorted(name for name in names if name.endswith("/model.json")):
            try:
                found.append(ModelManifest.from_json(self._read(name)))
            except BadManifest:
                continue
        return found

    def evaluation(self, task: Task) -> str | None:
        """The frozen evaluation manifest of a task; None where there is none yet."""
        name = f"{ROOT}/{task}/evaluation.jsonl"
        with translated(f"reading {name}"):
            blob = self.bucket.get_blob(name, timeout=self.timeout_s)
            if blob is None:
                return None
            if int(blob.size or 0) > MOST_EVALUATION_BYTES:
                raise BadRequest(f"{name} is {blob.size} bytes, limit is {MOST_EVALUATION_BYTES}")
            text: bytes = blob.download_as_bytes(timeout=self.timeout_s)
            return text.decode()

    def freeze_evaluation(self, task: Task, text: str) -> str:
        """Keep an evaluation manifest, unless there is one; returns the one that is kept."""
        name = f"{ROOT}/{task}/evaluation.jsonl"
        with translated(f"keeping {name}"):
            try:
                self.bucket.blob(name).upload_from_string(
                    text, content_type="application/jsonl", if_generation_match=0, timeout=self.timeout_s
                )
            except PreconditionFailed:
                return self.evaluation(task) or text
        return text

    def fetch(self, task: Task, version: str, folder: Path, backbones: Path) -> Path:
        """Bring a model, and the backbone that it needs, onto this machine; what is there already is kept.

        Returns:
            The model's folder.

        Raises:
            ModelRefused: there is no such model, or its description is none.
        """
        place = folder / task / version
        try:
            self._bring(f"{ROOT}/{task}/{version}", place, ("model.onnx", "model.json"))
            manifest = ModelManifest.from_json((place / "model.json").read_bytes())
            if manifest.task != task or manifest.version != version:
                raise ModelRefused(f"{task} {version} describes itself as {manifest.task} {manifest.version}")
            if manifest.backbone:
                name = manifest.backbone.sha256
                self._bring(f"{ROOT}/backbones/{name}", backbones / name, ("model.onnx", "backbone.json"))
        except (NotFound, BadManifest) as error:
            raise ModelRefused(f"model {version} for {task}: {error}") from error
        return place

    def put(self, folder: Path, backbone: Path | None = None) -> ModelManifest:
        """Keep a model and its backbone; a version that is there already stays as it is."""
        manifest = ModelManifest.from_json((folder / "model.json").read_bytes())
        if backbone:
            described = BackboneManifest.from_json((backbone / "backbone.json").read_bytes())
            self._keep(backbone, f"{ROOT}/backbones/{described.sha256}", ("model.onnx", "backbone.json"))
        others = [name for name in BESIDE if (folder / name).is_file()]
        self._keep(folder, f"{ROOT}/{manifest.task}/{manifest.version}", (*others, "model.onnx", "model.json"))
        return manifest

    def _keep(self, folder: Path, place: str, files: Sequence[str]) -> None:
        for file in files:  # the description last: a model is listed once it is whole
            with translated(f"keeping {place}/{file}"):
                try:
                    self.bucket.blob(f"{place}/{file}").upload_from_filename(
                        str(folder / file), if_generation_match=0, timeout=self.timeout_s
                    )
                except PreconditionFailed:
                    continue

    def _bring(self, place: str, folder: Path, files: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            target = folder / file
            if target.exists():
                continue
            blob = self.bucket.get_blob(f"{place}/{file}", timeout=self.timeout_s)
            if blob is None:
                raise ModelRefused(f"gs://{self.bucket.name}/{place}/{file} is not there")
            if int(blob.size or 0) > MODEL_BYTES:
                raise ModelRefused(f"{place}/{file} is {blob.size} bytes, limit is {MODEL_BYTES}")
            part = target.with_suffix(".part")
            with translated(f"reading {place}/{file}"):
                blob.download_to_filename(str(part), timeout=self.timeout_s)
            part.replace(target)

    def _read(self, name: str) -> bytes:
        with translated(f"reading {name}"):
            data: bytes = self.bucket.blob(name).download_as_bytes(timeout=self.timeout_s)
            return data
