"""Columns of a view, read from its SQL: each with the definition of the table's column which it is, or its formula."""

import re
from functools import cache
from typing import Any, cast

from sqlglot import exp, parse_one
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from earshot.adapters.schema import Column, columns, tables, view_query, views

MOST_CHARACTERS = 100  # of a formula
UNNAMED = re.compile(r"\b_\d+\.")  # the name that sqlglot gives to an UNNEST without one
NAMES = {
    "BIGINT": "INTEGER",
    "INT": "INTEGER",
    "INT64": "INTEGER",
    "DOUBLE": "FLOAT",
    "FLOAT64": "FLOAT",
    "VARCHAR": "STRING",
    "TEXT": "STRING",
    "BOOL": "BOOLEAN",
    "TIMESTAMPTZ": "TIMESTAMP",
}
"""The names that the schema files use, by sqlglot's."""


def view_comment(name: str) -> str:
    """What a view is for: the comment at the head of its file."""
    lines = view_query(name, "dataset").splitlines()
    head = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    return " ".join(head)


@cache
def view_columns(name: str) -> tuple[Column, ...]:
    """The columns of a view, in their order.

    `description` is that of the table's column which it is, or `= ` and the formula. `type` is empty where it is not
    known without a warehouse.
    """
    sql = view_query(name, "dataset")
    read = [other for other in (*tables(), *views()) if f"dataset.{other}`" in sql]
    known = {other: columns(other) if other in tables() else view_columns(other) for other in read}
    return _columns(sql, {other: {column.name: column for column in found} for other, found in known.items()})


def _columns(sql: str, known: dict[str, dict[str, Column]]) -> tuple[Column, ...]:
    types = {
        table: {name: found.parameter_type or "STRING" for name, found in by_name.items()}
        for table, by_name in known.items()
    }
    schema: dict[str, object] = {"dataset": types}
    tree = annotate_types(
        qualify(parse_one(sql, dialect="bigquery"), schema=schema, dialect="bigquery"),
        schema=schema,
        dialect="bigquery",
    )
    scope = build_scope(tree)
    return tuple(_described(one.alias_or_name, one.unalias(), scope, known) for one in cast("exp.Query", tree).selects)


def _described(name: str, formula: Any, scope: Scope | None, known: dict[str, dict[str, Column]]) -> Column:
    found = formula
    while isinstance(found, exp.Column) and scope is not None:
        source = scope.sources.get(found.table)
        if isinstance(source, exp.Table):
            column = known.get(source.name, {}).get(found.name)
            if column is not None:
                return Column(name, column.type, "NULLABLE", column.description)
            break
        if source is None:
            break
        scope = source
        columns_of = cast("exp.Query", scope.expression).selects
        found = next((one.unalias() for one in columns_of if one.alias_or_name == found.name), None)
    kind = formula.type.sql(dialect="bigquery") if formula.type else ""
    sql = (found if found is not None else formula).sql(dialect="bigquery").replace("`", "")
    text = " ".join(UNNAMED.sub("", sql).split())
    short = text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
    return Column(name, "" if kind in ("UNKNOWN", "NULL") else NAMES.get(kind, kind), "NULLABLE", f"= {short}")
