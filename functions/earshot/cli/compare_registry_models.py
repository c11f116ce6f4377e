"""Models of the registry heard over the task's evaluation manifest: what `models compare` and `use` go by."""

from pathlib import Path
from typing import TYPE_CHECKING

from earshot.adapters.bucket import Bucket
from earshot.adapters.model_registry import ModelRegistry
from earshot.cli.target import Target, say
from earshot.errors import BadRequest
from earshot.plurals import counted
from earshot.tagging.choose_model import SHIPPED, Choice
from earshot.tagging.onnx_model import OnnxModel
from earshot.tagging.vocabulary import Task

if TYPE_CHECKING:
    from earshot.training.compare_models import Comparison

RATE_HZ = 16_000  # of the evaluation's audio


def compared(target: Target, task: Task, one: str, other: str, folder: Path) -> "Comparison | None":
    """The other model against the one, on the evaluation manifest; None where the task has none yet.

    Args:
        one: a version of the registry, or shipped.
        other: another.
        folder: keeps models and audio.

    Raises:
        ModelRefused: one of them cannot be run.
        BadRequest: recordings of the manifest are no longer in the bucket.
    """
    from earshot.training.compare_models import compare
    from earshot.training.query_data import bring
    from earshot.training.synthesis.wav_and_spectrum_tools import read_mono
    from earshot.training.training_data_manifest import parse_manifest

    registry = ModelRegistry(target.bucket)
    text = registry.evaluation(task)
    if text is None:
        return None
    frozen = parse_manifest(text, f"the evaluation manifest of {task}")
    rows, gone = bring(frozen, Bucket(target.bucket), folder / "audio", RATE_HZ)
    if gone:
        say.print(f"[yellow]{counted(gone, 'recording')} of the evaluation manifest no longer in the bucket.")
    if not rows:
        raise BadRequest(f"no recording of the evaluation manifest of {task} is in the bucket any more")
    models = [loaded(registry, task, version, folder) for version in (one, other)]
    return compare(models[0], models[1], rows, lambda row: read_mono(Path(row.path), RATE_HZ))


def loaded(registry: ModelRegistry, task: Task, version: str, folder: Path) -> OnnxModel:
    """A model, brought here and checked.

    Raises:
        ModelRefused: with the reason.
    """
    if version == "shipped":
        if not (SHIPPED / task / "model.json").is_file():
            raise BadRequest(f"nothing is shipped for {task}")
        model = Choice(task).load()
        assert isinstance(model, OnnxModel)
        return model
    backbones = folder / "backbones"
    return OnnxModel.load(registry.fetch(task, version, folder / "fetched", backbones), backbones=backbones)


def in_use(registry: ModelRegistry, task: Task) -> str | None:
    """The version that answers now: of the registry, else shipped; None where there is neither."""
    pointer = registry.current(task)
    if pointer:
        return pointer.version
    return "shipped" if (SHIPPED / task / "model.json").is_file() else None
