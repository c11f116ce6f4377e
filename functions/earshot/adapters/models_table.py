"""Appends models to their table: a row when one is made, and one when it is chosen."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter, StructQueryParameter

from earshot.adapters.bigquery_jobs import REQUEST_S, STATEMENT_S, finished
from earshot.adapters.schema import columns, conform, statement
from earshot.tagging.model_manifest import ModelManifest

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

MOST_METRICS_BYTES = 900_000  # of the JSON; a statement and its parameters may have 10 MB


class ModelsTable:
    """The table `models` of a dataset; rows are appended and never changed."""

    def __init__(self, client: "Client", dataset: str) -> None:
        self._client = client
        self._id = f"{client.project}.{dataset}.models"

    def append(self, manifest: ModelManifest, uri: str, stage: str = "") -> None:
        """Append a row of that model.

        Args:
            stage: in_use where it was chosen; else the stage that its description has.

        Raises:
            GoogleAPICallError: BigQuery did not take the statement.
        """
        metrics = json.dumps(dict(manifest.metrics))
        row: dict[str, Any] = {
            "task": manifest.task,
            "version": manifest.version,
            "name": manifest.name,
            "uri": uri,
            "sha256": manifest.sha256,
            "stage": stage or manifest.stage,
            "created_at": datetime.now(UTC),
            "query": manifest.training.query or None,
            "data_sha256": manifest.training.data_sha256 or None,
            "metrics": metrics if len(metrics) <= MOST_METRICS_BYTES else None,
        }
        fitting = conform(row, "models")
        names = [column.name for column in columns("models")]
        sql = statement(
            "append", table=self._id, columns=", ".join(names), selected=", ".join(f"r.{name}" for name in names)
        )
        struct = StructQueryParameter(
            None,
            *(ScalarQueryParameter(each.name, each.parameter_type, fitting[each.name]) for each in columns("models")),
        )
        parameters = [ArrayQueryParameter("rows", "RECORD", [struct])]
        config = QueryJobConfig(query_parameters=parameters)
        finished(self._client.query(sql, job_config=config, timeout=REQUEST_S), STATEMENT_S)
