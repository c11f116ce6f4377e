"""Marks in `audio_metadata` and `predictions`: which recordings were deleted or withdrawn, since when, and why."""

import time
from collections.abc import Mapping, Sequence

from earshot.adapters.schema import columns, conform
from earshot.adapters.table import Table, shards
from earshot.audio import Scalar

MARKS = ("removed_at", "removed_because")


class Removals(Table):
    """`commit` returns once the rows of those keys are marked, where there is one of that generation or an older."""

    @property
    def only(self) -> tuple[str, ...]:
        """Rows have the key's columns and the marks."""
        return (*self.key, "shard", "generation", *MARKS)

    def _conformed(self, row: Mapping[str, Scalar]) -> dict[str, Scalar]:
        return conform(row, self.schema, self.only)

    def _age(self, row: Mapping[str, Scalar]) -> tuple[float, ...]:
        """Of two marks of one key in a batch, the one of the newer generation is set; then withdrawn before deleted."""
        return float(str(row["generation"] or 0)), float(row["removed_because"] == "withdrawn")

    def _write(self, rows: Sequence[dict[str, Scalar]]) -> None:
        before, started = self.billed_bytes, time.monotonic()
        staging = self.staging.load(rows, deadline_s=self.statement_timeout_s)
        self._run("mark_removed", staging, shards=shards(rows))
        self._log(len(rows), len(rows), self.billed_bytes - before, time.monotonic() - started)

    def assignments(self) -> str:
        """The marks; and of a withdrawn recording the texts are erased.

        By kind of column, so that a text which a later version adds is erased as well.
        """
        marks = [f"{name} = fresh.{name}" for name in MARKS]
        texts = [
            f"{column.name} = IF(fresh.removed_because = 'withdrawn', {self._erased(column.name)}, kept.{column.name})"
            for column in columns(self.schema)
            if column.type == "STRING" and column.name not in KEPT
        ]
        return ", ".join(marks + texts)

    def _erased(self, name: str) -> str:
        return "kept.audio_id" if name == "file_name" else "NULL"  # file_name is REQUIRED


KEPT = ("gcp_url", "task", "audio_id", "classification", "removed_because")
"""Texts that a withdrawn row keeps."""
