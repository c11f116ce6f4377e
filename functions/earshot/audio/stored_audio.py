"""What is in the bucket: bytes with metadata, and refusals; and the notification that an object has changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import ValidationError, WrapValidator

from earshot.audio.audio_found import AudioFound, FrozenModel, ObjectMetadata
from earshot.audio.bounded import LONG_AGO, Attempts, Detail, Evidence, PastMoment
from earshot.audio.identifiers import audio_id
from earshot.audio.pubsub_envelope import pubsub_message
from earshot.errors import BadEvent


@dataclass(frozen=True)
class Arrival:
    """The notification that an object is complete, or deleted: which, and which generation of it."""

    bucket: str
    name: str
    generation: int
    only: str = ""
    """Function that it is addressed to; empty for all that are subscribed."""

    @classmethod
    def from_event(cls, data: Any) -> Self:
        """Read either shape: a Pub/Sub push that carries a bucket notification, or a storage CloudEvent.

        Raises:
            BadEvent: neither shape.
        """
        try:
            if isinstance(data, Mapping) and "message" in data:
                attributes = pubsub_message(data).get("attributes") or {}
                return cls(
                    bucket=str(attributes["bucketId"]),
                    name=str(attributes["objectId"]),
                    generation=int(attributes["objectGeneration"]),
                    only=str(attributes.get("only", "")),
                )
            return cls(bucket=str(data["bucket"]), name=str(data["name"]), generation=int(data["generation"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadEvent(f"neither a bucket notification nor a storage event: {error!r}") from error


@dataclass(frozen=True)
class AudioObject:
    """Stored bytes and what is attached to them."""

    bucket: str
    name: str
    generation: int
    bytes: int
    content_type: str | None = None
    md5: str | None = None
    created_at: datetime | None = None
    metadata: ObjectMetadata = field(default_factory=ObjectMetadata)

    @property
    def gcp_url(self) -> str:
        """`gs://bucket/name`: the key of the row."""
        return f"gs://{self.bucket}/{self.name}"

    @property
    def audio_id(self) -> str:
        """Identity of the recording: of its source, or, where none is known, of its place in the bucket."""
        return self.metadata.audio_id if self.metadata.source_url else audio_id(self.gcp_url)


def _or_none(value: Any, parse: Callable[[Any], AudioFound | None]) -> AudioFound | None:
    try:
        return parse(value)
    except ValidationError:
        return None


class Refusal(FrozenModel):
    """Why a URL or a file did not become a row; stored as `refused/{audio_id}.json` and as a row of `refusals`.

    Readers are tolerant: of one that a person has edited, or a newer version has written, what no row can hold is
    left out or bounded, and a date that cannot be read is long past.
    """

    audio_id: str
    source_url: str | None = None
    page_url: str | None = None
    stage: str
    """Which function refused: scraper, downloader, analyser; person for a withdrawal; others in newer versions."""
    reason: str
    detail: Detail = None
    evidence: Evidence = None
    retryable: bool = False
    attempts: Attempts = 1
    first_seen: PastMoment = LONG_AGO
    last_seen: PastMoment = LONG_AGO
    traceparent: str | None = None
    found: Annotated[AudioFound | None, WrapValidator(_or_none)] = None
    """The link as it was found, so that it can be tried again; not in the row."""
