"""ONNX models small enough to be made in a test, whose answers can be computed by hand.

`content` hears noise where a sound changes from sample to sample, and music where it does not: with r the power of the
difference of successive samples over the power of the samples, noise is sigmoid(8 (r - 1)) and music 1 - noise. A tone
of f Hz at a rate of fs has r = 4 sin²(πf/fs), white noise has 2.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

VERSION = "20260101T000000Z-0123abcd"


def write_content(folder: Path, **changed: Any) -> Path:
    """A model of `content` at 16 kHz: a second of past every 0.25 s, of the labels speech, music and noise."""
    nodes, constants = _roughness()
    nodes += [
        helper.make_node("Sub", ["one", "rough"], ["smooth"]),
        helper.make_node("Mul", ["rough", "zero"], ["never"]),
        helper.make_node("Concat", ["never", "smooth", "rough"], ["probabilities"], axis=1),
    ]
    graph = _graph(nodes, constants, "samples", 16_000, "probabilities", 3)
    manifest = _manifest("content", ["speech", "music", "noise"], window_ms=1000, hop_ms=250) | changed
    return _write(folder, graph, manifest)


def write_instruments(folder: Path, **changed: Any) -> Path:
    """A model of `instruments`: flute where the sound is smooth, cymbals where it is rough; 3 s, every second."""
    nodes, constants = _roughness()
    nodes += [
        helper.make_node("Sub", ["one", "rough"], ["smooth"]),
        helper.make_node("Concat", ["smooth", "rough"], ["probabilities"], axis=1),
    ]
    graph = _graph(nodes, constants, "samples", 48_000, "probabilities", 2)
    return _write(folder, graph, _manifest("instruments", ["flute", "cymbals"], window_ms=3000, hop_ms=1000) | changed)


def write_loudness(folder: Path, **changed: Any) -> Path:
    """A model of `loudness_class` on 200 ms: loud above, quiet below about -23 and -36 dBFS."""
    nodes = [
        helper.make_node("Mul", ["samples", "samples"], ["squares"]),
        helper.make_node("ReduceMean", ["squares"], ["power"], axes=[1], keepdims=1),
        helper.make_node("Max", ["power", "least"], ["present"]),
        helper.make_node("Log", ["present"], ["level"]),
        helper.make_node("Mul", ["level", "slopes"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offsets"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    scale = np.log(10) / 10
    constants = {
        "least": np.array([1e-12], np.float32),
        "slopes": np.array([[-1, 0, 1]], np.float32),
        "offsets": np.array([[-36 * scale, 0, 23 * scale]], np.float32),
    }
    graph = _graph(nodes, constants, "samples", 3_200, "probabilities", 3)
    manifest = _manifest("loudness_class", ["quiet", "normal", "loud"], window_ms=200, hop_ms=200)
    return _write(folder, graph, manifest | {"activation": "softmax"} | changed)


def write_with_backbone(folder: Path, backbones: Path) -> Path:
    """A head of `content` on a backbone whose embedding is the roughness and 1 - roughness of a second."""
    nodes, constants = _roughness()
    nodes += [
        helper.make_node("Sub", ["one", "rough"], ["smooth"]),
        helper.make_node("Concat", ["smooth", "rough"], ["embeddings"], axis=1),
    ]
    made = _graph(nodes, constants, "samples", 16_000, "embeddings", 2).SerializeToString()
    backbone = {
        "name": "roughness",
        "sha256": sha256(made).hexdigest(),
        "sample_rate_hz": 16_000,
        "window_ms": 1000,
        "embedding": 2,
    }
    place = backbones / backbone["sha256"]
    place.mkdir(parents=True)
    (place / "model.onnx").write_bytes(made)
    (place / "backbone.json").write_text(json.dumps(backbone | {"format": 1}))
    head = _graph(
        [helper.make_node("Identity", ["embeddings"], ["probabilities"])], {}, "embeddings", 2, "probabilities", 2
    )
    manifest = _manifest("content", ["music", "noise"], window_ms=1000, hop_ms=250)
    return _write(folder, head, manifest | {"input": "embeddings", "backbone": backbone})


def _roughness() -> tuple[list[Any], dict[str, Any]]:
    nodes = [
        helper.make_node("Mul", ["samples", "samples"], ["squares"]),
        helper.make_node("ReduceMean", ["squares"], ["power"], axes=[1], keepdims=1),
        helper.make_node("Slice", ["samples", "start", "end", "axis"], ["later"]),
        helper.make_node("Slice", ["samples", "begin", "last", "axis"], ["earlier"]),
        helper.make_node("Sub", ["later", "earlier"], ["steps"]),
        helper.make_node("Mul", ["steps", "steps"], ["changes"]),
        helper.make_node("ReduceMean", ["changes"], ["change"], axes=[1], keepdims=1),
        helper.make_node("Max", ["power", "least"], ["present"]),
        helper.make_node("Div", ["change", "present"], ["ratio"]),
        helper.make_node("Sub", ["ratio", "one"], ["above"]),
        helper.make_node("Mul", ["above", "eight"], ["steep"]),
        helper.make_node("Sigmoid", ["steep"], ["rough"]),
    ]
    constants = {
        "start": np.array([1], np.int64),
        "end": np.array([2**31], np.int64),
        "begin": np.array([0], np.int64),
        "last": np.array([-1], np.int64),
        "axis": np.array([1], np.int64),
        "least": np.array([1e-10], np.float32),
        "one": np.array([1], np.float32),
        "zero": np.array([0], np.float32),
        "eight": np.array([8], np.float32),
    }
    return nodes, constants


def _graph(nodes: list[Any], constants: dict[str, Any], source: str, size: int, result: str, width: int) -> Any:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(source, TensorProto.FLOAT, ["batch", size])],
        [helper.make_tensor_value_info(result, TensorProto.FLOAT, ["batch", width])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def _manifest(task: str, labels: list[str], *, window_ms: int, hop_ms: int) -> dict[str, Any]:
    return {
        "format": 1,
        "task": task,
        "name": "tiny",
        "version": VERSION,
        "stage": "demo",
        "labels": labels,
        "activation": "sigmoid",
        "sample_rate_hz": 16_000,
        "window_ms": window_ms,
        "hop_ms": hop_ms,
        "input": "samples",
        "output": "probabilities",
        "thresholds": dict.fromkeys(labels, 0.5),
        "backbone": None,
    }


def _write(folder: Path, model: Any, manifest: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = model.SerializeToString()
    (folder / "model.onnx").write_bytes(made)
    (folder / "model.json").write_text(json.dumps({"sha256": sha256(made).hexdigest()} | manifest))
    return folder
