"""YAMNet's weights as ONNX: the graph of random weights against the same network in numpy."""

import json

import h5py
import numpy as np
import pytest

from earshot.errors import BadRequest
from earshot.operating import import_yamnet, yamnet_graph
from earshot.operating.yamnet_classes import CLASSES, CONTENT, INSTRUMENTS
from earshot.tagging.onnx_model import ModelRefused, OnnxModel
from earshot.tagging.vocabulary import CONTENT as CONTENT_LABELS
from earshot.tagging.vocabulary import INSTRUMENTS as INSTRUMENT_LABELS


def random_weights() -> dict[str, np.ndarray]:
    dice = np.random.default_rng(1)
    weights = {}
    for name, shape in import_yamnet.shapes().items():
        if name.endswith("variance"):
            weights[name] = dice.uniform(0.5, 1.5, shape)
        else:
            fan = int(np.prod(shape[:-1])) if len(shape) > 1 else 100
            weights[name] = dice.standard_normal(shape) * np.sqrt(
                2 / max(fan if "depthwise_kernel" not in name else 9, 1)
            )
    return {name: value.astype(np.float32) for name, value in weights.items()}


def write(path, weights):
    """As Keras wrote it: each array below its layer's group, under its full name."""
    with h5py.File(path, "w") as file:
        for name, value in weights.items():
            layer = name.rsplit("/", 1)[0]
            file[f"{layer}/{name}:0"] = value
    return path


@pytest.fixture(scope="module")
def weights():
    return random_weights()


@pytest.fixture(scope="module")
def made(weights, tmp_path_factory):
    folder = tmp_path_factory.mktemp("yamnet")
    backbone, heads = import_yamnet.convert(write(folder / "yamnet.h5", weights), folder / "converted")
    place = folder / "backbones" / json.loads((backbone / "backbone.json").read_text())["sha256"]
    place.parent.mkdir()
    backbone.rename(place)
    return {head.name: OnnxModel.load(head, backbones=place.parent) for head in heads}


def test_the_graph_computes_what_the_network_computes(weights, made) -> None:
    samples = np.random.default_rng(2).uniform(-0.5, 0.5, yamnet_graph.SAMPLES).astype(np.float32)
    probabilities, embeddings = made["instruments"].run(samples[np.newaxis])
    expected = network(samples, weights)
    np.testing.assert_allclose(embeddings[0], expected, rtol=2e-3, atol=1e-4)
    classes = 1 / (1 + np.exp(-(expected @ weights["logits/kernel"] + weights["logits/bias"])))
    wanted = [max(classes[index] for index in INSTRUMENTS[label]) for label in made["instruments"].labels]
    np.testing.assert_allclose(probabilities[0], wanted, atol=1e-3)


def test_silence_gives_numbers(made) -> None:
    for model in made.values():
        probabilities, embeddings = model.run(np.zeros((1, yamnet_graph.SAMPLES), np.float32))
        assert np.isfinite(probabilities).all()
        assert np.isfinite(embeddings).all()


def test_every_label_has_classes() -> None:
    assert tuple(CONTENT) == CONTENT_LABELS
    assert tuple(INSTRUMENTS) == INSTRUMENT_LABELS
    assert all(0 <= index < CLASSES for classes in (*CONTENT.values(), *INSTRUMENTS.values()) for index in classes)


def test_a_band_has_its_peak_at_its_centre() -> None:
    mel = yamnet_graph.mel_matrix()
    assert mel.shape == (257, 64)
    assert not mel[0].any()
    peaks = mel[:, 20:].argmax(axis=0) * 31.25
    assert (np.diff(peaks) > 0).all()
    assert 7000 < peaks[-1] < 7500


def test_a_missing_array_is_named(weights, tmp_path) -> None:
    others = {name: value for name, value in weights.items() if name != "layer7/conv/kernel"}
    del others["layer3/pointwise_conv/kernel"]
    with pytest.raises(ModelRefused, match="layer3/pointwise_conv/kernel"):
        import_yamnet.read_weights(write(tmp_path / "yamnet.h5", others))


def test_an_array_of_another_shape_is_named(weights, tmp_path) -> None:
    changed = weights | {"logits/bias": np.zeros(3, np.float32)}
    with pytest.raises(ModelRefused, match=r"logits/bias has the shape \(3,\)"):
        import_yamnet.read_weights(write(tmp_path / "yamnet.h5", changed))


def test_weights_that_are_not_finite_are_refused(weights, tmp_path) -> None:
    changed = weights | {"logits/bias": np.full(CLASSES, np.nan, np.float32)}
    with pytest.raises(ModelRefused, match="not finite"):
        import_yamnet.read_weights(write(tmp_path / "yamnet.h5", changed))


def test_a_file_of_another_kind_is_refused(tmp_path) -> None:
    (tmp_path / "yamnet.h5").write_bytes(b"no weights")
    with pytest.raises(ModelRefused, match="no HDF5 file"):
        import_yamnet.read_weights(tmp_path / "yamnet.h5")


def test_a_pinned_hash_is_held(weights, tmp_path) -> None:
    from earshot.cli.import_models import imported

    write(tmp_path / "yamnet.h5", weights)
    (tmp_path / "out").mkdir()
    with pytest.raises(BadRequest, match="has the hash"):
        list(imported(["yamnet", str(tmp_path / "yamnet.h5")], "0" * 64, tmp_path / "out", None))  # type: ignore[arg-type]


def network(samples, weights):
    """YAMNet's embedding of one patch, in numpy."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 400)[::160]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    mel = np.abs(np.fft.rfft(frames * window, 512)) @ yamnet_graph.mel_matrix()
    image = np.log(mel + 0.001)[:, :, None]
    image = normalised(convolved(image, weights["layer1/conv/kernel"], 2), weights, "layer1/conv")
    for number, (stride, _width) in enumerate(yamnet_graph.LAYERS, 2):
        layer = f"layer{number}/depthwise_conv"
        patches = cut(image, stride)
        image = normalised(
            np.einsum("hwijc,ijc->hwc", patches, weights[f"{layer}/depthwise_kernel"][..., 0]), weights, layer
        )
        layer = f"layer{number}/pointwise_conv"
        image = normalised(image @ weights[f"{layer}/kernel"][0, 0], weights, layer)
    return image.mean(axis=(0, 1))


def convolved(image, kernel, stride):
    return np.einsum("hwijc,ijcd->hwd", cut(image, stride), kernel)


def cut(image, stride):
    """Patches of 3 x 3 with TensorFlow's padding 'same', of which an odd rest lies at the end."""
    pads = []
    for size in image.shape[:2]:
        out = -(-size // stride)
        total = max((out - 1) * stride + 3 - size, 0)
        pads.append((total // 2, total - total // 2))
    padded = np.pad(image, (*pads, (0, 0)))
    patches = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))[::stride, ::stride]
    return patches.transpose(0, 1, 3, 4, 2)


def normalised(image, weights, layer):
    scale = np.sqrt(weights[f"{layer}/bn/moving_variance"] + 1e-4)
    return np.maximum((image - weights[f"{layer}/bn/moving_mean"]) / scale + weights[f"{layer}/bn/beta"], 0)
