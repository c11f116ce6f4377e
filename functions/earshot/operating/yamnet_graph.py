"""YAMNet's network as ONNX graphs: front end and backbone in one, a zero-shot head in another."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
RATE_HZ, WINDOW, HOP, POINTS = 16_000, 400, 160, 512
FRAMES, BANDS, LOWEST_HZ, HIGHEST_HZ = 96, 64, 125.0, 7500.0
SAMPLES = (FRAMES - 1) * HOP + WINDOW  # 15,600: 975 ms
EMBEDDING = 1024
EPSILON = 1e-4
LAYERS = ((1, 64), (2, 128), (1, 128), (2, 256), (1, 256), (2, 512), *[(1, 512)] * 5, (2, 1024), (1, 1024))
"""Stride and width of the separable layers 2 to 14; layer 1 is a convolution of 32 filters with stride 2."""


def backbone_graph(weights: Mapping[str, Array]) -> Any:
    """Samples in, embeddings out."""
    from onnx import helper

    constants: dict[str, npt.NDArray[Any]] = {
        "basis": spectral_basis(),
        "mel": mel_matrix(),
        "offset": np.array([0.001], np.float32),
        "one_channel": np.array([1], np.int64),
        "as_image": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Unsqueeze", ["samples", "one_channel"], ["wave"]),
        helper.make_node("Conv", ["wave", "basis"], ["spectrum"], strides=[HOP]),
        helper.make_node("Split", ["spectrum"], ["real", "imaginary"], axis=1, num_outputs=2),
        helper.make_node("Mul", ["real", "real"], ["real_power"]),
        helper.make_node("Mul", ["imaginary", "imaginary"], ["imaginary_power"]),
        helper.make_node("Add", ["real_power", "imaginary_power"], ["power"]),
        helper.make_node("Sqrt", ["power"], ["magnitude"]),
        helper.make_node("Transpose", ["magnitude"], ["frames"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["frames", "mel"], ["bands"]),
        helper.make_node("Add", ["bands", "offset"], ["lifted"]),
        helper.make_node("Log", ["lifted"], ["log_mel"]),
        helper.make_node("Unsqueeze", ["log_mel", "as_image"], ["image"]),
    ]
    last = _convolved(nodes, constants, weights, "image", "layer1/conv", 2, 1)
    for number, (stride, width) in enumerate(LAYERS, 2):
        before = weights[f"layer{number}/depthwise_conv/depthwise_kernel"].shape[2]
        last = _convolved(nodes, constants, weights, last, f"layer{number}/depthwise_conv", stride, before)
        last = _convolved(nodes, constants, weights, last, f"layer{number}/pointwise_conv", 1, 1)
        assert width == weights[f"layer{number}/pointwise_conv/kernel"].shape[3]
    nodes += [
        helper.make_node("GlobalAveragePool", [last], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["embeddings"], axis=1),
    ]
    return _model(nodes, constants, ("samples", SAMPLES), ("embeddings", EMBEDDING))


def _convolved(
    nodes: list[Any],
    constants: dict[str, Any],
    weights: Mapping[str, Array],
    source: str,
    layer: str,
    stride: int,
    groups: int,
) -> str:
    """A convolution with its normalisation folded in, and a ReLU; the name of the result."""
    from onnx import helper

    is_depthwise = f"{layer}/depthwise_kernel" in weights
    kernel = weights[f"{layer}/depthwise_kernel" if is_depthwise else f"{layer}/kernel"]
    kernel = kernel.transpose(2, 3, 0, 1) if is_depthwise else kernel.transpose(3, 2, 0, 1)
    scale = 1 / np.sqrt(weights[f"{layer}/bn/moving_variance"] + np.float32(EPSILON))
    constants[f"{layer}/w"] = (kernel * scale[:, None, None, None]).astype(np.float32)
    constants[f"{layer}/b"] = weights[f"{layer}/bn/beta"] - weights[f"{layer}/bn/moving_mean"] * scale
    inputs = [source, f"{layer}/w", f"{layer}/b"]
    nodes.append(
        helper.make_node(
            "Conv",
            inputs,
            [f"{layer}/y"],
            strides=[stride] * 2,
            auto_pad="SAME_UPPER",
            group=groups if is_depthwise else 1,
        )
    )
    nodes.append(helper.make_node("Relu", [f"{layer}/y"], [f"{layer}/relu"]))
    return f"{layer}/relu"


def head_graph(weights: Mapping[str, Array], labels: Mapping[str, tuple[int, ...]]) -> Any:
    """Embeddings in; for each label the highest probability of its classes out."""
    from onnx import helper

    chosen = [index for classes in labels.values() for index in classes]
    constants: dict[str, npt.NDArray[Any]] = {
        "kernel": np.ascontiguousarray(weights["logits/kernel"][:, chosen]),
        "bias": weights["logits/bias"][chosen],
    }
    nodes = [
        helper.make_node("Gemm", ["embeddings", "kernel", "bias"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["classes"]),
    ]
    start, parts = 0, []
    constants["axis"] = np.array([1], np.int64)
    for label, classes in labels.items():
        constants[f"{label}_from"] = np.array([start], np.int64)
        start += len(classes)
        constants[f"{label}_to"] = np.array([start], np.int64)
        nodes.append(
            helper.make_node("Slice", ["classes", f"{label}_from", f"{label}_to", "axis"], [f"{label}_classes"])
        )
        nodes.append(helper.make_node("ReduceMax", [f"{label}_classes", "axis"], [label], keepdims=1))
        parts.append(label)
    nodes.append(helper.make_node("Concat", parts, ["probabilities"], axis=1))
    return _model(nodes, constants, ("embeddings", EMBEDDING), ("probabilities", len(labels)))


def _model(nodes: list[Any], constants: Mapping[str, Any], source: tuple[str, int], result: tuple[str, int]) -> Any:
    from onnx import TensorProto, checker, helper, numpy_helper

    graph = helper.make_graph(
        nodes,
        "yamnet",
        [helper.make_tensor_value_info(source[0], TensorProto.FLOAT, ["batch", source[1]])],
        [helper.make_tensor_value_info(result[0], TensorProto.FLOAT, ["batch", result[1]])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9, producer_name="earshot")
    checker.check_model(model)
    return model


def spectral_basis() -> Array:
    """Windowed cosines and sines of a 512-point transform over 400 samples; shape (2 * 257, 1, 400)."""
    moments = np.arange(WINDOW)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * moments / WINDOW)  # periodic Hann
    angles = 2 * np.pi * np.outer(np.arange(POINTS // 2 + 1), moments) / POINTS
    return np.concatenate([np.cos(angles), -np.sin(angles)])[:, None, :].astype(np.float32) * window.astype(np.float32)


def mel_matrix() -> Array:
    """Triangular mel bands on HTK's scale over the magnitudes; shape (257, 64), the first row 0."""

    def mel(hz: Any) -> Any:
        return 1127.0 * np.log(1.0 + np.asarray(hz) / 700.0)

    bins = mel(np.linspace(0, RATE_HZ / 2, POINTS // 2 + 1))[1:, None]
    edges = np.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), BANDS + 2)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.vstack([np.zeros((1, BANDS)), np.maximum(0, np.minimum(rising, falling))]).astype(np.float32)
