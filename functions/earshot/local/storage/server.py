"""The HTTP server: requests are read and answered concurrently, changes happen one at a time."""

import io
import logging
import re
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import RLock, Thread
from typing import Any

from gcp_storage_emulator.handlers import objects
from gcp_storage_emulator.server import HANDLERS, Request, Response

from earshot.local.storage import emulator_fixes
from earshot.local.storage.durable_store import DurableStore
from earshot.local.storage.notifications import Notifications
from earshot.local.storage.preconditions import violated

log = logging.getLogger(__name__)


def _routes() -> list[tuple[re.Pattern[str], dict[str, emulator_fixes.Handle]]]:
    ours = {
        objects.rewrite: emulator_fixes.rewrite,
        objects.ls: emulator_fixes.ls,
        objects.get: emulator_fixes.with_generation_headers(objects.get),
        objects.download: emulator_fixes.with_generation_headers(objects.download),
    }
    routes = []
    for pattern, handlers in HANDLERS:
        methods = {method: ours.get(handler, handler) for method, handler in handlers.items()}
        if objects.upload_partial in methods.values():
            methods["DELETE"] = emulator_fixes.abandon
        routes.append((re.compile(pattern), methods))
    return routes


ROUTES = _routes()


class Server:
    """Cloud Storage on loopback; `port` is the one taken when 0 was asked for."""

    def __init__(self, root: Path, port: int = 0, notifications: Notifications | None = None) -> None:
        self._notifications = notifications
        store = DurableStore(root, notifications.publish if notifications else lambda _change: None)
        self._server = _Http(("127.0.0.1", port), _handler(store))
        self.port: int = self._server.server_port
        store.move(self.host)
        self._thread = Thread(target=self._server.serve_forever, daemon=True, name="storage")
        self._thread.start()

    @property
    def host(self) -> str:
        """What STORAGE_EMULATOR_HOST must say: scheme included."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Serve until stopped."""
        self._thread.join()

    def stop(self) -> None:
        """Take no more requests, and send the notifications that are still queued."""
        self._server.shutdown()
        self._server.server_close()
        if self._notifications:
            self._notifications.stop()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # 5 by default: with 8 clients at a time some were reset

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the connections that clients keep open, too."""
        super().server_close()
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(SHUT_RDWR)


class Torn(ConnectionError):
    """The sender hung up, or was killed, before its request was complete."""


class Whole(io.BufferedIOBase):
    """What a sender sends; less than it announced is an error, and not a shorter request."""

    def __init__(self, sent: io.BufferedIOBase) -> None:
        self._sent = sent

    def read(self, size: int | None = -1, /) -> bytes:
        """So many bytes.

        Raises:
            Torn: there are fewer.
        """
        read = self._sent.read(size)
        if size is not None and len(read) < size:
            raise Torn(f"{len(read)} of {size} bytes")
        return read

    def readline(self, size: int | None = -1, /) -> bytes:
        """A line of the head, which may be the last."""
        return self._sent.readline(size)

    def close(self) -> None:
        """Hang up."""
        self._sent.close()


def _handler(store: DurableStore) -> type[BaseHTTPRequestHandler]:
    lock = RLock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # a connection serves many requests
        wbufsize = -1  # an answer leaves in one packet
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            self.rfile = Whole(self.rfile)

        def _serve(self) -> None:
            request = Request(self, self.headers.get("x-http-method-override", self.command))
            response = Answer(self)
            try:
                _ = request.data  # read before the lock is taken: a slow sender holds up nobody
            except Torn:
                self.close_connection = True
                return
            try:
                with lock:
                    answer(request, response, store)
            except Exception:
                log.exception("%s %s failed", request.method, request.full_url)
                fail(response, HTTPStatus.INTERNAL_SERVER_ERROR, "the local storage server failed, see its log")
            self.close_connection |= self.command == "HEAD"  # the emulator sends a body all the same
            response.close()

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            log.debug(format, *args)

    return Handler


def answer(request: Request, response: Response, store: DurableStore) -> None:
    """Find the route, check the conditions, and let the handler work."""
    found = ((match, methods) for pattern, methods in ROUTES if (match := pattern.fullmatch(request.path)))
    match, methods = next(found, (None, {}))
    handle = methods.get(request.method)
    if handle is None:
        fail(response, HTTPStatus.NOT_IMPLEMENTED, f"{request.method} {request.path}")
        return
    request.set_match(match)
    broken = violated(request, store)
    if broken:
        fail(response, *broken)
    else:
        handle(request, response, store)


def fail(response: Response, status: HTTPStatus, message: str) -> None:
    """Answer with an error in the service's form."""
    response.status = status
    if status is not HTTPStatus.NOT_MODIFIED:
        response.json({"error": {"code": status.value, "message": message, "errors": [{"message": message}]}})


class Answer(Response):  # type: ignore[misc]  # the emulator carries no types
    """A response without the x-goog-meta headers, which the JSON API does not send.

    The emulator sends them, and fails where a value holds anything outside Latin-1, such as a page's title.
    """

    def __setitem__(self, key: str, value: str) -> None:
        if not key.lower().startswith("x-goog-meta-"):
            super().__setitem__(key, value)
