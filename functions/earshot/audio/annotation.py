"""A judgement of a person or program: what is heard in a stretch of a recording."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from earshot.audio.audio_found import FrozenModel
from earshot.clean_text import clean

WEAK = "weak:"
"""What the annotator's name of a program begins with."""


class Annotation(FrozenModel):
    """One row of the append-only table `annotations`; of judgements of the same stretch the latest holds."""

    gcp_url: Annotated[str, Field(pattern=r"^gs://[^/]+/.+", max_length=2000)]
    task: Annotated[str, Field(pattern=r"^(content|instruments|loudness_class)$")]
    label: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,63})?$")]
    """Empty: none of the task's labels, or an earlier judgement withdrawn."""
    start_ms: Annotated[int, Field(ge=0)]
    end_ms: Annotated[int, Field(le=1_000_000_000)]
    annotator: Annotated[str, Field(min_length=1, max_length=200)]
    source: str = "api"
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.end_ms <= self.start_ms:
            raise ValueError(f"end_ms {self.end_ms} must lie after start_ms {self.start_ms}")
        if clean(self.annotator, 200) != self.annotator:
            raise ValueError("annotator has control characters")
        return self

    def as_row(self) -> dict[str, str | int | float | bool | datetime | None]:
        """Column and value."""
        return dict(self)
