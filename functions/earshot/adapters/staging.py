"""Rows in, a staging table of BigQuery out: load jobs are free, and take any number of rows."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from google.cloud.bigquery import LoadJobConfig, SchemaField, SourceFormat, WriteDisposition

from earshot.adapters.bigquery_jobs import REQUEST_S, finished
from earshot.adapters.schema import Column
from earshot.audio import Scalar

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

LOADS_OF_A_NAME = 1000  # BigQuery allows 1,500 loads a day and table
DATASET_SUFFIX = "_staging"  # terraform: its tables expire after a day


class Staging:
    """The staging table of one table, in this process alone: two processes never share one."""

    def __init__(self, client: "Client", dataset: str, name: str, wanted: Sequence[Column]) -> None:
        self.client = client
        self.dataset = f"{client.project}.{dataset}{DATASET_SUFFIX}"
        self.name = name
        self.schema = [SchemaField(column.name, column.type, column.mode) for column in wanted]
        self.loads = 0
        self.process = 0
        self.id = ""

    def load(self, rows: Iterable[Mapping[str, Scalar]], *, deadline_s: float) -> str:
        """Replace the content of the staging table; returns its full name.

        The name stays the same for many loads, so that an engine that caches parsed statements finds them again.
        """
        if self.loads % LOADS_OF_A_NAME == 0 or self.process != os.getpid():
            self.id = f"{self.dataset}.{self.name}_{uuid4().hex}"
            self.process = os.getpid()
        self.loads += 1
        config = LoadJobConfig(
            schema=self.schema,
            source_format=SourceFormat.NEWLINE_DELIMITED_JSON,
            write_disposition=WriteDisposition.WRITE_TRUNCATE,
        )
        plain = [json.loads(json.dumps(row, default=_iso)) for row in rows]
        job = self.client.load_table_from_json(plain, self.id, job_config=config, timeout=REQUEST_S)
        finished(job, deadline_s)
        return self.id


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is no value of a row")
