"""Rows out onto the topic `rows`: a row is safe as soon as Pub/Sub has accepted it, and nobody waits for BigQuery.

Messages of one key of one table have one ordering key, so that a removal mark never overtakes the row that it marks.
Each row names the commit of the function that produced it in its column `analysed_by`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from earshot.adapters.schema import REMOVALS, conform, key_hash
from earshot.audio import Scalar
from earshot.errors import ComeAgain

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import PublisherClient

SCHEMA = "Row/1"


class RowPublisher:
    """The topic; `table` gives the `upsert` of one table."""

    def __init__(
        self,
        connect: Callable[[], "PublisherClient"],
        project: str,
        topic: str,
        *,
        commit: str,
        timeout_s: float = 60.0,
    ) -> None:
        """Nothing is connected before the first row: a gRPC channel does not survive the web server's fork.

        Args:
            commit: the commit that the function was built from, for the column `analysed_by`.
        """
        self.connect = connect
        self.path = f"projects/{project}/topics/{topic}"
        self.commit = commit
        self.timeout_s = timeout_s

    @cached_property
    def client(self) -> "PublisherClient":
        """The client of this process."""
        return self.connect()

    def table(self, name: str) -> "PublishedTable":
        """The rows of a table, by its schema's name."""
        return PublishedTable(self, name, name)

    def removals(self, table: str) -> "PublishedTable":
        """Removal marks of the rows of a table."""
        return PublishedTable(self, REMOVALS, table)

    def publish(self, kind: str, table: str, row: Mapping[str, Scalar]) -> None:
        """Publish a row.

        Raises:
            ComeAgain: Pub/Sub did not accept it.
        """
        data = json.dumps({name: value for name, value in row.items() if value is not None}, default=_iso).encode()
        key = f"{table} {key_hash(row, table)}"
        try:
            sent = self.client.publish(self.path, data, ordering_key=key, schema=SCHEMA, kind=kind, table=table)
            sent.result(timeout=self.timeout_s)
        except Exception as error:
            self.client.resume_publish(self.path, key)
            raise ComeAgain(f"{self.path} did not accept the row of {row['gcp_url']}: {error}") from error


class PublishedTable:
    """`upsert` returns once Pub/Sub holds the row; the committer writes it."""

    def __init__(self, publisher: RowPublisher, kind: str, table: str) -> None:
        self.publisher = publisher
        self.kind = kind
        self.name = table

    def upsert(self, row: Mapping[str, Scalar]) -> None:
        """Publish a row; one that is older than the table's changes nothing there.

        Raises:
            ValueError: the row does not fit the table's schema.
            ComeAgain: Pub/Sub did not accept it.
        """
        fitting = row if self.kind == REMOVALS else conform({**row, "analysed_by": self.publisher.commit}, self.name)
        self.publisher.publish(self.kind, self.name, fitting)


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is no value of a row")
