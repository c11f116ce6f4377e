"""Default policies and prices: inserted where the tables lack them, never over rows that people have changed."""

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter, StructQueryParameter

from earshot.adapters.bigquery_jobs import REQUEST_S, STATEMENT_S, finished
from earshot.adapters.schema import columns, conform, statement
from earshot.audio import Scalar

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

DEFAULTS = {"policies": "name", "prices": "item"}
"""Table, and the column whose values decide what is missing: a policy is inserted completely or not at all."""


def defaults(table: str) -> list[dict[str, Scalar]]:
    """Rows of `{table}.defaults.json`, each with every column of its table."""
    text = files("earshot.adapters").joinpath(f"{table}.defaults.json").read_text()
    return [conform(row, table) for row in json.loads(text)]


def insert_missing_defaults(client: "Client", dataset: str) -> None:
    """Insert missing policies and price items; a second call changes nothing.

    Args:
        dataset: `project.dataset`.
    """
    for table, column in DEFAULTS.items():
        names = [field.name for field in columns(table)]
        rows = [
            StructQueryParameter(
                None,
                *(ScalarQueryParameter(field.name, field.parameter_type, row[field.name]) for field in columns(table)),
            )
            for row in defaults(table)
        ]
        sql = statement(
            "insert_if_missing",
            table=f"{dataset}.{table}",
            columns=", ".join(names),
            selected=", ".join(f"r.{name}" for name in names),
            column=column,
        )
        parameters = [ArrayQueryParameter("rows", "RECORD", rows)]
        config = QueryJobConfig(query_parameters=parameters)
        finished(client.query(sql, job_config=config, timeout=REQUEST_S), STATEMENT_S)
