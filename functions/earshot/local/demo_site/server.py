"""The site over HTTP, on loopback."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from threading import Thread
from types import TracebackType
from typing import Any, Self

from earshot.local.demo_site.files import MEDIA_TYPES
from earshot.local.demo_site.pages import DISGUISE, DISGUISED, PAGES
from earshot.local.demo_site.recordings import RECORDINGS


class Site:
    """Serves while entered. `url` is its first page; everything on it is within one link of that."""

    def __init__(self, port: int = 0) -> None:
        answers = {path: ("text/html; charset=utf-8", page.encode()) for path, page in PAGES.items()}
        answers[DISGUISED] = ("audio/mpeg", DISGUISE)
        for recording in RECORDINGS:
            media_type = MEDIA_TYPES[PurePosixPath(recording.path).suffix]
            answers[recording.path] = (media_type, recording.file())
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(answers))
        except OSError:  # the port of an earlier run is taken by now
            self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answers))
        self.port: int = self._server.server_port

    @property
    def url(self) -> str:
        """Of the first page."""
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True, name="site").start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(answers: dict[str, tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            media_type, body = answers.get(path, ("text/plain", b"not here"))
            self.send_response(200 if path in answers else 404)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: the functions' logs have each request."""

    return Handler
