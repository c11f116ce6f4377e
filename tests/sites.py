"""A real web server for tests, on a free port of loopback, that behaves or misbehaves as each path is told to."""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

Behaviour = Callable[[BaseHTTPRequestHandler], None]


def answer(body: bytes = b"", status: int = 200, **headers: str | int) -> Behaviour:
    """Send this; a header's underscores are hyphens. Content-Length is right unless given."""

    def behave(request: BaseHTTPRequestHandler) -> None:
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        request.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | named).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return behave


def raw(data: bytes) -> Behaviour:
    """Send these bytes, status line and all, and hang up."""

    def behave(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(data)
        request.close_connection = True

    return behave


class Site:
    """Serves while entered; `asked` lists (path, headers) of each request in order."""

    def __init__(self, routes: Mapping[str, Behaviour] | None = None) -> None:
        self.routes: dict[str, Behaviour] = dict(routes or {})
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.closing = threading.Event()
        """Set when the site goes down: behaviours that wait, wait on this."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                behaviour = site.routes.get(self.path.partition("?")[0], answer(b"no such page", 404))
                try:
                    behaviour(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client has had enough, which is what is tested

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def url(self, path: str = "/") -> str:
        """Address of a path."""
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def paths(self) -> list[str]:
        """Paths asked for, in order."""
        return [path for path, _ in self.asked]

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
