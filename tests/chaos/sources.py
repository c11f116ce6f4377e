"""The web that recordings are fetched from: servers on several loopback addresses, which do not wait for each other."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Self

from tests.chaos.plan import Plan
from tests.chaos.proxies import Quiet

HOSTS = 8
HANGS_S = 3.0  # longer than the functions are set to wait


class Sources:
    """Serves while entered; `plan` may be changed between runs."""

    def __init__(self, bodies: Mapping[str, bytes | None]) -> None:
        self.bodies = bodies
        self.plan = Plan(None)
        self.closing = threading.Event()
        sources = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                try:
                    sources.serve(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.servers = [Quiet((f"127.0.0.{number}", 0), Handler) for number in range(1, HOSTS + 1)]

    def urls(self) -> list[str]:
        """Address of each recording; the hosts take turns."""
        return [f"{self._origin(number % HOSTS)}{path}" for number, path in enumerate(sorted(self.bodies))]

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """One answer, as it should be or not."""
        path = request.path
        body = self.bodies.get(path)
        if path not in self.bodies:
            _answer(request, b"", 404)
        elif self.plan.strikes("source 429", path):
            _answer(request, b"", 429, retry_after="0")
        elif self.plan.strikes("source 500", path):
            _answer(request, b"", 500)
        elif self.plan.strikes("source hangs", path):
            self.closing.wait(HANGS_S)
            request.close_connection = True
        elif body is None:
            _answer(request, b"", 404)
        elif len(body) > 100 and self.plan.strikes("source cut short", path):
            _answer(request, body, sent=len(body) // 2)
            request.close_connection = True
        else:
            _answer(request, body)

    def _origin(self, number: int) -> str:
        host, port = self.servers[number].server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> Self:
        for server in self.servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        for server in self.servers:
            server.shutdown()
            server.server_close()


def _answer(
    request: BaseHTTPRequestHandler,
    body: bytes,
    status: int = 200,
    *,
    sent: int | None = None,
    **headers: str,
) -> None:
    request.send_response(status)
    for name, value in {
        "content-type": "application/octet-stream",
        "content-length": str(len(body)),
        **headers,
    }.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body[:sent])
