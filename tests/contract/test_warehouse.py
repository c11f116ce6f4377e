"""The SQL files agree with the schemas, with BigQuery's grammar and with each other."""

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot.optimizer.qualify import qualify

from earshot.adapters.default_policies_and_prices import defaults
from earshot.adapters.schema import KEYS, columns, view_query, views
from earshot.tagging.vocabulary import LOUDNESS_CLASSES

RECIPES = re.findall(r"```sql\n(.*?)```", (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(), re.DOTALL)
NOT_MEASURES = {  # numbers in audio_metadata that do not describe how a recording sounds
    "shard", "key_hash", "generation", "analyser_version", "position", "declared_bytes", "declared_duration_ms",
    "http_status", "declared_bit_rate_bps", "redirected_to_http", "fetch_ms", "analysis_ms", "cpu_ms",
    "high_energy_dbfs", "medium_energy_dbfs",
}  # fmt: skip


def metrics():
    return set(re.findall(r"STRUCT\('(\w+)' AS metric", view_query("audio_metrics", "p.d")))


def selected(view):
    return sqlglot.parse_one(view_query(view, "p.d"), dialect="bigquery").named_selects


def known():
    """Columns of every table and view, as sqlglot wants them."""
    tables = {table: {column.name: column.type for column in columns(table)} for table in KEYS}
    return {"p": {"d": tables | {view: dict.fromkeys(selected(view), "UNKNOWN") for view in views()}}}


@pytest.mark.parametrize("view", views())
def test_a_view_is_one_statement_of_bigquery_with_a_comment(view):
    text = view_query(view, "p.d")
    assert text.startswith("-- ")
    assert len(sqlglot.parse(text, dialect="bigquery")) == 1
    assert "@" not in text  # a parameter has no place in a view


@pytest.mark.parametrize("view", views())
def test_a_view_reads_only_columns_that_exist(view):
    tree = sqlglot.parse_one(view_query(view, "p.d"), dialect="bigquery")
    qualify(tree, schema=known(), dialect="bigquery", quote_identifiers=False)


@pytest.mark.parametrize("view", views())
def test_a_view_names_its_columns_so_that_a_new_one_of_a_table_does_not_change_it(view):
    assert "*" not in [str(column) for column in selected(view)]


@pytest.mark.parametrize("sql", RECIPES, ids=range(1, len(RECIPES) + 1))
def test_a_recipe_is_one_select_of_bigquery_over_columns_that_exist(sql):
    (tree,) = sqlglot.parse(sql, dialect="bigquery")
    assert isinstance(tree, sqlglot.exp.Select)
    qualify(tree, schema=known(), db="d", catalog="p", dialect="bigquery", quote_identifiers=False)


def test_every_measure_is_a_metric():
    """A new number in audio_metadata belongs into views/audio_metrics.sql, or is not a measure."""
    numbers = {c.name for c in columns("audio_metadata") if c.type in ("FLOAT", "INTEGER", "BOOLEAN")}
    heard = {f"{label}_ratio" for label in ("music", "singing", "noise", *LOUDNESS_CLASSES)}
    assert metrics() == (numbers - NOT_MEASURES) | heard


def test_the_default_policies_read_metrics_that_exist():
    rules = defaults("policies")
    assert {rule["metric"] for rule in rules} <= metrics()
    assert {rule["op"] for rule in rules} <= {"<", "<=", ">", ">=", "=", "missing"}
    assert {rule["verdict"] for rule in rules} == {"reject", "review"}
    assert "default" in {rule["name"] for rule in rules}


def test_each_cost_item_has_a_price_and_each_price_an_item():
    items = set(re.findall(r"STRUCT\('(\w+)' AS item", view_query("cost", "p.d")))
    assert items == {price["item"] for price in defaults("prices")}
