"""A BigQuery table that keeps one row a key: concurrent upserts share one MERGE.

BigQuery runs two mutating statements per table at once, queues 20 and then refuses, so an instance has at most one
in flight: whoever comes first waits a moment, takes every row that has come meanwhile, and all learn the outcome.
"""

import logging
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

from google.api_core.exceptions import BadRequest, GoogleAPICallError
from google.cloud.bigquery import (
    ArrayQueryParameter,
    QueryJobConfig,
    ScalarQueryParameter,
    StructQueryParameter,
)
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from earshot.adapters.schema import KEYS, VERSIONS, Column, columns, conform, statement
from earshot.audio import Scalar
from earshot.errors import ComeAgain

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

log = logging.getLogger("earshot.table")

CONFLICTS = (  # BigQuery's words for "another statement was in the way"; all of them pass
    "Could not serialize access",
    "Too many DML statements outstanding",
    "due to concurrent update",
    "rateLimitExceeded",
)
MOST_ROWS = 500  # of one MERGE; BigQuery allows 10 MB of query and parameters, a row is about 4 KiB


class Settings(Protocol):
    """What a table takes from the settings."""

    @property
    def dataset(self) -> str: ...
    @property
    def commit_wait_ms(self) -> int: ...


@dataclass
class Waiting:
    """A row that wants to be kept, and what became of it."""

    row: dict[str, Scalar]
    settled: bool = False
    error: Exception | None = field(default=None)


class Table:
    """`upsert` returns once the row, or a newer one of its key, is in the table."""

    statement = "merge"
    only: Collection[str] = ()
    """Names of the columns that rows have; none named: all."""

    def __init__(
        self,
        client: "Client",
        dataset: str,
        name: str,
        *,
        schema: str,
        wait_s: float = 0.04,
        patience_s: float = 120.0,
    ) -> None:
        self.client = client
        self.id = f"{client.project}.{dataset}.{name}"
        self.schema = schema
        self.key = KEYS[schema]
        self.version = VERSIONS.get(schema, "analyser_version")
        self.wait_s = wait_s
        self.patience_s = patience_s
        self.turn = threading.Condition()
        self.is_committing = False
        self.waiting: list[Waiting] = []

    @classmethod
    def from_settings(cls, settings: Settings, client: "Client", name: str, *, schema: str) -> Self:
        """The table of that name in the dataset of the settings."""
        wait_s = settings.commit_wait_ms / 1000
        return cls(client, settings.dataset, name, schema=schema, wait_s=wait_s)

    def upsert(self, row: Mapping[str, Scalar]) -> None:
        """Keep a row; older ones (by generation, then analyser version) leave the table as it is.

        Raises:
            ValueError: the row does not fit the table's schema.
            ComeAgain: BigQuery did not take it this time.
        """
        mine = Waiting(conform(row, self.schema, self.only))
        with self.turn:
            self.waiting.append(mine)
        while self._my_turn(mine):
            time.sleep(self.wait_s)
            with self.turn:
                batch, self.waiting = self.waiting[:MOST_ROWS], self.waiting[MOST_ROWS:]
            try:
                self._commit(batch)
            finally:
                with self.turn:
                    self.is_committing = False
                    self.turn.notify_all()
        if mine.error:
            raise ComeAgain(f"{self.id} did not take {row['gcp_url']}: {mine.error}") from mine.error

    def _my_turn(self, mine: Waiting) -> bool:
        """Wait until the row is settled (False) or nobody commits, so that its caller has to (True)."""
        with self.turn:
            self.turn.wait_for(lambda: mine.settled or not self.is_committing)
            self.is_committing = self.is_committing or not mine.settled
            return not mine.settled

    def _commit(self, batch: Sequence[Waiting]) -> None:
        """Merge a batch; a row that BigQuery cannot take fails alone, its neighbours are merged without it."""
        try:
            self._merge([waiting.row for waiting in newest(batch, self.key, self.version)])
        except BadRequest as error:
            if len(batch) == 1 or is_conflict(error):  # a conflict that outlasted our patience is nobody's row
                for waiting in batch:
                    waiting.error = error
            else:
                middle = len(batch) // 2
                self._commit(batch[:middle])
                self._commit(batch[middle:])
        except Exception as error:  # noqa: BLE001 - whatever it is, no caller may take its row for kept
            for waiting in batch:
                waiting.error = error
        finally:
            for waiting in batch:
                waiting.settled = True

    @property
    def columns(self) -> list[Column]:
        """Those that rows have."""
        return [column for column in columns(self.schema) if not self.only or column.name in self.only]

    def assignments(self) -> str:
        """What the statement sets in a row that is there."""
        return ", ".join(f"{column.name} = fresh.{column.name}" for column in self.columns)

    def _merge(self, rows: Sequence[dict[str, Scalar]]) -> None:
        names = [column.name for column in self.columns]
        sql = statement(
            self.statement,
            table=self.id,
            selected=", ".join(f"r.{name}" for name in names),
            same=" AND ".join(f"kept.{name} = fresh.{name}" for name in self.key),
            shards=", ".join(str(shard) for shard in sorted({int(str(row["shard"])) for row in rows})),
            assignments=self.assignments(),
            version=self.version,
            columns=", ".join(names),
            values=", ".join(f"fresh.{name}" for name in names),
        )
        config = QueryJobConfig(query_parameters=[ArrayQueryParameter("rows", "RECORD", self._structs(rows))])
        for attempt in Retrying(
            retry=retry_if_exception(is_conflict),
            wait=wait_random_exponential(multiplier=0.5, max=20),
            stop=stop_after_delay(self.patience_s),
            reraise=True,
        ):
            with attempt:
                job = self.client.query(sql, job_config=config)
                job.result()
        fields = {"table": self.id, "rows": len(rows), "bytes_processed": job.total_bytes_processed}
        log.info("merged", extra={"fields": fields})

    def _structs(self, rows: Sequence[dict[str, Scalar]]) -> list[StructQueryParameter]:
        return [
            StructQueryParameter(
                None,
                *(
                    ScalarQueryParameter(column.name, column.parameter_type, row[column.name])
                    for column in self.columns
                ),
            )
            for row in rows
        ]


def newest(
    batch: Sequence[Waiting], key: Sequence[str] = ("gcp_url",), version: str = "analyser_version"
) -> list[Waiting]:
    """One row a key: the newest generation, then the newest analyser, then the one that came last.

    BigQuery refuses a MERGE in which two source rows match one target row.
    """
    kept: dict[tuple[Scalar, ...], Waiting] = {}
    for waiting in batch:
        same = tuple(waiting.row[name] for name in key)
        other = kept.get(same)
        if other is None or _age(waiting, version) >= _age(other, version):
            kept[same] = waiting
    return list(kept.values())


def _age(waiting: Waiting, version: str) -> tuple[int, int]:
    return int(str(waiting.row["generation"] or 0)), int(str(waiting.row.get(version) or 0))


def is_conflict(error: BaseException) -> bool:
    """Another statement was in the way: the same statement may pass in a moment."""
    return isinstance(error, GoogleAPICallError) and any(words in str(error) for words in CONFLICTS)
