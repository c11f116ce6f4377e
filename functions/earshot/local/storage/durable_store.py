"""The emulator's storage, made durable and strict: objects survive restarts, generations only grow, changes notify.

Every way in which an object comes to be (upload, resumable upload, copy, rewrite, compose) ends in `create_file`,
so that is where generation, times and notification are made.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from gcp_storage_emulator.exceptions import BadRequest, NotFound
from gcp_storage_emulator.storage import RESUMABLE_DIR, Storage

from earshot.local.storage.folder import Folder

Resource = dict[str, Any]
BUCKETS = ".buckets.json"
OBJECTS = ".objects"


@dataclass(frozen=True)
class Change:
    """One thing that happened to an object; `other` is the generation that it replaced, or was replaced by."""

    event: Literal["OBJECT_FINALIZE", "OBJECT_DELETE", "OBJECT_METADATA_UPDATE"]
    resource: Resource
    other: str | None = None


class DurableStore(Storage):  # type: ignore[misc]  # the emulator carries no types
    """Buckets and objects in a folder: contents under `bucket/name`, resources under `.objects`, one file each."""

    def __init__(self, root: Path, notify: Callable[[Change], None]) -> None:
        super().__init__(use_memory_fs=True)
        self._store = Folder(root)
        self._notify = notify
        self._newest = 0
        self._load()

    def create_file(
        self, bucket_name: str, file_name: str, content: bytes, file_obj: Resource, file_id: str | None = None
    ) -> None:
        """Keep an object: a fresh generation, whatever the resource names, and its notification."""
        before = self.objects.get(bucket_name, {}).get(file_name)
        _stamp(file_obj, self._generation(), len(content))
        super().create_file(bucket_name, file_name, content, file_obj, file_id)
        self._keep(file_obj)
        if before:
            self._notify(Change("OBJECT_DELETE", before, file_obj["generation"]))
        self._notify(Change("OBJECT_FINALIZE", file_obj, before and before["generation"]))

    def delete_file(self, bucket_name: str, file_name: str) -> None:
        """Delete an object for good, and notify."""
        before = self.objects.get(bucket_name, {}).get(file_name)
        self._hard_delete_file(bucket_name, file_name)
        self._store.remove_file(_sidecar(bucket_name, file_name))
        self._notify(Change("OBJECT_DELETE", before))

    def patch_object(self, bucket_name: str, file_name: str, file_obj: Resource) -> None:
        """Store changed metadata, and notify."""
        file_obj["updated"] = _moment()
        metadata = file_obj.get("metadata") or {}
        file_obj["metadata"] = {key: value for key, value in metadata.items() if value is not None}  # null deletes
        super().patch_object(bucket_name, file_name, file_obj)
        self._keep(file_obj)
        self._notify(Change("OBJECT_METADATA_UPDATE", file_obj))

    def create_resumable_upload(self, bucket_name: str, _file_name: str, file_obj: Resource) -> str:
        """Open an upload session of its own for every caller; the emulator names them by the clock alone."""
        if bucket_name not in self.buckets:
            raise NotFound
        upload_id = uuid.uuid4().hex
        self.resumable[upload_id] = file_obj
        return upload_id

    def abandon_resumable_upload(self, upload_id: str) -> None:
        """Close a session without an object.

        Raises:
            NotFound: there is no such session.
        """
        self.delete_resumable_file_obj(upload_id)
        self._delete_file(RESUMABLE_DIR, self.safe_id(upload_id))

    def get_resumable_byte_count(self, file_id: str) -> int:
        """Bytes received so far."""
        return self._store.size(self._object_path(RESUMABLE_DIR, self.safe_id(file_id)))

    def add_to_resumable_upload(
        self,
        file_id: str,
        content: bytes | None,
        total_size: int | None = None,
        expected_start: int | None = None,
    ) -> bytes | None:
        """Append a chunk; the whole content once all of it is here, else None.

        The emulator reads and writes all earlier chunks again for each new one, which 100 MB in 2 MiB chunks
        make 2.5 GB of.
        """
        received = self.get_resumable_byte_count(file_id)
        if expected_start is not None and expected_start != received:
            raise BadRequest(f"Invalid Content-Range start: expected {received}, got {expected_start}")
        path = self._object_path(RESUMABLE_DIR, self.safe_id(file_id))
        received = self._store.append_bytes(path, content or b"")
        return self._store.read_bytes(path)[:total_size] if total_size is not None and received >= total_size else None

    def move(self, base_url: str) -> None:
        """Let the media links of all objects lead to where the server listens now."""
        for resource in (resource for bucket in self.objects.values() for resource in bucket.values()):
            resource["mediaLink"] = base_url + urlsplit(resource["mediaLink"])._replace(scheme="", netloc="").geturl()

    def _write_config_to_file(self) -> None:
        # Called by the emulator after every change, to write all it knows; here each object keeps its own file.
        self._store.write_bytes(BUCKETS, json.dumps(self.buckets, indent=2).encode())

    def _keep(self, resource: Resource) -> None:
        path = _sidecar(resource["bucket"], resource["name"])
        self._store.write_bytes(path, json.dumps(resource, indent=2).encode())

    def _load(self) -> None:
        if self._store.exists_file(BUCKETS):
            self.buckets = json.loads(self._store.read_bytes(BUCKETS))
        self._store.makedirs(OBJECTS)
        for resource in self._kept():
            self.objects.setdefault(resource["bucket"], {})[resource["name"]] = resource
            self._newest = max(self._newest, int(resource["generation"]))

    def _kept(self) -> Iterable[Resource]:
        for name in self._store.listdir(OBJECTS):
            resource: Resource = json.loads(self._store.read_bytes(f"{OBJECTS}/{name}"))
            yield resource

    def _generation(self) -> int:
        self._newest = max(self._newest + 1, time.time_ns() // 1000)  # microseconds, as the service counts
        return self._newest


def _stamp(resource: Resource, generation: int, size: int) -> None:
    bucket, name = resource["bucket"], resource["name"]
    moment = _moment()
    resource["generation"] = str(generation)
    resource["metageneration"] = "1"
    resource["id"] = f"{bucket}/{name}/{generation}"
    resource["size"] = str(size)
    for key in ("timeCreated", "updated", "timeStorageClassUpdated", "timeFinalized"):
        resource[key] = moment
    link = resource.get("mediaLink", "").split("?")[0]
    resource["mediaLink"] = f"{link}?generation={generation}&alt=media"


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _sidecar(bucket: str, name: str) -> str:
    return f"{OBJECTS}/{hashlib.sha256(f'{bucket}/{name}'.encode()).hexdigest()}.json"
