"""The class that hears: blocks of samples in, decisions out, the same for files, uploads and microphones."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import soxr

from earshot.tagging.causal_windows import CausalWindows, Floats, Windows
from earshot.tagging.silence_rule import SilenceRule
from earshot.tagging.vocabulary import EXCLUSIVE, SILENCE, Task


class Scorer(Protocol):
    """Scores the windows of one stream, in their order."""

    def score(self, windows: Floats, fresh: int) -> Floats: ...
    @property
    def mean_embedding(self) -> list[float] | None: ...


class Model(Protocol):
    """What a task is answered by: an ONNX model, or a package that carries one."""

    task: Task
    name: str
    version: str
    sha256: str
    stage: str
    labels: tuple[str, ...]
    thresholds: dict[str, float]
    sample_rate_hz: int
    window: int
    hop: int

    def start(self) -> Scorer: ...


@dataclass(frozen=True)
class Decisions:
    """Successive decisions of one task. Row i covers the hop that ends at `end_ms[i]`."""

    start_ms: npt.NDArray[np.int64]
    end_ms: npt.NDArray[np.int64]
    scores: Floats
    """Shape (decisions, labels), within 0 and 1."""
    level_dbfs: npt.NDArray[np.float64]
    is_silent: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.end_ms)

    @classmethod
    def joined(cls, parts: "list[Decisions]", labels: int) -> "Decisions":
        """Several in their order, as one."""
        return cls(
            np.concatenate([np.zeros(0, np.int64), *(part.start_ms for part in parts)]),
            np.concatenate([np.zeros(0, np.int64), *(part.end_ms for part in parts)]),
            np.concatenate([np.zeros((0, labels), np.float32), *(part.scores for part in parts)]),
            np.concatenate([np.zeros(0), *(part.level_dbfs for part in parts)]),
            np.concatenate([np.zeros(0, np.bool_), *(part.is_silent for part in parts)]),
        )


class TaskStream:
    """One task over one stream of samples at `rate_hz`, in one channel."""

    def __init__(self, model: Model, rate_hz: int) -> None:
        """Nothing heard yet; samples of any rate are resampled to the model's."""
        self.model = model
        self._resampler = (
            None
            if rate_hz == model.sample_rate_hz
            else soxr.ResampleStream(rate_hz, model.sample_rate_hz, 1, dtype="float32", quality="HQ")
        )
        self._windows = CausalWindows(model.window, model.hop)
        self._scorer = model.start()
        self._silence = SilenceRule(model.hop / model.sample_rate_hz)

    def add(self, samples: Floats, where: "Decisions | None" = None) -> Decisions:
        """The decisions that these samples complete.

        Args:
            samples: shape (frames,), full scale ±1, finite.
            where: decisions of another task over the same samples; only where its first column is set in half of them
                or more is the model asked, elsewhere all scores are 0. None: everywhere.
        """
        heard = samples if self._resampler is None else self._resampler.resample_chunk(samples)
        return self._decided(self._windows.add(heard), where)

    def flush(self, where: "Decisions | None" = None) -> Decisions:
        """The decisions on the last samples; nothing may follow."""
        made: list[Windows] = []
        if self._resampler is not None:
            made += self._windows.add(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        return self._decided([*made, *self._windows.flush()], where)

    @property
    def mean_embedding(self) -> list[float] | None:
        """Mean embedding of all windows so far; None without a backbone."""
        return self._scorer.mean_embedding

    def _decided(self, made: list[Windows], where: "Decisions | None") -> Decisions:
        return Decisions.joined([self._of(windows, where) for windows in made], len(self.model.labels))

    def _of(self, windows: Windows, where: "Decisions | None") -> Decisions:
        rate = self.model.sample_rate_hz
        start_ms = (windows.ends - windows.fresh) * 1000 // rate
        end_ms = -(-windows.ends * 1000 // rate)
        heard = [self._silence.add(window[-windows.fresh :]) for window in windows.samples]
        asked = np.ones(len(windows.ends), np.bool_) if where is None else _mostly(start_ms, end_ms, where)
        scores = np.zeros((len(windows.ends), len(self.model.labels)), np.float32)
        if asked.any():
            scores[asked] = self._scorer.score(windows.samples[asked], windows.fresh)
        levels = np.array([level for level, _ in heard])
        return Decisions(start_ms, end_ms, scores, levels, np.array([silent for _, silent in heard], np.bool_))


def holding(model: Model, scores: Floats, is_silent: bool) -> list[str]:
    """The labels that hold at one decision: those over their thresholds; of exclusive ones the most probable.

    Silence is a label of `content`, and where it holds no other does.
    """
    if model.task == "content" and is_silent:
        return [SILENCE]
    if model.task in EXCLUSIVE:
        return [model.labels[int(np.argmax(scores))]] if len(scores) else []
    return [label for label, score in zip(model.labels, scores, strict=True) if score >= model.thresholds[label]]


def _mostly(start_ms: npt.NDArray[np.int64], end_ms: npt.NDArray[np.int64], where: Decisions) -> npt.NDArray[np.bool_]:
    """Whether the first score is set in half of the decisions that each span touches: one alone may be wrong."""
    is_set = where.scores[:, 0] > 0

    def touched(these: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        starts, ends = where.start_ms[these], where.end_ms[these]
        return np.searchsorted(starts, end_ms, side="left") - np.searchsorted(ends, start_ms, side="right")

    of_those = touched(is_set)
    return (of_those > 0) & (2 * of_those >= touched(np.ones_like(is_set)))
