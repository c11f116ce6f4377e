"""Marks in `audio_metadata` and `predictions`: which recordings no longer stand, since when, and why."""

from typing import Any

from earshot.adapters.schema import columns
from earshot.adapters.table import Table

MARKS = ("removed_at", "removed_because")


class Removals(Table):
    """`upsert` returns once the row of that key is marked, if there is one of that generation or an older."""

    statement = "remove"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As `Table`; rows have the key's columns and the marks only."""
        super().__init__(*args, **kwargs)
        self.only = (*self.key, "shard", "generation", *MARKS)

    def assignments(self) -> str:
        """The marks; and in a withdrawn row nothing stays that says what it was or whose.

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
