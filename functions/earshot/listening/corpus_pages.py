"""The corpus as a list with facets, its files, refusals, funnel and models."""

import csv
import io
import shlex
import tempfile
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from earshot.audio.corpus_filters import FACETS, SORTS, Filters
from earshot.errors import BadRequest
from earshot.listening.rendering import page
from earshot.listening.services import Row, Services

COLUMNS = (
    "gcp_url", "audio_id", "title", "duration_ms", "heard", "heard_share", "instrument", "loudness", "energy", "snr_db",
    "licence", "host", "verdict", "reasons", "fault", "consent", "model",
)  # fmt: skip
FEW = 8  # values of a facet that are shown at once
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


class CorpusPages:
    """Handlers, run in threads: the warehouse's client waits."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def corpus(self, request: Request) -> Response:
        """One page of the list."""
        filters = Filters.read(request.query_params.multi_items())
        found = self._services.corpus.page(filters)
        totals = self._services.recordings.totals() if filters.is_narrowed else {}
        return page(
            request,
            "corpus.html",
            filters=filters,
            found=found,
            facets=FACETS,
            sorts=SORTS,
            few=FEW,
            totals=totals,
            command=f"earshot export --sql {shlex.quote(found.selection)} --to corpus",
        )

    def file(self, request: Request) -> Response:
        """All that match, as CSV or Parquet."""
        filters = Filters.read(request.query_params.multi_items())
        form = request.path_params["form"]
        if form not in ("csv", "parquet"):
            raise BadRequest(f"{form} is no format here; formats are csv and parquet")
        rows = self._services.corpus.selected(filters)
        body = as_csv(rows).encode() if form == "csv" else as_parquet(rows)
        media = "text/csv; charset=utf-8" if form == "csv" else "application/vnd.apache.parquet"
        return Response(
            body, media_type=media, headers={"content-disposition": f'attachment; filename="corpus.{form}"'}
        )

    def refusals(self, request: Request) -> Response:
        """Links and files without a recording, and why."""
        return page(request, "refusals.html", rows=self._services.recordings.refusals())

    def funnel(self, request: Request) -> Response:
        """From links found to recordings accepted."""
        rows = self._services.recordings.funnel()
        most = max((int(row["recordings"]) for row in rows), default=1)
        return page(request, "funnel.html", rows=rows, most=most)

    def models(self, request: Request) -> Response:
        """Which model heard what."""
        return page(request, "models.html", rows=self._services.recordings.models())

    def next(self, request: Request) -> Response:
        """Stretches worth a judgement, the least certain first."""
        return page(request, "next.html", rows=self._services.recordings.next())

    def health(self, _request: Request) -> Response:
        """For the start of an instance."""
        return PlainTextResponse("ok\n")


def as_csv(rows: list[Row]) -> str:
    """Lines with a header; a cell that a spreadsheet would run as a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in COLUMNS])
    return out.getvalue()


def as_parquet(rows: list[Row]) -> bytes:
    """A Parquet file of the same columns.

    Raises:
        BadRequest: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise BadRequest("Parquet is written by pyarrow, which is not installed here; CSV needs nothing") from error
    numbers = {"duration_ms", "heard_share", "loudness", "snr_db"}
    schema = pa.schema([(name, pa.float64() if name in numbers else pa.string()) for name in COLUMNS])
    with tempfile.TemporaryDirectory(prefix="earshot-") as folder:
        path = Path(folder, "corpus.parquet")
        pq.write_table(pa.Table.from_pylist([{name: row.get(name) for name in COLUMNS} for row in rows], schema), path)
        return path.read_bytes()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
