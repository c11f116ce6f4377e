"""Tables grow and keep what users added."""

from types import SimpleNamespace

import pytest
from google.api_core.exceptions import NotFound
from google.cloud.bigquery import SchemaField

from earshot.adapters.add_columns import OtherType, add_columns
from earshot.adapters.schema import columns


def schema(table: str) -> list[SchemaField]:
    return [SchemaField(c.name, c.type, mode=c.mode, description=c.description) for c in columns(table)]


class Client:
    """A project's tables: name -> columns."""

    def __init__(self, **tables: list[SchemaField]) -> None:
        self.tables = tables
        self.updated: list[str] = []

    def get_table(self, name: str) -> SimpleNamespace:
        short = name.rsplit(".", 1)[1]
        if short not in self.tables:
            raise NotFound(name)
        return SimpleNamespace(name=short, schema=list(self.tables[short]))

    def update_table(self, table: SimpleNamespace, fields: list[str]) -> None:
        assert fields == ["schema"]
        self.tables[table.name] = table.schema
        self.updated.append(table.name)


def test_a_column_that_a_version_adds_comes_at_the_end_and_is_nullable():
    client = Client(prices=schema("prices")[:-1])
    missing = columns("prices")[-1].name
    assert add_columns(client, "p.d") == {"prices": [missing]}
    assert (client.tables["prices"][-1].name, client.tables["prices"][-1].mode) == (missing, "NULLABLE")


def test_columns_of_users_stay():
    client = Client(prices=[*schema("prices")[:-1], SchemaField("cost_centre", "STRING")])
    add_columns(client, "p.d")
    assert "cost_centre" in [field.name for field in client.tables["prices"]]


def test_an_older_version_drops_nothing():
    newer = [*schema("prices"), SchemaField("of_a_newer_version", "FLOAT")]
    client = Client(prices=newer)
    assert add_columns(client, "p.d") == {}
    assert client.tables["prices"] == newer


def test_a_second_call_changes_nothing():
    client = Client(prices=schema("prices")[:-1])
    add_columns(client, "p.d")
    add_columns(client, "p.d")
    assert client.updated == ["prices"]


def test_a_new_description_is_taken_over():
    first, *rest = schema("prices")
    older = SchemaField(first.name, first.field_type, mode=first.mode, description="Older words.")
    client = Client(prices=[older, *rest])
    assert add_columns(client, "p.d") == {"prices": []}
    assert client.tables["prices"] == schema("prices")


def test_a_column_of_another_type_is_an_error_and_nothing_is_changed():
    first, *rest = schema("prices")
    client = Client(prices=[SchemaField(first.name, "BYTES"), *rest[:-1]])
    with pytest.raises(OtherType, match=f"prices.{first.name} is BYTES"):
        add_columns(client, "p.d")
    assert client.updated == []
