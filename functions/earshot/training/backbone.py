"""A frozen backbone: the part of a model's graph before its dense layers, which turns samples into embeddings.

What comes in is a model's folder; what goes out is a folder with `model.onnx` (samples to embeddings) and
`backbone.json`, as the registry keeps them.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from earshot.errors import BadRequest
from earshot.tagging.causal_windows import Floats
from earshot.tagging.model_manifest import BackboneManifest, ModelManifest
from earshot.tagging.onnx_model import load_backbone

_DENSE = frozenset({"Sigmoid", "Softmax", "Cast", "Add", "MatMul", "Gemm", "Relu", "Identity", "Mul"})
"""Operators of dense layers and of what lies between them; anything else ends the search for the first of them."""


def cut_backbone(folder: Path, out: Path) -> Path:
    """Write the graph of a model up to the input of its first dense layer behind the pooling.

    Raises:
        BadRequest: onnx is not installed, or the model has no dense layer at its end.
    """
    onnx = _onnx()
    manifest = ModelManifest.from_json((folder / "model.json").read_bytes())
    graph = onnx.load(str(folder / "model.onnx"))
    embedding = _input_of_first_dense(graph, "probabilities")
    if embedding is None:
        raise BadRequest(f"{manifest.name} {manifest.version} has no dense layer whose input could be its embedding")
    kept = _ancestors(graph, embedding)
    nodes = [node for node in graph.graph.node if kept & set(node.output)]
    nodes.append(onnx.helper.make_node("Identity", [embedding], ["embeddings"]))
    used = {name for node in nodes for name in node.input}
    width = _width(onnx, graph, nodes, used, manifest.window_samples)
    made = _model(onnx, graph, nodes, used, manifest.window_samples, width)
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(made)
    described = BackboneManifest(
        name=f"{manifest.task}-{manifest.name}"[:100],
        sha256=hashlib.sha256(made).hexdigest(),
        sample_rate_hz=manifest.sample_rate_hz,
        window_ms=manifest.window_ms,
        embedding=width,
        front_end=manifest.front_end,
        licences=manifest.licences,
    )
    (out / "backbone.json").write_text(described.model_dump_json(indent=2) + "\n")
    return out


class Embedder:
    """Runs a backbone over windows."""

    def __init__(self, folder: Path) -> None:
        """Load and check it.

        Raises:
            ModelRefused: it is not what its description says.
        """
        self.folder = folder
        self.manifest, self._session = load_backbone(folder)

    def embed(self, windows: Floats) -> Floats:
        """Embeddings, shape (windows, embedding), of windows of shape (windows, samples)."""
        parts = [
            self._session.run(["embeddings"], {"samples": np.ascontiguousarray(windows[at : at + 256])})[0]
            for at in range(0, len(windows), 256)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.manifest.embedding), np.float32)


def _onnx() -> Any:
    try:
        import onnx
        import onnx.helper
    except ImportError as error:
        raise BadRequest("heads are written by onnx: `make extra NAME=trainer`") from error
    return onnx


def _input_of_first_dense(graph: Any, output: str) -> str | None:
    """Walk back from the output through dense layers; the input of the one nearest to the samples."""
    constants = {tensor.name for tensor in graph.graph.initializer}
    maker = {name: node for node in graph.graph.node for name in node.output}
    constants |= {name for name, node in maker.items() if node.op_type == "Constant"}
    name, found = output, None
    while name in maker and maker[name].op_type in _DENSE:
        node = maker[name]
        variable = [source for source in node.input if source not in constants]
        if len(variable) != 1:
            break
        name = variable[0]
        if node.op_type in ("MatMul", "Gemm"):
            found = name
    return found


def _ancestors(graph: Any, name: str) -> set[str]:
    maker = {output: node for node in graph.graph.node for output in node.output}
    seen, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        if current in seen or current not in maker:
            continue
        seen.add(current)
        waiting += maker[current].input
    return seen


def _model(onnx: Any, graph: Any, nodes: list[Any], used: set[str], samples: int, width: int | str) -> bytes:
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    made = helper.make_model(
        helper.make_graph(
            nodes,
            "backbone",
            [helper.make_tensor_value_info("samples", kind, ["batch", samples])],
            [helper.make_tensor_value_info("embeddings", kind, ["batch", width])],
            [tensor for tensor in graph.graph.initializer if tensor.name in used],
        ),
        opset_imports=graph.opset_import,
        ir_version=graph.ir_version,
        producer_name="earshot",
    )
    serialised: bytes = made.SerializeToString()
    return serialised


def _width(onnx: Any, graph: Any, nodes: list[Any], used: set[str], samples: int) -> int:
    import onnxruntime

    session = onnxruntime.InferenceSession(
        _model(onnx, graph, nodes, used, samples, "width"), providers=["CPUExecutionProvider"]
    )
    return int(session.run(["embeddings"], {"samples": np.zeros((1, samples), np.float32)})[0].shape[1])
