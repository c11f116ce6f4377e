"""Read-only queries: a SELECT in, rows out; a table name without a dataset means the table of the project's dataset."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import BadRequest as Refused
from google.api_core.exceptions import NotFound
from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter

from earshot.adapters.bigquery_jobs import REQUEST_S
from earshot.adapters.query_errors import wrong_query
from earshot.errors import BadRequest

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

Row = Mapping[str, Any]
Value = str | Sequence[str]

QUOTED = re.compile(
    r"""'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|--[^\n]*|\#[^\n]*|/\*.*?\*/""", re.DOTALL
)
"""String literals, quoted names and comments, in which a semicolon does not end a statement."""


@dataclass(frozen=True)
class Result:
    """Names of the columns, also without rows, and the rows page by page."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


class Queries:
    """Runs SELECT statements only, so that nothing can be changed, except by `change`."""

    def __init__(self, client: "Client", dataset: str) -> None:
        self.client = client
        self.dataset = f"{client.project}.{dataset}"

    def rows(self, sql: str, **parameters: Value) -> list[Row]:
        """All rows, for results that fit into memory."""
        return list(self.stream(sql, **parameters))

    def stream(self, sql: str, **parameters: Value) -> Iterator[Row]:
        """Rows page by page. Parameters are strings or lists of strings.

        Raises:
            BadRequest: not a SELECT, not one statement, or refused by BigQuery.
        """
        yield from self.result(sql, **parameters).rows

    def result(self, sql: str, **parameters: Value) -> Result:
        """Run a query.

        Raises:
            BadRequest: as `stream`.
        """
        self.check(sql, **parameters)
        try:
            found = self.client.query(sql, job_config=self._config(**parameters), timeout=REQUEST_S).result()
        except (Refused, NotFound) as error:
            raise wrong_query(error, sql) from error
        return Result(tuple(field.name for field in found.schema), (dict(row.items()) for row in found))

    def change(self, sql: str) -> tuple[int | None, Result]:
        """Run any statement; returns the number of changed rows (None if it changes none) and its rows.

        Raises:
            BadRequest: refused by BigQuery.
        """
        try:
            job = self.client.query(sql, job_config=self._config(), timeout=REQUEST_S)
            found = job.result()
        except (Refused, NotFound) as error:
            raise wrong_query(error, sql) from error
        columns = tuple(field.name for field in found.schema)
        return job.num_dml_affected_rows, Result(columns, (dict(row.items()) for row in found))

    def write_parquet(self, sql: str, path: Path) -> None:
        """Run a query and write its rows to a Parquet file; needs pyarrow.

        Raises:
            BadRequest: as `stream`, or pyarrow is not installed.
        """
        self.check(sql)
        try:
            import pyarrow.parquet as pq
        except ModuleNotFoundError as error:
            raise BadRequest("Parquet is written by pyarrow: `make extra NAME=exporter`") from error
        try:
            found = self.client.query(sql, job_config=self._config(), timeout=REQUEST_S).result()
        except (Refused, NotFound) as error:
            raise wrong_query(error, sql) from error
        part = path.with_name(f".{path.name}.part")
        pq.write_table(found.to_arrow(create_bqstorage_client=False), part)
        part.replace(path)

    def check(self, sql: str, **parameters: Value) -> int:
        """Number of bytes that a query would read; it is not run.

        Raises:
            BadRequest: not a SELECT, or not one statement.
        """
        if ";" in QUOTED.sub("", sql).rstrip().removesuffix(";"):
            raise BadRequest("only a single SELECT statement is run here")
        config = self._config(**parameters)
        config.dry_run = True
        try:
            job = self.client.query(sql, job_config=config, timeout=REQUEST_S)
        except (Refused, NotFound) as error:
            raise wrong_query(error, sql) from error
        if job.statement_type is None:  # the embedded engine does not report the type of a UNION
            job = self.client.query(f"SELECT * FROM (\n{sql}\n)", job_config=config, timeout=REQUEST_S)  # noqa: S608
        if job.statement_type != "SELECT":
            raise BadRequest(f"only a SELECT is run here, not {job.statement_type}")
        return int(job.total_bytes_processed or 0)

    def _config(self, **parameters: Value) -> QueryJobConfig:
        given = [
            ScalarQueryParameter(name, "STRING", value)
            if isinstance(value, str)
            else ArrayQueryParameter(name, "STRING", list(value))
            for name, value in parameters.items()
        ]
        return QueryJobConfig(default_dataset=self.dataset, query_parameters=given)
