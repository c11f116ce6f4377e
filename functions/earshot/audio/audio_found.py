"""What is known of a link, from the page to the labels of its bytes."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from earshot.audio.clean_text import clean
from earshot.audio.identifiers import audio_id
from earshot.audio.pubsub_envelope import pubsub_message
from earshot.errors import BadEvent

METADATA_BYTES = 7168  # of all labels of an object
URL_BYTES = 2048  # longest canonical URL; a longer one is a BadUrl


class FrozenModel(BaseModel):
    """Frozen once made; unknown fields are ignored, so an older room reads what a newer one writes."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Origin(FrozenModel):
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
    original_url: str | None = None
    consent: str | None = None
    traceparent: str | None = None
    tags: str | None = None
    declared_sri: str | None = None

    @property
    def audio_id(self) -> str:
        """Identity of the recording, from its canonical URL."""
        return audio_id(self.source_url)


class AudioFound(Origin):
    """A link to audio, on its way from the scraper to the downloader."""

    schema_version: Literal["1"] = "1"
    despite: datetime | None = None
    """The source is asked again in spite of a refusal as old as this, or older."""

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


class ObjectMetadata(Origin):
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
    integrity: str | None = None
    removed_at_source: datetime | None = None
    checked_at: datetime | None = None

    def as_metadata(self) -> dict[str, str]:
        """Custom metadata of a GCS object: strings, cleaned, at most 7 KiB together (GCS allows 8)."""
        texts = {name: clean(str(value)) for name, value in self.model_dump(mode="json", exclude_none=True).items()}
        texts |= {"source_url": clean(self.source_url, URL_BYTES)}
        kept: dict[str, str] = {}
        room = METADATA_BYTES
        # The identity first, then short before long, so that a page's prose never displaces a hash.
        for name in sorted(texts, key=lambda name: (name != "source_url", len(texts[name]), name)):
            room -= len(name) + len(texts[name].encode())
            if texts[name] and room >= 0:
                kept[name] = texts[name]
        return kept

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str] | None) -> Self:
        """Read an object's custom metadata; a file dropped by hand has none, and a label that does not
        parse is left out rather than costing the row.
        """
        metadata = {key: value for key, value in (metadata or {}).items() if key in cls.model_fields}
        while True:
            try:
                return cls.model_validate(metadata)
            except ValidationError as error:
                bad = {str(fault["loc"][0]) for fault in error.errors()}
                metadata = {key: value for key, value in metadata.items() if key not in bad}
