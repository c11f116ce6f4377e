"""One round: rows are pulled, committed table by table, and acknowledged; what no table can take is a dead letter."""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from earshot.audio import QueuedRow, Scalar
from earshot.errors import ComeAgain

log = logging.getLogger("earshot.committing")

MOST_ROWS = 10_000  # of one round: what it holds in memory, at 2 to 5 kB a row
LAST = "removals"  # a mark finds the row that came with it in the same round
MOST_TABLES_AT_ONCE = 4  # each has one statement under way
EMPTY_PULLS = 2  # before nothing more waits: one pull may miss what is there


class Queue(Protocol):
    """Holds rows until they are acknowledged."""

    def pull(self, most: int) -> list[QueuedRow]: ...
    def acknowledge(self, rows: Sequence[QueuedRow]) -> None: ...
    def release(self, rows: Sequence[QueuedRow]) -> None: ...
    def reject(self, row: QueuedRow, reason: str) -> None: ...


class Rejection(Protocol):
    """A row that a table cannot take, by its position among those given."""

    @property
    def position(self) -> int: ...
    @property
    def reason(self) -> str: ...


class Table(Protocol):
    """Takes rows, the newest of each key."""

    @property
    def billed_bytes(self) -> int: ...
    def commit(self, rows: Sequence[Mapping[str, Scalar]]) -> Sequence[Rejection]: ...


@dataclass(frozen=True)
class Round:
    """What a round did."""

    rows: int
    rejected: int
    billed_bytes: int

    @property
    def is_full(self) -> bool:
        """More rows may wait than a round takes."""
        return self.rows >= MOST_ROWS


def commit_rows(queue: Queue, tables: Mapping[tuple[str, str], Table]) -> Round:
    """Commit the rows that wait, at most `MOST_ROWS`.

    Args:
        tables: by kind and name, as the messages name them.

    Raises:
        ComeAgain: a table or the queue is unavailable; the rows of the other tables are committed, these wait.
    """
    rows = _pulled(queue)
    before = sum(table.billed_bytes for table in tables.values())
    rejected = 0
    failures: list[ComeAgain] = []
    batches = _by_table(rows)

    def commit(key: tuple[str, str]) -> int:
        try:
            return _commit(queue, tables.get(key), batches[key])
        except ComeAgain as error:
            failures.append(error)
            queue.release(batches[key])
            return 0

    with ThreadPoolExecutor(MOST_TABLES_AT_ONCE) as pool:
        for are_marks in (False, True):
            keys = [key for key in batches if (key[0] == LAST) == are_marks]
            rejected += sum(pool.map(commit, keys))
    billed_bytes = sum(table.billed_bytes for table in tables.values()) - before
    if failures:
        raise failures[0]
    return Round(len(rows), rejected, billed_bytes)


def _pulled(queue: Queue) -> list[QueuedRow]:
    rows: list[QueuedRow] = []
    empty = 0
    while empty < EMPTY_PULLS and len(rows) < MOST_ROWS:
        pulled = queue.pull(MOST_ROWS - len(rows))
        empty = 0 if pulled else empty + 1
        rows += pulled
    return rows


def _by_table(rows: Sequence[QueuedRow]) -> dict[tuple[str, str], list[QueuedRow]]:
    batches: dict[tuple[str, str], list[QueuedRow]] = {}
    for row in rows:
        batches.setdefault((row.kind, row.table), []).append(row)
    return batches


def _commit(queue: Queue, table: Table | None, batch: Sequence[QueuedRow]) -> int:
    """Commit the rows of one table; returns how many of them are dead letters."""
    reasons = {position: row.error for position, row in enumerate(batch) if row.error}
    readable = [position for position in range(len(batch)) if position not in reasons]
    if table is None:
        reasons |= {position: f"no table {batch[position].table!r} is committed here" for position in readable}
    elif readable:
        for rejection in table.commit([batch[position].row for position in readable]):
            reasons[readable[rejection.position]] = rejection.reason
    for position, reason in reasons.items():
        queue.reject(batch[position], reason)
        fields = {
            "table": batch[position].table,
            "gcp_url": batch[position].row.get("gcp_url"),
            "reason": reason[:1000],
        }
        log.error("row rejected", extra={"fields": fields})
    queue.acknowledge([row for position, row in enumerate(batch) if position not in reasons])
    return len(reasons)
