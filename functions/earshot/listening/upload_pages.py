"""Uploads by HTTP and WebSocket: bytes in with a limit, decisions out while they come, the bytes back in ranges."""

import asyncio
import hashlib
import json
import logging
import secrets
import time
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from earshot.audio import ObjectMetadata
from earshot.clean_text import clean
from earshot.errors import GiveUp
from earshot.listening.byte_ranges import answer
from earshot.listening.live_socket import AGAIN
from earshot.listening.loaded_models_and_stream_limit import Streams
from earshot.listening.rendering import page
from earshot.listening.security import person
from earshot.listening.services import Services
from earshot.listening.uploads import Upload, Uploads
from earshot.sound.decode import container_of

log = logging.getLogger("earshot.listening")

COOKIE = "earshot-visitor"
WAIT_S = 0.5
CHUNK_BYTES = 1 << 20


class UploadPages:
    """Handlers; an upload is another visitor's 404."""

    def __init__(self, services: Services, streams: Streams) -> None:
        self._services, self._streams = services, streams
        self._uploads = Uploads(services.settings, streams)

    def show(self, request: Request) -> Response:
        """The page."""
        settings = self._services.settings
        shown = page(
            request,
            "upload.html",
            minutes=settings.upload_minutes,
            most_mb=settings.max_audio_bytes // 1_048_576,
            keeps=settings.keep_uploads,
        )
        if COOKIE not in request.cookies:
            is_local = not settings.iap_audience
            shown.set_cookie(COOKIE, secrets.token_urlsafe(24), httponly=True, samesite="strict", secure=not is_local)
        return shown

    async def create(self, request: Request) -> Response:
        """An upload without bytes; its title is the query parameter `title`."""
        visitor = self._visitor(request)
        if not visitor:
            raise HTTPException(400, "open the upload page first: it sets the cookie by which an upload is yours")
        title = clean(request.query_params.get("title", ""), 200) or "upload"
        upload = await run_in_threadpool(self._uploads.create, visitor, title)
        if upload is None:
            raise HTTPException(503, "there are too many uploads just now; try again in some minutes")
        return JSONResponse({"name": upload.name}, 201)

    async def fill(self, request: Request) -> Response:
        """The bytes, streamed; hearing begins with the first of them."""
        upload = self._own(request)
        if upload.path.exists():
            raise HTTPException(409, "this upload has its bytes already")
        if not self._streams.take():
            raise HTTPException(503, "as many streams are heard as this instance can; try again in a minute")
        most, size = self._services.settings.max_audio_bytes, 0
        try:
            with upload.path.open("wb", buffering=0) as file:
                await run_in_threadpool(self._uploads.hear, upload)
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > most:
                        self._uploads.delete(upload)
                        raise HTTPException(413, f"more than {most // 1_048_576} MB; nothing of it is kept")
                    await run_in_threadpool(file.write, chunk)
            upload.done.touch()
        finally:
            self._streams.give()
        return JSONResponse({"bytes": size})

    async def events(self, socket: WebSocket) -> None:
        """Events from number `from` on, until the last; after a break the page asks from where it was."""
        await socket.accept()
        upload = self._uploads.find(str(socket.path_params["name"]), self._visitor(socket))
        if upload is None:
            await socket.close(4004, "there is no such upload, or no longer")
            return
        if upload.done.exists():
            await run_in_threadpool(self._uploads.hear, upload)
        end = time.monotonic() + self._services.settings.socket_s
        asked = socket.query_params.get("from", "0")
        number = int(asked) if asked.isdecimal() and len(asked) < 9 else 0
        try:
            while time.monotonic() < end:
                fresh = await run_in_threadpool(_later, upload, number)
                for event in fresh:
                    await socket.send_json(event)
                    number = int(event["n"]) + 1
                if fresh and fresh[-1]["kind"] == "end":
                    await socket.close(1000)
                    return
                if not fresh and not upload.folder.exists():
                    await socket.close(4004, "the upload is over")
                    return
            await socket.close(AGAIN, "open for as long as a socket may be: connect again")
        except (WebSocketDisconnect, RuntimeError, asyncio.CancelledError):
            return

    def audio(self, request: Request) -> Response:
        """What has come of the bytes."""
        upload = self._own(request)
        size = upload.path.stat().st_size if upload.path.exists() else 0
        wanted = answer(request.headers, size, f'"{upload.name[:8]}-{size}"', _media(upload))
        if request.method == "HEAD" or wanted.last < wanted.first:
            return Response(status_code=wanted.status, headers=wanted.headers)
        with upload.path.open("rb") as file:
            file.seek(wanted.first)
            last = min(wanted.last, wanted.first + 8 * CHUNK_BYTES - 1)
            body = file.read(last - wanted.first + 1)
        headers = wanted.headers | {"content-length": str(len(body))}
        if last < wanted.last:  # a part of what was asked for is allowed, and bounds what is held in memory
            headers["content-range"] = f"bytes {wanted.first}-{last}/{size}"
        return Response(body, 206 if last < wanted.last else wanted.status, headers=headers)

    def keep(self, request: Request) -> Response:
        """Put it into the bucket, as `earshot load` would; the functions then handle it like any file."""
        upload, settings = self._own(request), self._services.settings
        if not settings.keep_uploads:
            raise HTTPException(403, "uploads are not kept here")
        if not upload.done.exists():
            raise HTTPException(409, "it has not come completely yet")
        try:
            container = container_of(upload.path)
        except GiveUp as error:
            raise HTTPException(400, f"it is not kept: {error}") from error
        with upload.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = f"audio/{digest[:32]}{container.extension}"
        metadata = ObjectMetadata(file_name=upload.title, content_sha256=digest)
        with self._services.store.incoming(digest[:32]) as incoming:
            with incoming.writer(container.content_type) as out, upload.path.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    out.write(chunk)
            kept = incoming.put(name, metadata, container.content_type)
        log.info("kept", extra={"fields": {"name": name, "person": person(request), "was_there": kept is None}})
        return JSONResponse({"gcp_url": f"gs://{settings.bucket}/{name}"}, 201)

    def forget(self, request: Request) -> Response:
        """Delete it now."""
        self._uploads.delete(self._own(request))
        return Response(status_code=204)

    def _own(self, request: Request) -> Upload:
        upload = self._uploads.find(str(request.path_params["name"]), self._visitor(request))
        if upload is None:
            raise HTTPException(404, "there is no such upload, or no longer")
        return upload

    def _visitor(self, connection: HTTPConnection) -> str:
        """The visitor's key: the cookie and who the proxy says it is."""
        cookie = connection.cookies.get(COOKIE, "")
        return json.dumps([cookie, connection.state.person]) if 16 <= len(cookie) <= 64 else ""


def _later(upload: Upload, number: int) -> list[dict[str, Any]]:
    with upload.arrived:
        if len(upload.events) <= number:
            upload.arrived.wait(WAIT_S)
        return upload.events[number : number + 200]


def _media(upload: Upload) -> str:
    try:
        return container_of(upload.path).content_type
    except (GiveUp, OSError):
        return "application/octet-stream"
