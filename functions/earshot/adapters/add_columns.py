"""Adds the columns that a version has and a deployment's tables lack; never drops, renames or retypes one."""

from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound
from google.cloud.bigquery import SchemaField

from earshot.adapters.schema import columns, tables
from earshot.errors import EarshotError

if TYPE_CHECKING:
    from google.cloud.bigquery import Client


class OtherType(EarshotError):
    """A table has a column of the same name and another type."""


def add_columns(client: "Client", dataset: str) -> dict[str, list[str]]:
    """Bring each table up to its schema file, columns of users left as they are; a second call changes nothing.

    Args:
        dataset: `project.dataset`.

    Returns:
        Table -> names of the columns added. A table that does not exist is left out: Terraform makes it whole.

    Raises:
        OtherType: a column is there with another type; nothing of that table is changed.
    """
    added: dict[str, list[str]] = {}
    for name in tables():
        try:
            table = client.get_table(f"{dataset}.{name}")
        except NotFound:
            continue
        there = {field.name: field for field in table.schema}
        wanted = columns(name)
        for column in wanted:
            field = there.get(column.name)
            if field is not None and field.field_type not in (column.type, column.parameter_type):
                raise OtherType(f"{name}.{column.name} is {field.field_type}, this version needs {column.type}")
        new = [column for column in wanted if column.name not in there]
        described = {column.name: column.description for column in wanted}
        kept = [_described(field, described.get(field.name)) for field in table.schema]
        if not new and kept == list(table.schema):
            continue
        # A column that comes later is NULLABLE, whatever a new table's would be: older rows have no value for it.
        table.schema = kept + [
            SchemaField(column.name, column.type, mode="NULLABLE", description=column.description) for column in new
        ]
        client.update_table(table, ["schema"])  # with the table's etag: a change by another in between is an error
        added[name] = [column.name for column in new]
    return added


def _described(field: SchemaField, description: str | None) -> SchemaField:
    """The field with the schema file's description; one that the file does not know as it is."""
    if description is None or field.description == description:
        return field
    return SchemaField.from_api_repr(field.to_api_repr() | {"description": description})
