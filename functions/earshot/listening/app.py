"""The application: addresses and what answers them."""

import logging
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from earshot.errors import BadRequest, ComeAgain
from earshot.listening.corpus_pages import CorpusPages
from earshot.listening.corrections import Corrections
from earshot.listening.live_socket import LiveSocket
from earshot.listening.loaded_models_and_stream_limit import Streams
from earshot.listening.recording_pages import RecordingPages
from earshot.listening.rendering import page
from earshot.listening.security import Guard
from earshot.listening.services import Services
from earshot.listening.upload_pages import UploadPages

__all__ = ["Services", "application"]

log = logging.getLogger("earshot.listening")


def application(services: Services) -> Starlette:
    """The page over these services."""
    settings = services.settings
    guard = Middleware(
        Guard,
        identity=services.identity,
        hosts=settings.allowed_hosts,
        changes_per_minute=settings.changes_per_minute,
    )
    return Starlette(
        routes=routes(services),
        middleware=[guard, Middleware(GZipMiddleware, minimum_size=1024)],
        exception_handlers={HTTPException: _refused, BadRequest: _bad, ComeAgain: _busy, Exception: _failed},
    )


def routes(services: Services) -> list[Route | Mount | WebSocketRoute]:
    """Every address."""
    corpus, recording, corrections = CorpusPages(services), RecordingPages(services), Corrections(services)
    streams = Streams(services.models, services.settings.streams)
    live, uploads = LiveSocket(services, streams), UploadPages(services, streams)
    upload = "/uploads/{name}"
    static = StaticFiles(directory=str(files("earshot.listening").joinpath("static")))
    one = "/r/{audio_id}"
    return [
        Route("/health", corpus.health),
        Route("/", corpus.corpus),
        Route("/corpus.{form:str}", corpus.file),
        Route("/refusals", corpus.refusals),
        Route("/funnel", corpus.funnel),
        Route("/models", corpus.models),
        Route("/next", corpus.next),
        Route("/judge", corrections.by_label, methods=["POST"]),
        Route(one, recording.recording),
        Route(f"{one}/data.json", recording.data),
        Route(f"{one}/row.json", recording.row),
        Route(f"{one}/copies", recording.copies),
        Route(f"{one}/outline.svg", recording.outline),
        Route(f"{one}/spectrogram.png", recording.overview),
        Route(f"{one}/tiles/{{number:int}}.png", recording.tile),
        Route(f"{one}/audio", recording.audio, methods=["GET", "HEAD"]),
        Route(f"{one}/judgements", corrections.append, methods=["POST"]),
        Route(f"{one}/judgements.{{form}}", corrections.export),
        Route(f"{one}/judgements.{{form}}", corrections.import_, methods=["POST"]),
        Route("/live", live.show),
        WebSocketRoute("/live/socket", live.hear),
        Route("/upload", uploads.show),
        Route("/uploads", uploads.create, methods=["POST"]),
        Route(upload, uploads.fill, methods=["PUT"]),
        Route(upload, uploads.forget, methods=["DELETE"]),
        WebSocketRoute(f"{upload}/socket", uploads.events),
        Route(f"{upload}/audio", uploads.audio, methods=["GET", "HEAD"]),
        Route(f"{upload}/keep", uploads.keep, methods=["POST"]),
        Mount("/static", static, name="static"),
    ]


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _explained(request, error.status_code, str(error.detail))


def _bad(request: Request, error: Exception) -> Response:
    return _explained(request, 400, str(error))


def _busy(request: Request, error: Exception) -> Response:
    log.warning("busy", extra={"fields": {"path": request.url.path, "detail": str(error)}})
    return _explained(
        request, 503, "The warehouse or the bucket does not answer just now. Nothing was changed; try again."
    )


def _failed(request: Request, error: Exception) -> Response:
    log.error("failed", extra={"fields": {"path": request.url.path}}, exc_info=error)
    return PlainTextResponse("Something failed here; it has been logged. Nothing was changed.\n", 500)


def _explained(request: Request, status: int, why: str) -> Response:
    """An error as a page where a person asked, else as a line."""
    if "text/html" in request.headers.get("accept", "") and hasattr(request.state, "nonce"):
        return page(request, "error.html", status=status, code=status, why=why)
    return PlainTextResponse(why + "\n", status)
