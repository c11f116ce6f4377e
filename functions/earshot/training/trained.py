"""What a training gives: the serving network, its facts and its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot.training.front_end import FrontEnd


@dataclass(frozen=True)
class Trained:
    """A trained model before it is written.

    Attributes:
        serving: the Keras model from samples to probabilities.
        thresholds: each label's, chosen on validation.
        curves: `loss` and `val_loss` an epoch.
        metrics: figures for model.json.
        judged: truth and probabilities, both (examples, labels), for the pictures.
    """

    task: str
    labels: tuple[str, ...]
    serving: Any
    activation: str
    front_end: FrontEnd
    window_ms: int
    hop_ms: int
    thresholds: Mapping[str, float]
    curves: Mapping[str, list[float]]
    metrics: Mapping[str, Any]
    judged: tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]
