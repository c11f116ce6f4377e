"""Rows of several threads in, one commit for all that wait: for commands that write to a table themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from earshot.adapters.table import Table
from earshot.audio import Scalar
from earshot.errors import ComeAgain


@dataclass
class _Waiting:
    row: Mapping[str, Scalar]
    is_done: bool = False
    error: Exception | None = None


class SharedCommit:
    """`upsert` may be called by many threads; each waits for the commit that its row is part of."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.turn = Lock()
        self.waiting: list[_Waiting] = []

    def upsert(self, row: Mapping[str, Scalar]) -> None:
        """Return once the row is committed.

        Raises:
            ValueError: the table does not take the row.
            ComeAgain: BigQuery did not take it this time.
        """
        mine = _Waiting(row)
        self.waiting.append(mine)
        with self.turn:
            if not mine.is_done:
                self._commit()
        if mine.error:
            raise mine.error

    def _commit(self) -> None:
        """Commit what waits; called with the turn held."""
        batch, self.waiting = self.waiting, []
        try:
            rejected = self.table.commit([waiting.row for waiting in batch])
        except ComeAgain as error:
            for waiting in batch:
                waiting.error = error
        else:
            for one in rejected:
                batch[one.position].error = ValueError(one.reason)
        for waiting in batch:
            waiting.is_done = True
