"""What is known of a link to audio: the message that the scraper publishes, and the metadata of the stored object."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from earshot.audio.alternatives import MAX_ALTERNATIVES, URL_BYTES, Alternative
from earshot.audio.bounded import Count, Moment
from earshot.audio.identifiers import audio_id
from earshot.audio.pubsub_envelope import pubsub_message
from earshot.clean_text import METADATA_VALUE_BYTES, clean
from earshot.errors import BadEvent

METADATA_BYTES = 7168  # of all custom metadata of an object; GCS allows 8 KiB
URLS = frozenset(("source_url", "identity_url", "fetched_url", "final_url", "page_url", "original_url", "license_url"))
IDENTITY = ("source_url", "identity_url")


class FrozenModel(BaseModel):
    """Frozen once made; unknown fields are ignored, so an older function reads what a newer one writes."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Origin(FrozenModel):
    """Where a recording was found and on what terms: written by the scraper, carried to the row unchanged.

    Numbers and moments that no row can hold are read as None.
    """

    source_url: str
    """Canonical URL of the rendition that is fetched first."""
    identity_url: str | None = None
    """URL that identifies the recording, where it is not `source_url`: without cache busters and the prefixes of
    measurement services. It is never fetched."""
    page_url: str | None = None
    page_title: str | None = None
    link_text: str | None = None
    found_by: str | None = None
    found_at: Moment = None
    position: Count = None
    language: str | None = None
    author: str | None = None
    license: str | None = None
    license_url: str | None = None
    license_from: str | None = None
    declared_type: str | None = None
    declared_bytes: Count = None
    declared_duration_ms: Count = None
    declared_md5: str | None = None
    source_id: str | None = None
    rendition: str | None = None
    original_url: str | None = None
    consent: str | None = None
    traceparent: str | None = None
    tags: str | None = None
    declared_sri: str | None = None
    declared_bit_rate_bps: Count = None

    @property
    def audio_id(self) -> str:
        """Identity of the recording, from the URL that identifies it."""
        return audio_id(self.identity_url or self.source_url)


class AudioFound(Origin):
    """A link to audio, on its way from the scraper to the downloader."""

    schema_version: Literal["1"] = "1"
    despite: Moment = None
    """The source is asked again in spite of a refusal as old as this, or older."""
    alternatives: tuple[Alternative, ...] = ()
    """Other renditions of the same recording, best first: each is fetched when `source_url` and all before it fail."""

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
        attributes = message.get("attributes")
        carried = attributes.get("traceparent") if isinstance(attributes, Mapping) else None
        return found.model_copy(update={"traceparent": carried}) if isinstance(carried, str) and carried else found

    def renditions(self) -> tuple[Alternative, ...]:
        """What can be fetched of the recording, in order: `source_url`, then its alternatives; each URL once."""
        first = Alternative(
            url=self.source_url,
            rendition=self.rendition,
            declared_type=self.declared_type,
            declared_bytes=self.declared_bytes,
            declared_bit_rate_bps=self.declared_bit_rate_bps,
            declared_md5=self.declared_md5,
            declared_sri=self.declared_sri,
        )
        by_url: dict[str, Alternative] = {}
        for one in (first, *self.alternatives[:MAX_ALTERNATIVES]):
            by_url.setdefault(one.url, one)
        return tuple(by_url.values())


class ObjectMetadata(Origin):
    """What the downloader attaches to the bytes, as custom metadata of the object; each value is a string there."""

    source_url: str = ""
    file_name: str | None = None
    fetched_url: str | None = None
    final_url: str | None = None
    http_status: Count = None
    content_sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetched_at: Moment = None
    fetch_ms: Count = None
    reference: str | None = None
    integrity: str | None = None
    removed_at_source: Moment = None
    checked_at: Moment = None
    alternatives: str | None = None
    redirected_to_http: bool | None = None

    def as_metadata(self) -> dict[str, str]:
        """Custom metadata of a GCS object: strings, cleaned, at most 7 KiB together (GCS allows 8)."""
        texts = {
            name: clean(str(value), URL_BYTES if name in URLS else METADATA_VALUE_BYTES)
            for name, value in self.model_dump(mode="json", exclude_none=True).items()
        }
        kept: dict[str, str] = {}
        left = METADATA_BYTES
        # The identity first, then short before long, so that a page's text never displaces a hash.
        for name in sorted(texts, key=lambda name: (name not in IDENTITY, len(texts[name]), name)):
            needed = len(name) + len(texts[name].encode())
            if texts[name] and needed <= left:
                kept[name] = texts[name]
                left -= needed
        return kept

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str] | None) -> Self:
        """Read an object's custom metadata.

        A file that a person uploads has none; an entry that does not parse is left out and costs no row.
        """
        metadata = {key: value for key, value in (metadata or {}).items() if key in cls.model_fields}
        while True:
            try:
                return cls.model_validate(metadata)
            except ValidationError as error:
                bad = {str(fault["loc"][0]) for fault in error.errors()}
                metadata = {key: value for key, value in metadata.items() if key not in bad}
