"""What is in the bucket: bytes with metadata, and refusals; and the notification that an object has changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from earshot.audio.audio_found import AudioFound, FrozenModel, ObjectMetadata
from earshot.audio.bounded import Detail, RequiredMoment
from earshot.audio.pubsub_envelope import pubsub_message
from earshot.errors import BadEvent

MOST_ATTEMPTS = 10**9  # that a refusal may claim; more is no count


@dataclass(frozen=True)
class Arrival:
    """The notification that an object is complete, or deleted: which, and which generation of it."""

    bucket: str
    name: str
    generation: int

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


class Refusal(FrozenModel):
    """Why a URL or a file did not become a row; kept as `refused/{audio_id}.json` and as a row of `refusals`."""

    audio_id: str
    source_url: str | None = None
    page_url: str | None = None
    stage: Literal["scraper", "downloader", "analyser", "person"]
    reason: str
    detail: Detail = None
    evidence: str | None = None
    retryable: bool = False
    attempts: Annotated[int, Field(ge=0, le=MOST_ATTEMPTS)] = 1
    first_seen: RequiredMoment
    last_seen: RequiredMoment
    traceparent: str | None = None
    found: AudioFound | None = None
    """The link as it was found, so that it can be tried again; not in the row."""
