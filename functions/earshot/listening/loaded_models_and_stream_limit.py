"""The models that hear uploads and microphones, loaded once, and how many are heard at a time."""

import threading
from collections.abc import Mapping

from earshot.listening.services import Models
from earshot.tagging.choose_model import Choice
from earshot.tagging.onnx_model import ModelRefused
from earshot.tagging.task_stream import Model
from earshot.tagging.vocabulary import Task


class Streams:
    """Shared by all sockets of an instance."""

    def __init__(self, models: Models, most: int) -> None:
        """Nothing is loaded before the first stream."""
        self._choose, self._most = models, most
        self._lock = threading.Lock()
        self._taken = 0
        self._loaded: dict[Choice, Model] = {}

    def take(self) -> bool:
        """Whether one more may be heard; if so, `give` it back."""
        with self._lock:
            if self._taken >= self._most:
                return False
            self._taken += 1
            return True

    def give(self) -> None:
        """One has ended."""
        with self._lock:
            self._taken -= 1

    def choices(self) -> list[Choice]:
        """The present models, as they can be named to another process."""
        return self._choose.choices()

    def models(self) -> Mapping[Task, Model]:
        """The present models; one that cannot be run is left out."""
        with self._lock:
            found: dict[Task, Model] = {}
            for choice in self.choices():
                if choice not in self._loaded:
                    try:
                        self._loaded[choice] = choice.load()
                    except ModelRefused:
                        continue
                found[choice.task] = self._loaded[choice]
            self._loaded = {choice: model for choice, model in self._loaded.items() if choice in self.choices()}
            return found
