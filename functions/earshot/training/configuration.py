"""The configuration of a training: Hydra composes it from `conf/`, and it becomes types here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from earshot.errors import BadRequest
from earshot.tagging.vocabulary import LABELS, Task

CONF = Path(__file__).parent / "conf"
MOST_QUERY_BYTES = 1024 * 1024  # BigQuery's limit of a statement


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TaskPart(_Part):
    """The task: labels, and the past that a decision hears."""

    name: Task
    labels: tuple[str, ...]
    window_ms: Annotated[int, Field(ge=20, le=10_000)]
    hop_ms: Annotated[int, Field(ge=20, le=10_000)]
    activation: Literal["sigmoid", "softmax"]

    @model_validator(mode="after")
    def _has_known_labels(self) -> "TaskPart":
        strange = [label for label in self.labels if label not in LABELS[self.name]]
        if strange or len(set(self.labels)) != len(self.labels) or not self.labels:
            raise ValueError(f"task.labels must be different ones of {', '.join(LABELS[self.name])}")
        return self


class SplitPart(_Part):
    """Shares of the splits, and what is never split."""

    by: str = "group"
    train: float
    validation: float
    test: float


class DataPart(_Part):
    """Where the data comes from."""

    kind: Literal["query", "manifest", "synthetic"]
    path: str
    scale: Annotated[float, Field(gt=0, le=100)]
    weak: bool
    split: SplitPart


class FrontEndPart(_Part):
    """Constants of the log-mel front end."""

    sample_rate_hz: Annotated[int, Field(ge=8000, le=48_000)]
    n_fft: Annotated[int, Field(ge=64, le=8192)]
    hop: Annotated[int, Field(ge=16, le=8192)]
    mels: Annotated[int, Field(ge=8, le=256)]
    low_hz: float
    high_hz: float


class AugmentPart(_Part):
    """Switches of the augmentations."""

    equaliser: bool
    band_limit: bool
    noise_floor: bool
    reverberation: bool
    pitch: bool
    masks: bool


class WavesPart(_Part):
    """Copies of the recordings that train, changed as waves."""

    copies: Annotated[int, Field(ge=0, le=8)]
    equaliser: bool
    pitch: bool
    distortion: bool
    low_pass: bool
    high_pass: bool
    bit_depth: bool


class MixPart(_Part):
    """How examples are combined."""

    mode: Literal["complementary", "random", "none"]
    mixed: Annotated[float, Field(ge=0, le=1)]
    spliced: Annotated[float, Field(ge=0, le=1)]
    padded: Annotated[float, Field(ge=0, le=1)]


class NetworkPart(_Part):
    """The network."""

    kind: Literal["cnn", "attention", "statistics", "dense", "head"]
    widths: tuple[int, ...]
    l2: float | None
    backbone: str


class FitPart(_Part):
    """How long and how fast."""

    epochs: Annotated[int, Field(ge=1)]
    steps: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
    learning_rate: Annotated[float, Field(gt=0)]
    patience: Annotated[int, Field(ge=1)]
    minutes: Annotated[float, Field(gt=0)]


class EvaluatePart(_Part):
    """How the model is evaluated."""

    calibrate: bool
    baselines: tuple[Literal["constant", "one_feature", "logistic", "in_use"], ...]
    freeze: bool


class TrainingConfig(_Part):
    """A whole configuration."""

    task: TaskPart
    data: DataPart
    frontend: FrontEndPart
    augment: AugmentPart
    waves: WavesPart
    mix: MixPart
    network: NetworkPart
    fit: FitPart
    evaluate: EvaluatePart
    seed: Annotated[int, Field(ge=0, le=2**31)]
    query: str

    @model_validator(mode="after")
    def _copies_waves_only_for_networks_on_windows(self) -> "TrainingConfig":
        if self.waves.copies and self.network.kind in ("head", "dense"):
            raise ValueError(f"waves.copies changes what a network hears; network kind {self.network.kind} hears none")
        return self

    @property
    def as_yaml(self) -> str:
        """The resolved configuration as text."""
        from omegaconf import OmegaConf

        return str(OmegaConf.to_yaml(OmegaConf.create(self.model_dump(mode="json"))))


def compose(task: str, overrides: Sequence[str] = ()) -> TrainingConfig:
    """The configuration of a task with overrides as Hydra writes them: `network=head fit.epochs=3`.

    `query=TEXT` and `query=@FILE` are taken as they are, so SQL needs no second pair of quotes.

    Raises:
        BadRequest: hydra is not installed, an override names nothing, or a value is out of range.
    """
    try:
        from hydra import compose as composed
        from hydra import initialize_config_dir
        from hydra.errors import HydraException
        from omegaconf import OmegaConf
        from omegaconf.errors import OmegaConfBaseException
    except ImportError as error:
        raise BadRequest("configurations are composed by hydra: `make extra NAME=trainer`") from error
    queries = [text.removeprefix("query=") for text in overrides if text.startswith("query=")]
    others = [text for text in overrides if not text.startswith("query=")]
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            found = OmegaConf.to_container(
                composed("config", overrides=[f"task={task}", *others]), resolve=True, throw_on_missing=True
            )
    except (HydraException, OmegaConfBaseException) as error:
        raise BadRequest(f"configuration: {_first_lines(error)}") from error
    values = dict(cast("dict[str, Any]", found))
    if queries:
        values["query"] = _query(queries[-1])
    try:
        return TrainingConfig(**values)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise BadRequest(f"configuration: {faults}") from error


def _query(text: str) -> str:
    if not text.startswith("@"):
        return text
    path = Path(text[1:])
    if not path.is_file() or path.stat().st_size > MOST_QUERY_BYTES:
        raise BadRequest(f"query: {path} is no file of at most {MOST_QUERY_BYTES} bytes")
    return path.read_text(encoding="utf-8")


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split())[:500]
