"""What every function shares once it serves: JSON logs with a trace, a health page, and the one rule for failures.

GiveUp        -> 204: acknowledged (the function has recorded it, or the log line is the record)
BadRequest    -> 400 with the field and what it wants (HTTP functions only)
ComeAgain     -> 429: expected, something is busy; not acknowledged, delivered again
anything else -> 500: a fault; not acknowledged, delivered again, dead-lettered in the end
"""

import base64
import binascii
import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import flask
from pydantic_settings import BaseSettings
from werkzeug.exceptions import HTTPException

from earshot.errors import BadRequest, ComeAgain, GiveUp

log = logging.getLogger("earshot")

TRACEPARENT = re.compile(r"^[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-[0-9a-f]{2}$")


class JsonLines(logging.Formatter):
    """One JSON object a line, as Cloud Logging reads it: severity, message, time, trace, and the record's fields."""

    def __init__(self, project: str) -> None:
        super().__init__()
        self.project = project

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON; `fields` given in `extra` become keys of their own."""
        fields: dict[str, Any] = dict(getattr(record, "fields", {}))
        line: dict[str, Any] = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
        }
        seen = TRACEPARENT.match(str(fields.pop("traceparent", None) or _request_traceparent()))
        if seen:
            line["logging.googleapis.com/trace"] = f"projects/{self.project}/traces/{seen['trace']}"
            line["logging.googleapis.com/spanId"] = seen["span"]
        if record.exc_info:
            line["stack_trace"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line | fields, default=str, ensure_ascii=False)


def start(settings: BaseSettings, *, post_only: str = "") -> None:
    """Set up the Flask application of the function being loaded: logs, health page, error handlers.

    Called once by each entry point while functions-framework loads it, so inside that application's context.

    Args:
        post_only: what a POST has to carry; other methods are answered 405 with it, but for the health page.
    """
    speak(settings)
    app = flask.current_app
    app.add_url_rule("/health", "health", lambda: {"status": "ok"})
    if post_only:
        app.before_request(lambda: _refuse_method(post_only))
    app.register_error_handler(GiveUp, _acknowledge)
    app.register_error_handler(BadRequest, _explain)
    app.register_error_handler(Exception, _come_again)
    log.info("started", extra={"fields": {"settings": settings.model_dump(mode="json")}})


def speak(settings: BaseSettings) -> None:
    """Write logs as JSON lines on standard output; also for jobs and commands that serve no HTTP."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(project=str(getattr(settings, "project", ""))))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    log.setLevel(str(getattr(settings, "log_level", "INFO")))


def delivery_attempt() -> int:
    """Which delivery of its message this is, counted from 1; Pub/Sub sends it where there is a dead-letter policy."""
    body = flask.request.get_json(silent=True)
    attempt = body.get("deliveryAttempt") if isinstance(body, dict) else None
    return attempt if isinstance(attempt, int) else 1


def _request_traceparent() -> str:
    """The crawl's trace where the delivery carries it (attribute, or metadata of the object), else the request's."""
    if not flask.has_request_context():
        return ""
    body = flask.request.get_json(silent=True)
    message = body.get("message") if isinstance(body, dict) else None
    if isinstance(message, dict):
        attributes = message.get("attributes")
        carried = attributes.get("traceparent") if isinstance(attributes, dict) else None
        metadata = _object_metadata(message.get("data"))
        if carried := carried or metadata.get("traceparent"):
            return str(carried)
    return flask.request.headers.get("traceparent", "")


def _object_metadata(data: Any) -> dict[str, Any]:
    """Custom metadata of the object that a bucket notification is about; empty for any other message."""
    try:
        resource = json.loads(base64.b64decode(data or "", validate=True))
    except (binascii.Error, TypeError, ValueError):
        return {}
    metadata = resource.get("metadata") if isinstance(resource, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def _refuse_method(wanted: str) -> tuple[dict[str, str], int, dict[str, str]] | None:
    if flask.request.method == "POST" or flask.request.path == "/health":
        return None
    return {"error": f"{flask.request.method} is not answered here: {wanted}"}, 405, {"Allow": "POST"}


def _acknowledge(error: GiveUp) -> tuple[str, int]:
    log.warning("gave up", extra={"fields": {"reason": error.reason, "detail": str(error)}})
    return "", 204


def _explain(error: BadRequest) -> tuple[dict[str, str], int]:
    return {"error": str(error)}, 400


def _come_again(error: Exception) -> tuple[str, int] | HTTPException:
    if isinstance(error, HTTPException):
        return error
    level = logging.WARNING if isinstance(error, ComeAgain) else logging.ERROR
    fields = {"error": type(error).__name__, "detail": str(error)}
    log.log(level, "comes again", extra={"fields": fields}, exc_info=error if level == logging.ERROR else None)
    return f"{type(error).__name__}: delivered again later", 429 if level == logging.WARNING else 500
