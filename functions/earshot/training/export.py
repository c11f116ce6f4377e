"""A trained Keras model becomes ONNX with the front end inside the graph, and is compared with itself."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

TOLERANCE = 1e-4  # largest difference of a probability between Keras and ONNX
OUTPUT = "probabilities"


class ParityFailed(RuntimeError):
    """The exported graph answers differently from the network it was exported from."""


def export(model: keras.Model, path: Path) -> float:
    """Write `model.onnx`; returns the largest difference found.

    Raises:
        ParityFailed: on noise, silence, DC, a level of 1e-5 or a batch of one, outputs differ by more than TOLERANCE,
            or are not finite.
    """
    samples = int(model.inputs[0].shape[1])
    model(np.zeros((2, samples), dtype=np.float32))
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "model.onnx"
        model.export(str(raw), format="onnx", verbose=False)
        graph = onnx.load(str(raw))
    _rename(graph, graph.graph.input[0].name, "samples")
    _rename(graph, graph.graph.output[0].name, OUTPUT)
    graph.producer_name, graph.doc_string = "earshot", ""
    onnx.checker.check_model(graph)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(graph.SerializeToString())
    return check_parity(model, path)


def check_parity(model: keras.Model, path: Path) -> float:
    """Largest difference between the two on five batches; see `export`."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    samples = int(model.inputs[0].shape[1])
    worst = 0.0
    for name, batch in parity_batches(samples).items():
        ours = np.asarray(keras.ops.convert_to_numpy(model(batch, training=False)))
        theirs = session.run([OUTPUT], {"samples": batch})[0]
        difference = float(np.max(np.abs(ours - theirs)))
        if not np.isfinite(theirs).all() or not difference <= TOLERANCE:
            raise ParityFailed(f"{path.name}: on {name} the graph differs by {difference:.2g}, limit is {TOLERANCE:g}")
        worst = max(worst, difference)
    return worst


def parity_batches(samples: int) -> dict[str, npt.NDArray[np.float32]]:
    """The inputs on which Keras and ONNX must agree."""
    dice = np.random.default_rng(0)
    return {
        "noise": (0.1 * dice.standard_normal((4, samples))).astype(np.float32),
        "silence": np.zeros((3, samples), dtype=np.float32),
        "a constant": np.full((3, samples), 0.5, dtype=np.float32),
        "a level of 1e-5": (1e-5 * dice.standard_normal((3, samples))).astype(np.float32),
        "a batch of one": (0.1 * dice.standard_normal((1, samples))).astype(np.float32),
    }


def _rename(graph: onnx.ModelProto, old: str, new: str) -> None:
    for node in graph.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    for value in [*graph.graph.input, *graph.graph.output]:
        if value.name == old:
            value.name = new
