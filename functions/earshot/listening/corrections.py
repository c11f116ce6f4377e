"""Judgements of the person who looks: appended, one or many at a time; files of them out and in."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from earshot.audio import Annotation
from earshot.audio.annotation_files import FORMATS, BadAnnotations, read, write
from earshot.audio.corpus_filters import Filters
from earshot.errors import BadRequest
from earshot.listening.security import person
from earshot.listening.services import Services
from earshot.tagging.vocabulary import EXCLUSIVE, LABELS, SILENCE

MOST_BYTES = 4 * 1024 * 1024  # of a file of judgements, or a request
MOST_AT_ONCE = 500  # judgements of one request
MOST_RECORDINGS = 1000  # of one judgement by label
TASKS = ("content", "instruments", "loudness_class")


class Corrections:
    """Handlers; the person is who the proxy says, whatever the request claims."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def append(self, request: Request) -> Response:
        """Judgements of one recording: a JSON list of task, label, start_ms, end_ms."""
        body = await limited(request, MOST_BYTES)
        try:
            wanted = json.loads(body)
        except ValueError as error:
            raise HTTPException(400, "the request is no JSON") from error
        if not isinstance(wanted, list) or not 0 < len(wanted) <= MOST_AT_ONCE:
            raise HTTPException(400, f"1 to {MOST_AT_ONCE} judgements are wanted as a JSON list")
        return await in_thread(self._append, request, wanted)

    def _append(self, request: Request, wanted: list[Any]) -> Response:
        row = self._row(request)
        now, who = datetime.now(UTC), person(request)
        made = []
        for one in wanted:
            if not isinstance(one, dict):
                raise HTTPException(400, "a judgement is a JSON object")
            given = {name: one.get(name) for name in ("task", "label", "start_ms", "end_ms")}
            made.append(judgement(str(row["gcp_url"]), given, who, now, int(row["duration_ms"])))
        self._services.annotations.append(made)
        return JSONResponse({"appended": len(made), "annotator": who}, 201)

    async def by_label(self, request: Request) -> Response:
        """One judgement of many whole recordings: all that a query string of the corpus selects."""
        form = json.loads(await limited(request, MOST_BYTES) or b"{}")
        return await in_thread(self._by_label, request, form)

    def _by_label(self, request: Request, form: dict[str, Any]) -> Response:
        rows = self._services.corpus.selected(Filters.read(request.query_params.multi_items()), MOST_RECORDINGS + 1)
        if len(rows) > MOST_RECORDINGS:
            raise HTTPException(400, f"more than {MOST_RECORDINGS} recordings match; narrow the filters")
        chosen = form.get("audio_ids")
        if isinstance(chosen, list):
            rows = [row for row in rows if row["audio_id"] in set(map(str, chosen))]
        now, who = datetime.now(UTC), person(request)
        given = {"task": "content", "label": form.get("label"), "start_ms": 0}
        made = [
            judgement(
                str(row["gcp_url"]), given | {"end_ms": int(row["duration_ms"])}, who, now, int(row["duration_ms"])
            )
            for row in rows
            if row["duration_ms"]
        ]
        if made:
            self._services.annotations.append(made)
        return JSONResponse({"appended": len(made), "annotator": who}, 201)

    def export(self, request: Request) -> Response:
        """The judgements of a recording that hold, as a file."""
        form, task = _form(request), request.query_params.get("task", "content")
        row = self._row(request)
        kept = [Annotation(**one) for one in self._services.recordings.judged(str(row["gcp_url"]))]
        if form != "csv":
            kept = [one for one in kept if one.task == task]
        ending = "csv" if form == "csv" else "txt" if form == "audacity" else "sv.csv"
        name = f'attachment; filename="{row["audio_id"]}.{ending}"'
        headers = {"content-disposition": name}
        return Response(write(kept, form), media_type="text/plain; charset=utf-8", headers=headers)

    async def import_(self, request: Request) -> Response:
        """Judgements out of a file; nothing is appended of a file with a wrong line."""
        body = await limited(request, MOST_BYTES)
        return await in_thread(self._import, request, body)

    def _import(self, request: Request, body: bytes) -> Response:
        row, who = self._row(request), person(request)
        known = {"gcp_url": str(row["gcp_url"]), "task": request.query_params.get("task", "content"), "annotator": who}
        try:
            found = read(body.decode(), _form(request), known)
        except (BadAnnotations, UnicodeDecodeError) as error:
            raise HTTPException(400, f"the file was not taken, and nothing was changed: {error}") from error
        strangers = [one for one in found if one.gcp_url != row["gcp_url"]]
        if strangers:
            raise HTTPException(400, f"the file speaks of other recordings, such as {strangers[0].gcp_url}")
        made = [one.model_copy(update={"annotator": who, "source": "page"}) for one in found]
        self._services.annotations.append(made)
        return JSONResponse({"appended": len(made), "annotator": who}, 201)

    def _row(self, request: Request) -> dict[str, Any]:
        row = self._services.recordings.find(str(request.path_params["audio_id"]))
        if row is None:
            raise HTTPException(404, "there is no such recording, or no longer")
        return row


def judgement(gcp_url: str, given: dict[str, Any], who: str, now: datetime, duration_ms: int) -> Annotation:
    """An annotation of the page.

    Raises:
        HTTPException: 400, a field is missing or wrong.
    """
    task, label = given.get("task"), given.get("label")
    if task not in TASKS or not isinstance(label, str):
        raise HTTPException(400, f"task must be one of {', '.join(TASKS)}, and label a text")
    known = LABELS[task] + ((SILENCE,) if task == "content" else ())
    if label not in known and not (label == "" and task not in EXCLUSIVE):
        raise HTTPException(400, f"{label[:40]!r} is no label of {task}; labels are {', '.join(known)}")
    try:
        return Annotation.model_validate(
            given
            | {"end_ms": min(int(given.get("end_ms") or 0), duration_ms)}
            | {"gcp_url": gcp_url, "annotator": who, "source": "page", "created_at": now}
        )
    except (ValidationError, TypeError, ValueError) as error:
        raise HTTPException(400, f"that is no stretch of the recording: {given}"[:200]) from error


async def limited(request: Request, most: int) -> bytes:
    """The body of a request.

    Raises:
        HTTPException: 413, it has more bytes.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(413, f"more than {most} bytes")
    return bytes(body)


async def in_thread(function: Callable[..., Response], *arguments: Any) -> Response:
    """Run what waits for the warehouse in a thread."""
    return await run_in_threadpool(function, *arguments)


def _form(request: Request) -> str:
    form = str(request.path_params["form"])
    if form not in FORMATS:
        raise BadRequest(f"{form} is no format; formats are {', '.join(FORMATS)}")
    return form
