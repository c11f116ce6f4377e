"""The warehouse for exports: the recordings of a query, and the recordings that were withdrawn."""

import base64
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import GoogleAPICallError
from google.cloud.bigquery import QueryJobConfig
from requests.exceptions import RequestException

from earshot.adapters.bigquery_jobs import REQUEST_S
from earshot.adapters.queries import Queries
from earshot.adapters.schema import statement
from earshot.audio.selected_recording import Column, SelectedRecording, Value
from earshot.errors import BadRequest, ComeAgain

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

JOINED_BY = {"gcp_url": "gcp_url", "audio_id": "audio_id", "file_path": "gcp_url"}  # file_path: as audio_info calls it
NESTED = ("RECORD", "STRUCT", "JSON", "BYTES")
OURS = "earshot_"
FACTS = [field.name for field in fields(SelectedRecording) if field.name != "row"]


class Catalogue:
    """Queries BigQuery; results are streamed page by page."""

    def __init__(self, client: "Client", dataset: str) -> None:
        self.client = client
        self.queries = Queries(client, dataset)
        self.dataset = self.queries.dataset

    def select(self, sql: str, limit: int | None) -> "Selection":
        """The recordings of a query; a limit takes the lowest audio_ids, which are random but the same each time.

        Raises:
            BadRequest: the query is invalid, or yields neither gcp_url nor audio_id.
        """
        query = sql.strip().rstrip(";")
        try:
            self.queries.check(query)
            config = QueryJobConfig(default_dataset=self.dataset, dry_run=True)
            job = self.client.query(query, job_config=config, timeout=REQUEST_S)
        except GoogleAPICallError as error:
            raise BadRequest(f"the query: {error.message}") from error
        columns = tuple(
            Column(field.name, "STRING" if field.mode == "REPEATED" or field.field_type in NESTED else field.field_type)
            for field in job.schema or ()
        )
        names = {column.name for column in columns}
        taken = sorted(name for name in names if name.lower().startswith(OURS))
        if taken:
            raise BadRequest(
                f"the query calls a column {taken[0]}; names that begin with {OURS} are reserved for the export"
            )
        ours = next((name for name in JOINED_BY if name in names), None)
        if ours is None:
            raise BadRequest(
                "the query yields neither gcp_url nor audio_id, so it does not say which recordings to export"
            )
        joined = statement(
            "selected_recordings",
            query=query,
            dataset=self.dataset,
            ours=ours,
            theirs=JOINED_BY[ours],
            limit=f"ORDER BY kept.audio_id, kept.gcp_url LIMIT {int(limit)}" if limit else "",
        )
        return Selection(self, joined, columns)

    def withdrawn(self) -> Iterator[tuple[str | None, str | None, str, str]]:
        """audio_id, gcp_url, time and reason of everything that was withdrawn or deleted."""
        for row in self.rows("SELECT audio_id, gcp_url, removed_at, removed_because FROM withdrawn"):
            yield row["audio_id"], row["gcp_url"], str(plain(row["removed_at"]) or ""), row["removed_because"] or ""

    def rows(self, sql: str) -> Iterator[Mapping[str, Any]]:
        """Rows of a SELECT.

        Raises:
            BadRequest: not a SELECT.
            ComeAgain: BigQuery does not respond.
        """
        try:
            yield from self.queries.stream(sql)
        except (GoogleAPICallError, RequestException) as error:
            raise ComeAgain(f"querying {self.dataset}: {error}") from error


class Selection:
    """The recordings that a query selected, as of `snapshot`."""

    def __init__(self, catalogue: Catalogue, sql: str, columns: tuple[Column, ...]) -> None:
        self.catalogue = catalogue
        self.sql = sql
        self.columns = columns
        self.snapshot = self._current_time()

    def recordings(self) -> Iterator[SelectedRecording]:
        """One recording per row; one that the query yields twice comes twice."""
        for row in self.catalogue.rows(self.sql):
            facts = {name: plain(row[OURS + name]) for name in FACTS}
            facts["audio_id"] = facts["audio_id"] or facts["gcp_url"]
            numbers = ("generation", "bytes", "duration_ms", "sample_rate_hz", "channels")
            facts |= {name: int(row[OURS + name] or 0) for name in numbers}
            yield SelectedRecording(**facts, row={column.name: plain(row[column.name]) for column in self.columns})  # type: ignore[arg-type]

    def _current_time(self) -> datetime:
        (row,) = self.catalogue.rows("SELECT CURRENT_TIMESTAMP() AS moment")
        moment: datetime = row["moment"]
        return moment.astimezone(UTC)


def plain(value: Any) -> Value:
    """A value as the plan stores it: times as ISO 8601, bytes as base64, lists and structures as JSON, NaN as None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)
