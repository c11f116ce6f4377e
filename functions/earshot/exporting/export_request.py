"""The request of an export: query, format, splits, recoding."""

import json
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MIB = 1024 * 1024
PACKING_VERSION = 1  # rises when the same request would write other bytes


class Form(StrEnum):
    """Format, named after the tool that reads it."""

    PARQUET = "parquet"
    WEBDATASET = "webdataset"
    HF = "hf"
    LHOTSE = "lhotse"
    NEMO = "nemo-jsonl"


class Codec(StrEnum):
    """What audio can be recoded to.

    WAV and FLAC keep 16-bit samples as they are; the others carry title, author and licence as tags.
    """

    WAV = "wav"
    FLAC = "flac"
    MP3 = "mp3"
    OGG = "ogg"
    OPUS = "opus"
    M4A = "m4a"

    @property
    def is_lossy(self) -> bool:
        """Written by pydub, which the extra `transcode` brings."""
        return self not in (Codec.WAV, Codec.FLAC)


class ExportRequest(BaseModel):
    """Which recordings, in which format, split and recoded how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sql: Annotated[str, Field(min_length=1)]
    """Any query that yields gcp_url or audio_id; its other columns are exported too."""
    form: Form = Form.PARQUET
    split: tuple[Annotated[float, Field(ge=0)], ...] = ()
    """Shares of train, validation and test, in any unit; two are train and test, none leaves all in train."""
    split_by: str = "group"
    """What stays in one split: group (copies of one recording), author, host, or a column of the query."""
    transcode: Codec | None = None
    """None copies the bytes unchanged."""
    rate_hz: Annotated[int | None, Field(ge=4000, le=192_000)] = None
    """Of recoded audio; None keeps each one's own."""
    limit: Annotated[int | None, Field(ge=1)] = None
    name: Annotated[str, Field(min_length=1)] = "earshot export"
    shard_bytes: Annotated[int, Field(ge=MIB, le=16 * 1024 * MIB)] = 256 * MIB
    shard_items: Annotated[int, Field(ge=1, le=100_000)] = 10_000

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.rate_hz and not self.transcode:
            raise ValueError("a sample rate needs transcode: copied bytes keep theirs")
        if self.split and (len(self.split) not in (2, 3) or sum(self.split) <= 0):
            raise ValueError("split wants two or three shares, such as 90/5/5")
        return self

    @property
    def splits(self) -> tuple[tuple[str, float], ...]:
        """Names and shares; the shares add up to 1."""
        names = {0: ("train",), 2: ("train", "test"), 3: ("train", "validation", "test")}[len(self.split)]
        shares = self.split or (1.0,)
        return tuple((name, share / sum(shares)) for name, share in zip(names, shares, strict=True))

    @property
    def identity(self) -> str:
        """Equal for equal requests: an unfinished export continues only with the request it began with."""
        fields = self.model_dump(mode="json") | {"packing": PACKING_VERSION}
        return sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
