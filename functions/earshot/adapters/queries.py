"""Read-only queries: a SELECT in, rows out; a table name without a dataset means the table of the project's dataset."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter

from earshot.errors import BadRequest

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

Row = Mapping[str, Any]
Value = str | Sequence[str]

QUOTED = re.compile(
    r"""'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|--[^\n]*|\#[^\n]*|/\*.*?\*/""", re.DOTALL
)
"""String literals, quoted names and comments, in which a semicolon does not end a statement."""


class Queries:
    """Runs SELECT statements only, so that nothing can be changed."""

    def __init__(self, client: "Client", dataset: str) -> None:
        self.client = client
        self.dataset = f"{client.project}.{dataset}"

    def rows(self, sql: str, **parameters: Value) -> list[Row]:
        """All rows, for results that fit into memory."""
        return list(self.stream(sql, **parameters))

    def stream(self, sql: str, **parameters: Value) -> Iterator[Row]:
        """Rows page by page. Parameters are strings or lists of strings.

        Raises:
            BadRequest: not a SELECT, or not one statement.
        """
        self.check(sql, **parameters)
        for row in self.client.query(sql, job_config=self._config(**parameters)).result():
            yield dict(row.items())

    def check(self, sql: str, **parameters: Value) -> int:
        """Number of bytes that a query would read; it is not run.

        Raises:
            BadRequest: not a SELECT, or not one statement.
        """
        if ";" in QUOTED.sub("", sql).rstrip().removesuffix(";"):
            raise BadRequest("only a single SELECT statement is run here")
        config = self._config(**parameters)
        config.dry_run = True
        job = self.client.query(sql, job_config=config)
        if job.statement_type is None:  # the embedded engine does not report the type of a UNION
            job = self.client.query(f"SELECT * FROM (\n{sql}\n)", job_config=config)  # noqa: S608
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
