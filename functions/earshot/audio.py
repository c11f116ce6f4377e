"""The forms of a recording on its way, each handed on by one room to the next.

    AudioFound      a link on a page                   scraper    -> topic audio-found   -> downloader
    AudioObject     bytes on the shelf, with labels    downloader -> bucket, topic       -> analyser
    Refusal         why there are no bytes, or no row  downloader -> bucket, topic       -> analyser
    AudioAnalysis   one row of `audio_metadata`        analyser   -> BigQuery

Readers are tolerant (unknown fields are ignored), writers exact; changes only add optional fields.
"""

import base64
import binascii
import json
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from earshot.errors import BadEvent

Scalar = str | int | float | bool | datetime | None

LABEL_BYTES = 1024  # of one label; GCS allows 8 KiB for all custom metadata of an object
LABELS_BYTES = 7168  # of all labels of an object
URL_BYTES = 2048  # longest canonical URL; a longer one is a BadUrl
SHARDS = 1000  # range partitions of each table; BigQuery allows 10,000


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def audio_id(canonical_url: str) -> str:
    """32 hex digits of SHA-256 over the canonical URL: the same link is the same recording, everywhere."""
    return sha256(canonical_url.encode()).hexdigest()[:32]


def shard(gcp_url: str) -> int:
    """The partition a row lives in: CRC-32 of `gcp_url` modulo 1000, so a MERGE reads 1/1000 of the table."""
    return zlib.crc32(gcp_url.encode()) % SHARDS


def clean(text: str, limit_bytes: int = LABEL_BYTES) -> str:
    """Text from the web, made harmless: NFC, no control or format characters, one line, at most `limit_bytes`."""
    kept = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split()).encode()[:limit_bytes].decode(errors="ignore")


class Noun(BaseModel):
    """Frozen once made; unknown fields are ignored, so an older room reads what a newer one writes."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Origin(Noun):
    """Where a recording was found and on what terms: packed by the scraper, carried to the row unchanged."""

    source_url: str
    page_url: str | None = None
    page_title: str | None = None
    link_text: str | None = None
    found_by: str | None = None
    found_at: datetime | None = None
    position: int | None = None
    language: str | None = None
    author: str | None = None
    license: str | None = None
    license_url: str | None = None
    license_from: str | None = None
    declared_type: str | None = None
    declared_bytes: int | None = None
    declared_duration_ms: int | None = None
    declared_md5: str | None = None
    source_id: str | None = None
    rendition: str | None = None
    consent: str | None = None
    traceparent: str | None = None

    @property
    def audio_id(self) -> str:
        """Identity of the recording, from its canonical URL."""
        return audio_id(self.source_url)


class AudioFound(Origin):
    """A link to audio, on its way from the scraper to the downloader."""

    schema_version: Literal["1"] = "1"

    @classmethod
    def from_event(cls, data: Any) -> Self:
        """Read the data of a Pub/Sub CloudEvent.

        Raises:
            BadEvent: the payload is not JSON of this shape.
        """
        message = pubsub_message(data)
        try:
            found = cls.model_validate_json(base64.b64decode(message.get("data") or "", validate=True))
        except (ValidationError, binascii.Error, ValueError, TypeError) as error:
            raise BadEvent(f"not an AudioFound message: {clean(str(error), 300)}") from error
        carried = (message.get("attributes") or {}).get("traceparent")
        return found.model_copy(update={"traceparent": carried}) if carried else found


class Labels(Origin):
    """What the downloader pins to the bytes, as custom metadata of the object; each value is a string there."""

    source_url: str = ""
    file_name: str | None = None
    final_url: str | None = None
    http_status: int | None = None
    content_sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetched_at: datetime | None = None
    fetch_ms: int | None = None
    reference: str | None = None

    def as_metadata(self) -> dict[str, str]:
        """Custom metadata of a GCS object: strings, cleaned, at most 7 KiB together (GCS allows 8)."""
        texts = {name: clean(str(value)) for name, value in self.model_dump(mode="json", exclude_none=True).items()}
        texts |= {"source_url": clean(self.source_url, URL_BYTES)}
        kept: dict[str, str] = {}
        room = LABELS_BYTES
        # The identity first, then short before long, so that a page's prose never displaces a hash.
        for name in sorted(texts, key=lambda name: (name != "source_url", len(texts[name]), name)):
            room -= len(name) + len(texts[name].encode())
            if texts[name] and room >= 0:
                kept[name] = texts[name]
        return kept

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str] | None) -> Self:
        """Read an object's custom metadata; a file dropped by hand has none, and a label that does not
        parse is left out rather than costing the row."""
        labels = {key: value for key, value in (metadata or {}).items() if key in cls.model_fields}
        while True:
            try:
                return cls.model_validate(labels)
            except ValidationError as error:
                bad = {str(fault["loc"][0]) for fault in error.errors()}
                labels = {key: value for key, value in labels.items() if key not in bad}


@dataclass(frozen=True)
class Arrival:
    """The news that an object is complete: which, and which generation of it."""

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
    """Bytes on the shelf and what is pinned to them."""

    bucket: str
    name: str
    generation: int
    bytes: int
    content_type: str | None = None
    md5: str | None = None
    created_at: datetime | None = None
    labels: Labels = field(default_factory=Labels)

    @property
    def gcp_url(self) -> str:
        """`gs://bucket/name`: the key of the row."""
        return f"gs://{self.bucket}/{self.name}"


class Refusal(Noun):
    """Why a URL or a file did not become a row; kept as `refused/{audio_id}.json` and as a row of `refusals`."""

    audio_id: str
    source_url: str | None = None
    page_url: str | None = None
    stage: Literal["scraper", "downloader", "analyser"]
    reason: str
    detail: str | None = None
    evidence: str | None = None
    retryable: bool = False
    attempts: int = 1
    first_seen: datetime
    last_seen: datetime
    traceparent: str | None = None


@dataclass(frozen=True)
class AudioAnalysis:
    """One row of `audio_metadata`: the five fixed columns, and every further one by its column name."""

    gcp_url: str
    file_name: str
    duration_ms: int
    loudness: float
    classification: str
    generation: int
    analyser_version: int
    facts: Mapping[str, Scalar] = field(default_factory=dict)

    def as_row(self) -> dict[str, Scalar]:
        """Column name to value, `shard` included."""
        return {
            **self.facts,
            "gcp_url": self.gcp_url,
            "file_name": self.file_name,
            "duration_ms": self.duration_ms,
            "loudness": self.loudness,
            "classification": self.classification,
            "generation": self.generation,
            "analyser_version": self.analyser_version,
            "shard": shard(self.gcp_url),
        }


def pubsub_message(data: Any) -> Mapping[str, Any]:
    """The `message` of a Pub/Sub push or CloudEvent.

    Raises:
        BadEvent: there is none.
    """
    message = data.get("message") if isinstance(data, Mapping) else None
    if not isinstance(message, Mapping):
        raise BadEvent(f"no Pub/Sub message in {clean(json.dumps(data, default=str), 200)}")
    return message
