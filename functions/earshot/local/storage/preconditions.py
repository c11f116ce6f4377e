"""Preconditions of a request, checked against what is kept; the emulator accepts them and does nothing.

Source: cloud.google.com/storage/docs/request-preconditions.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.server import Request
from gcp_storage_emulator.storage import Storage

READS = ("GET", "HEAD")


def violated(request: Request, storage: Storage) -> tuple[HTTPStatus, str] | None:
    """The status that the service would answer with, and why; None if the request may go on."""
    query = {name: values[0] for name, values in request.query.items()}
    bucket, name = _target(request, storage)
    if not name:
        return None
    kept = _kept(storage, bucket, name)
    if "generation" in query and query["generation"] != _generation(kept):
        return HTTPStatus.NOT_FOUND, f"No such object: {bucket}/{name}#{query['generation']}"
    found = _broken(query, "if", kept)
    if found is None and "dest_object_id" in request.params:
        source = _kept(storage, request.params["bucket_name"], request.params["object_id"])
        if "sourceGeneration" in query and query["sourceGeneration"] != _generation(source):
            return HTTPStatus.NOT_FOUND, f"No such source generation: {query['sourceGeneration']}"
        found = _broken(query, "ifSource", source)
    if found is None:
        return None
    if found.endswith("NotMatch") and request.method in READS:
        return HTTPStatus.NOT_MODIFIED, found
    return HTTPStatus.PRECONDITION_FAILED, f"At least one of the pre-conditions you specified did not hold: {found}"


def _broken(query: Mapping[str, str], start: str, kept: Mapping[str, Any] | None) -> str | None:
    facts = {"Generation": _generation(kept), "Metageneration": str(kept["metageneration"]) if kept else "0"}
    for name, fact in facts.items():
        if query.get(f"{start}{name}Match", fact) != fact:
            return f"{start}{name}Match"
        if query.get(f"{start}{name}NotMatch") == fact:
            return f"{start}{name}NotMatch"
    return None


def _target(request: Request, storage: Storage) -> tuple[str | None, str | None]:
    """Bucket and name of the object that the request reads or makes; no name for a request about none."""
    params = request.params or {}
    bucket = params.get("dest_bucket_name") or params.get("bucket_name")
    name = params.get("dest_object_id") or params.get("object_id")
    if name is None and "upload_id" in request.query:
        session = storage.resumable.get(request.query["upload_id"][0])
        name = session and session["name"]
    if name is None and "name" in request.query:
        name = request.query["name"][0]
    if name is None and isinstance(request.data, dict):
        name = (request.data.get("meta") or request.data).get("name")
    return bucket, name


def _kept(storage: Storage, bucket: str | None, name: str) -> Mapping[str, Any] | None:
    try:
        kept: Mapping[str, Any] = storage.get_file_obj(bucket, name)
    except NotFound:
        return None
    return kept


def _generation(kept: Mapping[str, Any] | None) -> str:
    return str(kept["generation"]) if kept else "0"
