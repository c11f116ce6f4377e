"""The calls that the emulator lacks, or answers otherwise than the service does.

Source: cloud.google.com/storage/docs/json_api/v1/objects, rewrite: a request body replaces the source's metadata, an
empty one copies them (the emulator always copies); list: maxResults and pageToken (the emulator ignores them).
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.handlers import objects
from gcp_storage_emulator.server import Request, Response

from earshot.local.storage.durable_store import DurableStore

METADATA = (
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "customTime",
    "metadata",
    "storageClass",
)


PAGE = 1000  # objects of a list that names no maxResults, as in the service

Handle = Callable[[Request, Response, DurableStore], None]


class Status(NamedTuple):
    """A status that http.HTTPStatus does not know."""

    value: int
    phrase: str


CLIENT_CLOSED_REQUEST = Status(499, "Client Closed Request")  # the service's answer to a cancelled upload


def rewrite(request: Request, response: Response, storage: DurableStore) -> None:
    """Make the destination in one step, and answer that it is done, whatever the size."""
    given = {key: value for key, value in (request.data or {}).items() if key in METADATA}
    try:
        source = storage.get_file_obj(request.params["bucket_name"], request.params["object_id"])
        content = storage.get_file(request.params["bucket_name"], request.params["object_id"])
        resource: dict[str, Any] = objects._make_object_resource(
            request.base_url,
            request.params["dest_bucket_name"],
            request.params["dest_object_id"],
            given.get("contentType") or source["contentType"],
            str(len(content)),
            given or {key: source[key] for key in METADATA if key in source},
        )
        resource |= {"crc32c": source["crc32c"], "md5Hash": source["md5Hash"], "etag": source["etag"]}
        storage.create_file(resource["bucket"], resource["name"], content, resource)
    except NotFound:
        response.status = HTTPStatus.NOT_FOUND
        return
    response.json(
        {
            "kind": "storage#rewriteResponse",
            "totalBytesRewritten": resource["size"],
            "objectSize": resource["size"],
            "done": True,
            "resource": resource,
        }
    )


def abandon(request: Request, response: Response, storage: DurableStore) -> None:
    """Cancel a resumable upload."""
    try:
        storage.abandon_resumable_upload(request.query.get("upload_id", [""])[0])
    except NotFound:
        response.status = HTTPStatus.NOT_FOUND
        return
    response.status = CLIENT_CLOSED_REQUEST


def ls(request: Request, response: Response, storage: DurableStore) -> None:
    """List the objects of a bucket by name, page by page; the page's token is the next object's name."""
    query = {name: values[0] for name, values in request.query.items()}
    try:
        files, prefixes = storage.get_file_list(
            request.params["bucket_name"], query.get("prefix"), query.get("delimiter"), query.get("matchGlob")
        )
    except NotFound:
        response.status = HTTPStatus.NOT_FOUND
        return
    start = max(query.get("pageToken", ""), query.get("startOffset", ""))
    end = query.get("endOffset")
    files = [file for file in files if file["name"] >= start and (end is None or file["name"] < end)]
    most = int(query.get("maxResults", 0)) or PAGE
    page: dict[str, Any] = {"kind": "storage#objects", "prefixes": prefixes, "items": files[:most]}
    if len(files) > most:
        page["nextPageToken"] = files[most]["name"]
    response.json(page)


def with_generation_headers(handle: Handle) -> Handle:
    """The same call, with the headers by which a client knows what it has read."""

    def answer(request: Request, response: Response, storage: DurableStore) -> None:
        handle(request, response, storage)
        if response.status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            kept = storage.get_file_obj(request.params["bucket_name"], request.params["object_id"])
            response["X-Goog-Generation"] = kept["generation"]
            response["X-Goog-Metageneration"] = kept["metageneration"]
            response["X-Goog-Storage-Class"] = kept["storageClass"]
            response["ETag"] = kept["etag"]

    return answer
