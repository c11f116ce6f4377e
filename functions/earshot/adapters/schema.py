"""A table's columns, read from its `*.schema.json`: the one definition for Terraform, Python and the SQL."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from graphlib import TopologicalSorter
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
}
"""The tables, and the columns that tell the rows of each apart."""

VERSIONS: Mapping[str, str] = {"predictions": "model_order"}
"""Of two rows of one key and generation, the higher of this column wins; where none is named, `analyser_version`."""


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
    """The row with every column of the table, in order: absent ones None, NaN and infinity None.

    Args:
        only: names of the columns wanted, if not all.

    Raises:
        ValueError: an unknown column, a missing REQUIRED one, or a value of another type.
    """
    wanted = [column for column in columns(table) if not only or column.name in only]
    unknown = row.keys() - {column.name for column in wanted}
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
    kept: dict[str, Scalar] = {}
    for column in wanted:
        value = finite(row.get(column.name))
        if value is None and column.mode == "REQUIRED":
            raise ValueError(f"{table}.{column.name} is REQUIRED and has no value")
        is_number_but_bool = isinstance(value, bool) and column.type != "BOOLEAN"
        if value is not None and (is_number_but_bool or not isinstance(value, PYTHON_TYPES[column.type])):
            raise ValueError(f"{table}.{column.name} is {column.type}, not {type(value).__name__} ({value!r})")
        kept[column.name] = value
    return kept


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
