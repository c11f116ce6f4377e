"""A BigQuery table that keeps the newest row of each key: rows in, a few statements for all of them out.

Rows are loaded into a staging table. Keys that the table does not have are inserted by a MERGE that reads one column of
8 bytes a row; rows of known keys are upserted by a MERGE over their partitions alone. A few rows are upserted at once.
"""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, Self

from google.api_core.exceptions import BadRequest
from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from earshot.adapters.bigquery_jobs import REQUEST_S, finished, is_conflict, is_outage
from earshot.adapters.schema import KEYS, ORDER, Column, columns, conform, key_hash, statement
from earshot.adapters.staging import Staging
from earshot.audio import Scalar
from earshot.errors import ComeAgain
from earshot.plurals import counted

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

log = logging.getLogger("earshot.table")

Row = Mapping[str, Scalar]

FEW = 8  # rows that are upserted at once: their partitions are less to read than the table's column of key hashes
MOST_TRIES = 200  # of one commit: one bad row among 10,000 takes 28
UNSET = {"INTEGER": "0", "TIMESTAMP": "TIMESTAMP '1970-01-01 00:00:00+00:00'", "STRING": "''", "FLOAT": "0.0"}


class Settings(Protocol):
    """What a table takes from the settings."""

    @property
    def dataset(self) -> str: ...
    @property
    def statement_timeout_s(self) -> float: ...


@dataclass(frozen=True)
class Rejected:
    """A row that the table cannot take, by its position among those given, and the reason."""

    position: int
    reason: str


class Table:
    """`commit` returns once the rows, or newer ones of their keys, are in the table."""

    def __init__(
        self,
        client: "Client",
        dataset: str,
        name: str,
        *,
        schema: str,
        patience_s: float = 60.0,
        statement_timeout_s: float = 120.0,
    ) -> None:
        """Nothing is sent yet.

        Args:
            patience_s: how long a statement that is in conflict with others is repeated.
            statement_timeout_s: deadline of one statement, after which it is cancelled.
        """
        self.client = client
        self.id = f"{client.project}.{dataset}.{name}"
        self.schema = schema
        self.key = KEYS[schema]
        self.patience_s = patience_s
        self.statement_timeout_s = statement_timeout_s
        self.staging = Staging(client, dataset, name, self.columns)
        self.lock = Lock()  # of the staging table, which one thread fills and reads at a time
        self.billed_bytes = 0
        """Of all statements so far."""

    @classmethod
    def from_settings(cls, settings: Settings, client: "Client", name: str, *, schema: str) -> Self:
        """The table of that name in the dataset of the settings."""
        return cls(client, settings.dataset, name, schema=schema, statement_timeout_s=settings.statement_timeout_s)

    def upsert(self, row: Row) -> None:
        """Commit one row.

        Raises:
            ValueError: the row does not fit the table's schema, or BigQuery rejects it.
            ComeAgain: BigQuery did not take it this time.
        """
        for rejected in self.commit([row]):
            raise ValueError(rejected.reason)

    def commit(self, rows: Sequence[Row]) -> list[Rejected]:
        """Commit rows; of several rows of one key the newest. A row that cannot be taken harms no other.

        Raises:
            ComeAgain: BigQuery did not take them this time; a repeat is harmless, also of rows already taken.
        """
        rejected: list[Rejected] = []
        fitting: dict[int, dict[str, Scalar]] = {}
        for position, row in enumerate(rows):
            try:
                fitting[position] = self._conformed(row)
            except ValueError as error:
                rejected.append(Rejected(position, str(error)))
        newest = self._newest(fitting)
        with self.lock:
            return rejected + (self._commit(newest) if newest else [])

    @property
    def only(self) -> Collection[str]:
        """Names of the columns that rows have; none named: all."""
        return ()

    @property
    def columns(self) -> list[Column]:
        """The columns that rows have."""
        return [column for column in columns(self.schema) if not self.only or column.name in self.only]

    def _conformed(self, row: Row) -> dict[str, Scalar]:
        conformed = conform(row, self.schema, self.only)
        if conformed.get("shard") is None:
            raise ValueError(f"{self.schema}.shard has no value")
        return conformed | {"key_hash": key_hash(conformed, self.schema)}

    def _newest(self, rows: Mapping[int, dict[str, Scalar]]) -> dict[int, dict[str, Scalar]]:
        """One row a key: BigQuery refuses a MERGE in which two source rows match one target row."""
        newest: dict[tuple[Scalar, ...], int] = {}
        for position, row in rows.items():
            same = tuple(row[name] for name in self.key)
            other = newest.get(same)
            if other is None or self._age(row) >= self._age(rows[other]):
                newest[same] = position
        return {position: rows[position] for position in sorted(newest.values())}

    def _age(self, row: Row) -> tuple[float, ...]:
        values = (row.get(name) for name in ORDER[self.schema])
        return tuple(_number(value) for value in values)

    def _commit(self, rows: Mapping[int, dict[str, Scalar]]) -> list[Rejected]:
        """Write rows; if BigQuery refuses them, by halves, until the rows that it cannot take are alone.

        If it takes none of several rows, the fault is in no row, and all come again.
        """
        waiting, failed = [rows], dict[int, Exception]()
        for _ in range(MOST_TRIES):
            if not waiting:
                break
            batch = waiting.pop()
            try:
                self._write(list(batch.values()))
            except Exception as error:
                if is_conflict(error) or is_outage(error):
                    raise ComeAgain(f"{self.id} did not take {counted(len(batch), 'row')}: {error}") from error
                items = list(batch.items())
                middle = len(items) // 2
                waiting += [dict(half) for half in (items[middle:], items[:middle]) if len(items) > 1]
                failed |= {position: error for position in batch if len(batch) == 1}
        is_proven = len(failed) < len(rows) or (len(rows) == 1 and isinstance(failed[next(iter(rows))], BadRequest))
        if waiting or (failed and not is_proven):
            reason = next(iter(failed.values()), None)
            raise ComeAgain(f"{self.id} takes none of {counted(len(rows), 'row')}: {reason}") from reason
        return [Rejected(position, str(error)) for position, error in failed.items()]

    def _write(self, rows: Sequence[dict[str, Scalar]]) -> None:
        before, started = self.billed_bytes, time.monotonic()
        staging = self.staging.load(rows, deadline_s=self.statement_timeout_s)
        hashes = {int(str(row["key_hash"])) for row in rows}
        known = hashes if len(rows) <= FEW else hashes & self._known(staging)
        if known != hashes:
            self._run("insert_new", staging, keys=sorted(known))
        if known:
            updated = [row for row in rows if row["key_hash"] in known]
            self._run("merge", staging, keys=sorted(known), shards=shards(updated))
        self._log(len(rows), len(known), self.billed_bytes - before, time.monotonic() - started)

    def _log(self, rows: int, known: int, billed_bytes: int, took_s: float) -> None:
        fields = {"table": self.id, "rows": rows, "known": known, "billed_bytes": billed_bytes}
        log.info("merged", extra={"fields": fields | {"took_ms": round(1000 * took_s)}})

    def _known(self, staging: str) -> set[int]:
        return {int(row["key_hash"]) for row in self._run("known_keys", staging)}

    def assignments(self) -> str:
        """The columns that the statement sets in a row that is there."""
        return ", ".join(f"{column.name} = fresh.{column.name}" for column in self.columns)

    def _newer(self) -> str:
        """SQL: the staged row is newer than the one in the table, by the columns of `ORDER`, or as new."""
        kinds = {column.name: column.type for column in columns(self.schema)}
        condition = "TRUE"
        for name in reversed(ORDER[self.schema]):
            fresh, kept = (f"COALESCE({side}.{name}, {UNSET[kinds[name]]})" for side in ("fresh", "kept"))
            condition = f"({fresh} > {kept} OR ({fresh} = {kept} AND {condition}))"
        return condition

    def _run(self, name: str, staging: str, **parameters: Sequence[int]) -> Any:
        names = [column.name for column in self.columns]
        sql = statement(
            name,
            table=self.id,
            staging=staging,
            selected=", ".join(f"r.{column}" for column in names),
            same=" AND ".join(f"kept.{column} = fresh.{column}" for column in self.key),
            newer=self._newer(),
            assignments=self.assignments(),
            columns=", ".join(names),
            values=", ".join(f"fresh.{column}" for column in names),
        )
        arrays = [ArrayQueryParameter(name, "INT64", list(values)) for name, values in parameters.items()]
        for attempt in Retrying(
            retry=retry_if_exception(is_conflict),
            wait=wait_random_exponential(multiplier=0.5, max=20),
            stop=stop_after_delay(self.patience_s),
            reraise=True,
        ):
            with attempt:
                config = QueryJobConfig(query_parameters=arrays)
                job = self.client.query(sql, job_config=config, job_retry=None, timeout=REQUEST_S)
                result = finished(job, self.statement_timeout_s)
        self.billed_bytes += job.total_bytes_billed or 0
        return result


def shards(rows: Sequence[Row]) -> list[int]:
    """The partitions of rows."""
    return sorted({int(str(row["shard"])) for row in rows})


def _number(value: Any) -> float:
    """A value of `ORDER` as a number, so that a missing one is the oldest."""
    if value is None:
        return 0.0
    return float(value.timestamp()) if hasattr(value, "timestamp") else float(value)
