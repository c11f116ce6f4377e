"""Google's published `yamnet.h5` in; an ONNX backbone and two zero-shot heads out. Needs h5py and onnx, no TensorFlow.

YAMNet is MobileNet v1 on patches of 96 frames of a log-mel spectrogram (Plakal and Ellis; Howard et al., 2017). Its
front end lies in the graph: Hann windows of 25 ms every 10 ms, 512 points, 64 mel bands of 125 to 7500 Hz,
log(mel + 0.001). Batch normalisation without scale (epsilon 1e-4) is folded into the convolutions.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from earshot.errors import BadRequest
from earshot.operating.yamnet_classes import CLASSES, CONTENT, INSTRUMENTS
from earshot.operating.yamnet_graph import EMBEDDING, LAYERS, RATE_HZ, Array, backbone_graph, head_graph
from earshot.tagging.onnx_model import ModelRefused

LICENCE = {
    "name": "YAMNet",
    "licence": "Apache-2.0",
    "url": "https://github.com/tensorflow/models/tree/master/research/audioset/yamnet",
}


def shapes() -> dict[str, tuple[int, ...]]:
    """Name and shape of each array that `yamnet.h5` must have."""
    wanted: dict[str, tuple[int, ...]] = {"layer1/conv/kernel": (3, 3, 1, 32)}
    wanted |= _normalisation("layer1/conv", 32)
    before = 32
    for number, (_stride, width) in enumerate(LAYERS, 2):
        wanted[f"layer{number}/depthwise_conv/depthwise_kernel"] = (3, 3, before, 1)
        wanted |= _normalisation(f"layer{number}/depthwise_conv", before)
        wanted[f"layer{number}/pointwise_conv/kernel"] = (1, 1, before, width)
        wanted |= _normalisation(f"layer{number}/pointwise_conv", width)
        before = width
    return wanted | {"logits/kernel": (EMBEDDING, CLASSES), "logits/bias": (CLASSES,)}


def read_weights(path: Path) -> dict[str, Array]:
    """The arrays of `yamnet.h5` by name.

    Raises:
        BadRequest: h5py is not installed.
        ModelRefused: no HDF5 file, or an array is missing or has another shape; the message names it.
    """
    try:
        import h5py
    except ImportError as error:
        raise BadRequest("yamnet.h5 is read by h5py: `make extra NAME=models`") from error
    found: dict[str, Array] = {}
    wanted = shapes()

    def keep(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            ending = name.removesuffix(":0").replace("dense/", "logits/")
            for known in wanted:
                if (ending == known or ending.endswith(f"/{known}")) and item.size <= 10_000_000:
                    found[known] = np.asarray(item, np.float32)

    try:
        with h5py.File(path, "r") as file:
            file.visititems(keep)
    except OSError as error:
        raise ModelRefused(f"{path.name} is no HDF5 file: {error}") from error
    for name, shape in wanted.items():
        if name not in found:
            raise ModelRefused(f"{path.name} has no array {name}, so it is not YAMNet's")
        if found[name].shape != shape:
            raise ModelRefused(f"{path.name}: {name} has the shape {found[name].shape}, wanted is {shape}")
        if not np.isfinite(found[name]).all():
            raise ModelRefused(f"{path.name}: {name} has values that are not finite")
    return found


def convert(path: Path, folder: Path, moment: datetime | None = None) -> tuple[Path, list[Path]]:
    """Write the backbone and its zero-shot heads for `content` and `instruments`.

    Returns:
        Folder of the backbone, and the folders of the heads.

    Raises:
        ModelRefused, BadRequest: as `read_weights`.
    """
    weights = read_weights(path)
    made = backbone_graph(weights).SerializeToString()
    described = {
        "format": 1,
        "name": "yamnet",
        "sha256": sha256(made).hexdigest(),
        "sample_rate_hz": RATE_HZ,
        "window_ms": 975,
        "embedding": EMBEDDING,
    }
    backbone = folder / "backbone"
    backbone.mkdir(parents=True)
    (backbone / "model.onnx").write_bytes(made)
    front_end = "log-mel: 25 ms Hann windows every 10 ms, 64 bands of 125 to 7500 Hz, log(mel + 0.001)"
    (backbone / "backbone.json").write_text(json.dumps(described | {"front_end": front_end, "licences": [LICENCE]}))
    heads = []
    for task, labels, hop_ms in (("content", CONTENT, 250), ("instruments", INSTRUMENTS, 1000)):
        head = head_graph(weights, labels).SerializeToString()
        digest = sha256(head).hexdigest()
        manifest = {
            "format": 1,
            "task": task,
            "name": "yamnet",
            "version": f"{(moment or datetime.now(UTC)):%Y%m%dT%H%M%SZ}-{digest[:8]}",
            "stage": "imported",
            "labels": list(labels),
            "activation": "sigmoid",
            "sample_rate_hz": RATE_HZ,
            "window_ms": 975,
            "hop_ms": hop_ms if hop_ms <= 975 else 975,
            "input": "embeddings",
            "output": "probabilities",
            "thresholds": dict.fromkeys(labels, 0.2 if task == "content" else 0.1),
            "front_end": "in the backbone",
            "backbone": {name: value for name, value in described.items() if name != "format"},
            "sha256": digest,
            "licences": [LICENCE],
        }
        place = folder / task
        place.mkdir()
        (place / "model.onnx").write_bytes(head)
        (place / "model.json").write_text(json.dumps(manifest))
        heads.append(place)
    return backbone, heads


def _normalisation(layer: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{layer}/bn/{name}": (width,) for name in ("beta", "moving_mean", "moving_variance")}
