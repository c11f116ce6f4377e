"""`model.json`: everything that the tagger must know of an ONNX model before it runs it.

A model is a folder `models/{task}/{version}/` with `model.onnx` and `model.json`. Its graph has one input and one
output. The input is `samples`, float32 of shape (batch, window samples) at full scale ±1 (the front end lies inside
the graph), or, where a backbone hears the samples first, `embeddings`, float32 of shape (batch, embedding). The output
is `probabilities`, float32 of shape (batch, labels), each within 0 and 1.

A backbone is a folder `models/backbones/{sha256}/` with `model.onnx` and `backbone.json`: input `samples`, output
`embeddings` and, where it answers by itself, `probabilities` over its own classes.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from earshot.audio import FrozenModel, clean
from earshot.tagging.vocabulary import LABELS, Task

Manifest = TypeVar("Manifest", bound=FrozenModel)
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[str, Field(pattern=r"^\d{8}T\d{6}Z-[0-9a-f]{8}$")]
Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Probability = Annotated[float, Field(ge=0, le=1)]
RateHz = Annotated[int, Field(ge=8_000, le=48_000)]
WindowMs = Annotated[int, Field(ge=20, le=10_000)]
MANIFEST_BYTES = 1024 * 1024  # of a model.json; YAMNet's with its 521 classes is below 40 KB


class BadManifest(ValueError):
    """A `model.json` that does not describe a model; the message says which field is wrong."""


class Licence(FrozenModel):
    """Terms of something that a model is made of: data, weights."""

    name: str
    licence: str
    url: str = ""


class Backbone(FrozenModel):
    """The network that turns samples into embeddings, as a head names it."""

    name: str
    sha256: Hash
    sample_rate_hz: RateHz
    window_ms: WindowMs
    embedding: Annotated[int, Field(ge=1, le=8192)]


class BackboneManifest(Backbone):
    """`backbone.json`: a backbone, and the classes that it answers with by itself."""

    format: Literal[1] = 1
    classes: tuple[str, ...] = ()
    front_end: str = ""
    licences: tuple[Licence, ...] = ()

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Read a `backbone.json`.

        Raises:
            BadManifest: a field is missing, wrong, or contradicts another.
        """
        return _read(cls, text)


class Training(FrozenModel):
    """How a model was made: enough to make it again."""

    query: str = ""
    data_sha256: str = ""
    seed: int = 0
    config: Mapping[str, Any] = {}


class ModelManifest(FrozenModel):
    """`model.json`."""

    format: Literal[1] = 1
    task: Task
    name: Annotated[str, Field(min_length=1, max_length=100)]
    version: Version
    stage: Literal["demo", "trained", "imported"]
    labels: Annotated[tuple[Label, ...], Field(min_length=1)]
    activation: Literal["sigmoid", "softmax", "none"]
    """What made the output probabilities, inside the graph."""
    sample_rate_hz: RateHz
    window_ms: WindowMs
    """The past that a decision depends on: it ends at the decision's own end, so nothing later is heard."""
    hop_ms: WindowMs
    input: Literal["samples", "embeddings"] = "samples"
    output: Literal["probabilities"] = "probabilities"
    thresholds: Mapping[Label, Probability]
    front_end: str = ""
    backbone: Backbone | None = None
    sha256: Hash
    """Of `model.onnx`."""
    training: Training = Training()
    licences: tuple[Licence, ...] = ()
    metrics: Mapping[str, Any] = {}

    @property
    def window_samples(self) -> int:
        """Samples of one window at the model's rate."""
        return round(self.window_ms * self.sample_rate_hz / 1000)

    @property
    def hop_samples(self) -> int:
        """Samples between two decisions at the model's rate."""
        return round(self.hop_ms * self.sample_rate_hz / 1000)

    @property
    def input_size(self) -> int:
        """Values of one row of the graph's input."""
        return self.backbone.embedding if self.backbone else self.window_samples

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Read a `model.json`.

        Raises:
            BadManifest: a field is missing, wrong, or contradicts another.
        """
        return _read(cls, text)

    def as_json(self) -> str:
        """The file's text."""
        return self.model_dump_json(indent=2) + "\n"

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        known = LABELS[self.task]
        strange = [label for label in self.labels if label not in known]
        if strange:
            raise ValueError(f"{self.task} has no label {', '.join(strange)}; its labels are {', '.join(known)}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("a label is listed twice")
        if set(self.thresholds) != set(self.labels):
            raise ValueError("thresholds must name each label once, and no other")
        if (self.backbone is not None) != (self.input == "embeddings"):
            raise ValueError('input is "embeddings" where there is a backbone, and "samples" where there is none')
        if self.backbone and (self.sample_rate_hz, self.window_ms) != (
            self.backbone.sample_rate_hz,
            self.backbone.window_ms,
        ):
            raise ValueError("sample_rate_hz and window_ms must be the backbone's")
        return self


def _read(kind: type[Manifest], text: bytes | str) -> Manifest:
    if len(text) > MANIFEST_BYTES:
        raise BadManifest(f"is {len(text)} bytes long, limit is {MANIFEST_BYTES}")
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise BadManifest(clean(str(error), 500)) from error
