"""The same tags in a process that may hang or die without harm, as the analyser's measures are."""

import atexit
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from earshot.errors import GiveUp
from earshot.sound.isolated_process import Facts, IsolatedProcess
from earshot.sound.limits_per_file import Limits
from earshot.tagging.choose_model import Choice
from earshot.tagging.current_models import CurrentModels
from earshot.tagging.onnx_model import ModelRefused

TAGGING: Final = IsolatedProcess(preload=["earshot.tagging.tag_recording"])
"""Started at the first file; `TAGGING.start()` spares that file the wait."""

CHECKING: Final = Limits(wall_s=60.0)

atexit.register(TAGGING.stop)


def tag_apart(path: Path, out: Path, choices: Sequence[Choice], *, limits: Limits) -> dict[str, Any]:
    """`tag_recording.tag` in a process of its own.

    Returns:
        `tasks`, the answers by task as `tag` describes them, and `duration_ms`.

    Raises:
        GiveUp: as `tag`; `Undecodable` also where the process crashes or takes too long.
    """
    facts = TAGGING.call("earshot.tagging.tag_recording:tag", limits, path=path, out=out, choices=tuple(choices))
    return {"tasks": json.loads(str(facts["tasks"])), "duration_ms": facts["duration_ms"]}


def check_apart(choice: Choice, *, limits: Limits = CHECKING) -> None:
    """Load a model in a process of its own, which checks it.

    Raises:
        ModelRefused: with the reason; also where loading it crashes or takes too long.
    """
    try:
        facts = TAGGING.call("earshot.tagging.tag_in_process:checked", limits, choice=choice)
    except GiveUp as error:
        raise ModelRefused(f"the model for {choice.task} {error} when it was checked") from error
    if facts["refused"]:
        raise ModelRefused(str(facts["refused"]))


def checked(choice: Choice, *, limits: Limits) -> Facts:  # noqa: ARG001 - each call is given them
    """Load a model; `refused` says why it cannot be believed, None where it can."""
    try:
        choice.load()
    except ModelRefused as error:
        return {"refused": str(error)}  # crosses as a fact: only a GiveUp crosses as itself
    return {"refused": None}


class IsolatedTagger:
    """The models of the present; a file is tagged by them in a process that may die without harm."""

    def __init__(self, models: CurrentModels, limits: Limits) -> None:
        """Nothing is started before the first file."""
        self._models, self._limits = models, limits

    def choices(self) -> list[Choice]:
        """The present model of each task."""
        return self._models.choices()

    def tag(self, path: Path, out: Path, choices: Sequence[Choice]) -> dict[str, Any]:
        """`tag_apart` under the limits."""
        return tag_apart(path, out, choices, limits=self._limits)
