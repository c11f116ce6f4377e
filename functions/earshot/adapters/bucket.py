"""The Cloud Storage bucket, in the project's types. Every write is conditional, so a repeat is harmless.

incoming/{audio_id}/…        a long upload in progress; causes no notification; deleted after a day
audio/{audio_id}{.ext}       a complete recording with its custom metadata
refused/{audio_id}.json      why there is no recording
features/{audio_id}.parquet  frame features computed from the recording
tags/{task}/{audio_id}.json.gz  scores of what is heard in the recording
tags/visuals/{audio_id}.bin  outline, spectrogram and loudness of the recording, for the page
withdrawn/hosts.json         hosts from which nothing is fetched any more
"""

import base64
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound, PreconditionFailed

from earshot.adapters.incoming_upload import IncomingUpload, Writer
from earshot.adapters.storage_errors import translated
from earshot.adapters.withdrawn_hosts import WithdrawnHosts
from earshot.audio import AudioObject, ObjectMetadata, Refusal
from earshot.tagging.vocabulary import TASKS, visuals_name

if TYPE_CHECKING:
    from google.cloud.storage import Blob
    from google.cloud.storage import Bucket as GcsBucket


class Bucket:
    """A bucket; errors of Google's client are translated into `ComeAgain`."""

    def __init__(self, bucket: "GcsBucket", *, timeout_s: float = 60.0) -> None:
        self.bucket = bucket
        self.timeout_s = timeout_s
        self.hosts = WithdrawnHosts(bucket, timeout_s=timeout_s)

    @contextmanager
    def incoming(self, audio_id: str) -> Iterator["Incoming"]:
        """An upload whose object appears complete, with its metadata, or not at all."""
        upload = IncomingUpload(self.bucket, audio_id, timeout_s=self.timeout_s)
        try:
            yield Incoming(self, upload)
        finally:
            upload.discard()

    def find(self, audio_id: str) -> AudioObject | None:
        """The recording of that identity, whatever its extension; None if there is none."""
        with translated(f"looking for audio/{audio_id}"):
            blobs = self.bucket.list_blobs(prefix=f"audio/{audio_id}", max_results=1, timeout=self.timeout_s)
            return next((self.described(blob) for blob in blobs), None)

    def describe(self, name: str) -> AudioObject | None:
        """The object's current generation and custom metadata; None if it is deleted."""
        with translated(f"describing {name}"):
            blob = self.bucket.get_blob(name, timeout=self.timeout_s)
            return self.described(blob) if blob else None

    def names(self, prefix: str) -> list[str]:
        """Names of objects that begin so, in alphabetical order; the first 20."""
        with translated(f"looking for {prefix}"):
            return [blob.name for blob in self.bucket.list_blobs(prefix=prefix, max_results=20, timeout=self.timeout_s)]

    def download(self, kept: AudioObject, path: Path) -> bool:
        """Write exactly that generation of the object to `path`; False if it is gone or has been replaced."""
        blob = self.bucket.blob(kept.name, generation=kept.generation)
        with translated(f"reading {kept.gcp_url}"):
            try:
                blob.download_to_filename(
                    str(path), if_generation_match=kept.generation, timeout=self.timeout_s, checksum="crc32c"
                )
            except (NotFound, PreconditionFailed):
                return False
        return True

    def refusal(self, audio_id: str) -> Refusal | None:
        """What was refused before under that identity, if anything."""
        with translated(f"reading refused/{audio_id}.json"):
            try:
                text = self.bucket.blob(f"refused/{audio_id}.json").download_as_bytes(timeout=self.timeout_s)
            except NotFound:
                return None
            return Refusal.model_validate_json(text)

    def refuse(self, refusal: Refusal) -> None:
        """Store a refusal; a repeat is a new generation of the same object."""
        blob = self.bucket.blob(f"refused/{refusal.audio_id}.json")
        with translated(f"keeping {blob.name}"):
            blob.upload_from_string(
                refusal.model_dump_json(exclude_none=True, indent=2),
                content_type="application/json",
                timeout=self.timeout_s,
            )

    def remove(self, audio_id: str) -> None:
        """Delete the recording of that identity and what was computed from it, if there is any."""
        tags = [*(f"tags/{task}/{audio_id}" for task in TASKS), visuals_name(audio_id)]
        for prefix in (f"audio/{audio_id}", f"features/{audio_id}", *tags):
            with translated(f"removing {prefix}"):
                for blob in self.bucket.list_blobs(prefix=prefix, timeout=self.timeout_s):
                    self.delete(blob.name)

    def delete(self, name: str) -> None:
        """Delete an object, if it is there."""
        with translated(f"deleting {name}"), suppress(NotFound):
            self.bucket.blob(name).delete(timeout=self.timeout_s)

    def beside(self, name: str) -> dict[str, str] | None:
        """Custom metadata of a derived object such as frame features; None if there is no such object."""
        with translated(f"describing {name}"):
            blob = self.bucket.get_blob(name, timeout=self.timeout_s)
            return dict(blob.metadata or {}) if blob else None

    def put_derived(self, name: str, path: Path, content_type: str, metadata: Mapping[str, str]) -> None:
        """Store an object derived from a recording, replacing an earlier one."""
        blob = self.bucket.blob(name)
        blob.metadata = dict(metadata)
        with translated(f"putting {name}"):
            blob.upload_from_filename(str(path), content_type=content_type, timeout=self.timeout_s)

    def withdrawn_hosts(self) -> frozenset[str]:
        """Hosts that are withdrawn as a whole, with all below them; as of a few seconds ago."""
        return self.hosts.read()

    def withdraw_host(self, host: str) -> None:
        """Add a host to those withdrawn, and return once every process knows it: after some seconds.

        Raises:
            ComeAgain: somebody else changed the list at the same moment.
        """
        self.hosts.add(host)

    def update_metadata(self, kept: AudioObject, metadata: ObjectMetadata, *, notify: bool) -> None:
        """Replace the custom metadata of that generation of the object; a newer generation is left as it is.

        Args:
            notify: write a new generation, which notifies the analyser; otherwise only the metadata changes.
        """
        blob = self.bucket.blob(kept.name)
        blob.metadata = metadata.as_metadata()
        with translated(f"setting metadata of {kept.name}"), suppress(NotFound, PreconditionFailed):
            if not notify:
                blob.patch(if_generation_match=kept.generation, timeout=self.timeout_s)
                return
            blob.content_type = kept.content_type
            source, token = self.bucket.blob(kept.name), None
            while True:
                token, _, _ = blob.rewrite(
                    source, token=token, if_generation_match=kept.generation, timeout=self.timeout_s
                )
                if not token:
                    return

    def described(self, blob: "Blob") -> AudioObject:
        """A blob whose properties have been read, as an `AudioObject`."""
        return AudioObject(
            bucket=self.bucket.name,
            name=blob.name,
            generation=int(blob.generation),
            bytes=int(blob.size or 0),
            content_type=blob.content_type,
            md5=base64.b64decode(blob.md5_hash).hex() if blob.md5_hash else None,
            created_at=blob.time_created,
            metadata=ObjectMetadata.from_metadata(blob.metadata),
        )


class Incoming:
    """An upload in progress, in the project's types."""

    def __init__(self, store: Bucket, upload: IncomingUpload) -> None:
        self.store = store
        self.upload = upload

    def writer(self, content_type: str) -> AbstractContextManager[Writer]:
        """A file to write to, at most one chunk of it in memory; leaving by an error abandons it."""
        return self.upload.writer(content_type)

    def put(self, name: str, metadata: ObjectMetadata, content_type: str, *, replaces: int = 0) -> AudioObject | None:
        """As `IncomingUpload.put`."""
        blob = self.upload.put(name, metadata, content_type, replaces=replaces)
        return self.store.described(blob) if blob else None
