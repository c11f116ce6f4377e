"""Appends annotations to their table."""

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter, StructQueryParameter

from earshot.adapters.bigquery_jobs import REQUEST_S, STATEMENT_S, finished
from earshot.adapters.schema import columns, conform, statement
from earshot.audio import Annotation

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

MOST_ROWS = 500  # of one statement: BigQuery allows 10 MB of query and parameters


class AnnotationsTable:
    """The table `annotations` of a dataset; rows are appended and never changed."""

    def __init__(self, client: "Client", dataset: str) -> None:
        self._client = client
        self._id = f"{client.project}.{dataset}.annotations"

    def append(self, annotations: Iterable[Annotation]) -> int:
        """Append the rows in statements of at most 500; returns their number.

        Raises:
            ValueError: a row does not fit the table's schema.
            GoogleAPICallError: BigQuery did not take a statement; those before it are in the table.
        """
        source, count = iter(annotations), 0
        names = [column.name for column in columns("annotations")]
        sql = statement(
            "append", table=self._id, columns=", ".join(names), selected=", ".join(f"r.{name}" for name in names)
        )
        while batch := list(islice(source, MOST_ROWS)):
            parameters = [ArrayQueryParameter("rows", "RECORD", [_struct(annotation) for annotation in batch])]
            config = QueryJobConfig(query_parameters=parameters)
            finished(self._client.query(sql, job_config=config, timeout=REQUEST_S), STATEMENT_S)
            count += len(batch)
        return count


def _struct(annotation: Annotation) -> StructQueryParameter:
    row = conform(annotation.as_row(), "annotations")
    return StructQueryParameter(
        None,
        *(
            ScalarQueryParameter(column.name, column.parameter_type, row[column.name])
            for column in columns("annotations")
        ),
    )
