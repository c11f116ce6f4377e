"""A table's columns, read from its `*.schema.json`: the one definition for Terraform, Python and the SQL."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from graphlib import TopologicalSorter
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Any

from earshot.audio import Scalar, finite

PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "STRING": (str,),
    "INTEGER": (int,),
    "FLOAT": (float, int),
    "BOOLEAN": (bool,),
    "TIMESTAMP": (datetime,),
}

KEYS: Mapping[str, tuple[str, ...]] = {
    "audio_metadata": ("gcp_url",),
    "refusals": ("gcp_url",),
    "analyses": ("gcp_url", "generation", "analyser_version"),
    "predictions": ("gcp_url", "task"),
    "policies": ("name", "metric", "op", "reason"),
    "prices": ("item",),
    "annotations": ("gcp_url", "task", "start_ms", "created_at"),
    "models": ("task", "version"),
}
"""The tables, and the key columns of each."""

ORDER: Mapping[str, tuple[str, ...]] = {
    "audio_metadata": ("generation", "analyser_version", "analysed_at"),
    "refusals": ("generation", "analyser_version", "last_seen"),
    "analyses": ("generation", "analyser_version", "analysed_at"),
    "predictions": ("generation", "model_order", "analysed_at"),
}
"""Tables that functions write, and the columns by which the newer of two rows of one key is found, compared in turn.

Another table joins the write path with an entry here and in `KEYS`, a `{name}.schema.json` whose columns include
`shard` (of `gcp_url`) and `key_hash`, and its entry in Terraform's `table_keys`. The function that produces its rows
publishes them with `RowPublisher.table(name).upsert(row)`; the committer needs no change.
"""

MARKED = ("audio_metadata", "predictions")  # tables whose rows have the columns removed_at and removed_because
REMOVALS = "removals"  # kind of a message that carries such a mark instead of a row

INT64 = (-(2**63), 2**63 - 1)
FLOAT64_MAX = 1.7976931348623157e308
KEY_HASH_DIGITS = 15  # hex digits of a key_hash: 60 bits, so that it is a positive INT64

GOOGLESQL = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}  # what a schema calls otherwise than the SQL


@dataclass(frozen=True)
class Column:
    """One column, in BigQuery's words."""

    name: str
    type: str
    mode: str
    description: str

    @property
    def parameter_type(self) -> str:
        """Its type as a query parameter has it; documented are GoogleSQL's names only."""
        return GOOGLESQL.get(self.type, self.type)


@cache
def tables() -> tuple[str, ...]:
    """Names of the tables that have a schema file, `audio_metadata` first."""
    found = (file.name for file in files("earshot.adapters").iterdir() if file.name.endswith(".schema.json"))
    return tuple(
        sorted((name.removesuffix(".schema.json") for name in found), key=lambda name: (name != "audio_metadata", name))
    )


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of `audio_metadata`, `refusals`, … in their order."""
    text = files("earshot.adapters").joinpath(f"{table}.schema.json").read_text()
    return tuple(Column(**column) for column in json.loads(text))


def conform(row: Mapping[str, Scalar], table: str, only: Collection[str] = ()) -> dict[str, Scalar]:
    """The row with every column of the table, in order; what BigQuery's type cannot hold is None.

    That is NaN and infinity, an integer outside INT64, a moment outside the years 1 to 9999; a lone surrogate in a text
    becomes a question mark.

    Args:
        only: names of the columns wanted, if not all.

    Raises:
        ValueError: an unknown column, a missing REQUIRED one, or a value of another type.
    """
    wanted = [column for column in columns(table) if not only or column.name in only]
    unknown = row.keys() - {column.name for column in wanted}
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
    conformed: dict[str, Scalar] = {}
    for column in wanted:
        value = row.get(column.name)
        is_number_but_bool = isinstance(value, bool) and column.type != "BOOLEAN"
        if value is not None and (is_number_but_bool or not isinstance(value, PYTHON_TYPES[column.type])):
            raise ValueError(
                f"{table}.{column.name} is {column.type}, not {type(value).__name__} ({str(value)[:100]!r})"
            )
        value = _representable(finite(value), column.type)
        if value is None and column.mode == "REQUIRED":
            raise ValueError(f"{table}.{column.name} is REQUIRED and has no value that {column.type} can hold")
        conformed[column.name] = value
    return conformed


def _representable(value: Scalar, kind: str) -> Scalar:
    """The value as BigQuery's type holds it; None if it cannot."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if kind == "INTEGER" and isinstance(value, int) and not INT64[0] <= value <= INT64[1]:
        return None
    if kind == "FLOAT" and isinstance(value, int) and abs(value) > FLOAT64_MAX:
        return None
    if isinstance(value, datetime):
        try:
            moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        except OverflowError:  # the offset leads out of the years 1 to 9999
            return None
        return moment
    return value


def key_hash(row: Mapping[str, Scalar], table: str) -> int:
    """A number from 0 to 2**60 that follows from the row's key: the column `key_hash`.

    The SQL of it, for one key column: `CAST(CONCAT('0x', SUBSTR(TO_HEX(SHA256(gcp_url)), 1, 15)) AS INT64)`; several
    key columns are joined by spaces.
    """
    key = " ".join(str(row[name]) for name in KEYS[table])
    return int(sha256(key.encode()).hexdigest()[:KEY_HASH_DIGITS], 16)


def statement(name: str, **values: Any) -> str:
    """The SQL of a file beside this one, its `$placeholders` filled with names of ours; values go as parameters."""
    return Template(files("earshot.adapters").joinpath(f"{name}.sql").read_text()).substitute(values)


def views() -> tuple[str, ...]:
    """Names of the views in an order in which they can be made: one that reads others comes after them."""
    names = sorted(file.name.removesuffix(".sql") for file in files("earshot.adapters").joinpath("views").iterdir())
    texts = {name: view_query(name, "dataset") for name in names}
    reads = {name: [other for other in names if f".{other}`" in text] for name, text in texts.items()}
    return tuple(TopologicalSorter(reads).static_order())


def view_query(name: str, dataset: str) -> str:
    """The SELECT of a view over `dataset` (`project.dataset`), rendered as Terraform's templatefile renders it.

    Not a string.Template: a JSON path such as '$.signal' stays as it is.
    """
    return files("earshot.adapters").joinpath(f"views/{name}.sql").read_text().replace("${dataset}", dataset)
