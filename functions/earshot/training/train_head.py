"""Train a head: embeddings of a frozen backbone in, one logit a label out. Seconds, without torch."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.errors import BadRequest
from earshot.training.backbone import Embedder
from earshot.training.figures import best_threshold
from earshot.training.labelled_windows import Reader, judged_windows
from earshot.training.logistic_head import Head, Numbers, fit_head, platt
from earshot.training.training_data_manifest import Row

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


@dataclass(frozen=True)
class Examples:
    """Embeddings and truth of all judged hops of a split."""

    embeddings: npt.NDArray[np.float32]
    truth: npt.NDArray[np.float32]

    def __len__(self) -> int:
        """How many."""
        return len(self.truth)


@dataclass(frozen=True)
class TrainedHead:
    """A head, its thresholds, and how each penalty did on validation."""

    head: Head
    labels: tuple[str, ...]
    thresholds: dict[str, float]
    l2: float
    curves: dict[str, list[float]]
    examples: dict[str, int]


def examples_of(rows: Sequence[Row], read: Reader, labels: Sequence[str], embedder: Embedder, hop_ms: int) -> Examples:
    """Embed every judged hop of the rows, as the tagger will."""
    rate = embedder.manifest.sample_rate_hz
    window, hop = round(embedder.manifest.window_ms * rate / 1000), round(hop_ms * rate / 1000)
    embeddings, truth = [], []
    for judged in judged_windows(rows, read, labels, rate_hz=rate, window=window, hop=hop):
        embeddings.append(embedder.embed(judged.windows))
        truth.append(judged.truth)
    if not truth:
        return Examples(np.zeros((0, embedder.manifest.embedding), np.float32), np.zeros((0, len(labels)), np.float32))
    return Examples(np.concatenate(embeddings), np.concatenate(truth))


def train_head(
    train: Examples, validation: Examples, labels: Sequence[str], l2: float | None, *, calibrate: bool = True
) -> TrainedHead:
    """Fit on train; penalty, calibration and thresholds are chosen on validation alone.

    Labels that train has no positive or no negative example of are left out.

    Raises:
        BadRequest: no label is left.
    """
    kept = [n for n in range(len(labels)) if _both(train.truth[:, n])]
    if not kept:
        raise BadRequest(
            "no label has stretches in which it is heard and others in which it is not: annotate both, in different"
            " recordings"
        )
    truth, held = train.truth[:, kept], validation.truth[:, kept]
    losses, heads = [], []
    for penalty in PENALTIES if l2 is None else (l2,):
        heads.append(fit_head(train.embeddings, truth, penalty))
        losses.append(_loss(heads[-1].logits(validation.embeddings), held))
    best = int(np.argmin(losses))
    head = heads[best]
    if calibrate and len(validation):
        head = head.calibrated(*platt(head.logits(validation.embeddings), held))
    scores = 1 / (1 + np.exp(-head.logits(validation.embeddings)))
    chosen = tuple(labels[n] for n in kept)
    thresholds = {label: _threshold(held[:, n], scores[:, n]) for n, label in enumerate(chosen)}
    penalties = list(PENALTIES) if l2 is None else [l2]
    return TrainedHead(
        head,
        chosen,
        thresholds,
        penalties[best],
        {"val_loss": losses},
        {"train": len(train), "validation": len(validation)},
    )


def _both(truth: npt.NDArray[np.float32]) -> bool:
    known = truth[~np.isnan(truth)]
    return bool((known > 0.5).any() and (known < 0.5).any())


def _loss(logits: Numbers, truth: npt.NDArray[np.float32]) -> float:
    known = ~np.isnan(truth)
    if not known.any():
        return 0.0
    each = np.logaddexp(0, logits) - np.nan_to_num(truth) * logits
    return round(float(each[known].mean()), 6)


def _threshold(truth: npt.NDArray[np.float32], scores: Numbers) -> float:
    known = ~np.isnan(truth)
    return best_threshold(truth[known] > 0.5, scores[known]) if known.any() else 0.5


def write_head(head: Head, path: Path) -> str:
    """Write `model.onnx`: embeddings (batch, embedding) to probabilities (batch, labels). Returns its SHA-256.

    Raises:
        BadRequest: onnx is not installed.
    """
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError as error:
        raise BadRequest("heads are written by onnx: `make extra NAME=trainer`") from error
    size, width = head.kernel.shape
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["embeddings", "kernel", "bias"], ["logits"]),
            helper.make_node("Sigmoid", ["logits"], ["probabilities"]),
        ],
        "head",
        [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", size])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", width])],
        [numpy_helper.from_array(head.kernel, "kernel"), numpy_helper.from_array(head.bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9, producer_name="earshot")
    checker.check_model(model)
    made = model.SerializeToString()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made)
    return hashlib.sha256(made).hexdigest()
