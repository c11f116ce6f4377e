"""A warehouse with a small world in it, on each engine."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from earshot.adapters import google_clients
from earshot.adapters.queries import Queries
from earshot.local import resources
from tests.recorded import PREDICTIONS, RECORDINGS, REFUSALS, fill


@pytest.fixture(autouse=True)
def _statements(bigquery_would_take_it: None) -> None:
    """Every statement that a test here sends is analysed as BigQuery would analyse it."""


class World:
    """Queries the warehouse; `${d}` in a statement is its dataset."""

    def __init__(self, name: str) -> None:
        self.client = google_clients.bigquery("tests")
        self.name = name
        self.dataset = f"tests.{name}"
        self.queries = Queries(self.client, name)

    def ask(self, sql: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self.client.query(sql.replace("${d}", self.dataset)).result()]

    def view(self, name: str, columns: str = "*", where: str = "TRUE") -> list[dict[str, Any]]:
        return self.ask(f"SELECT {columns} FROM `${{d}}.{name}` WHERE {where}")


@pytest.fixture(scope="session", params=["embedded", pytest.param("strict", marks=pytest.mark.strict_engine)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Recordings and refusals whose answers are known; a test leaves it as it found it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BIGQUERY_EMULATOR_HOST", request.getfixturevalue(f"bigquery_{request.param}"))
        resources.make_tables("tests", "world")
        world = World("world")
        fill(world.client, "world", "audio_metadata", RECORDINGS)
        fill(world.client, "world", "refusals", REFUSALS)
        fill(world.client, "world", "predictions", PREDICTIONS)
        yield world


@pytest.fixture
def own(world: World) -> Iterator[World]:
    """A dataset that a test may fill and change; deleted after it, for the more there are, the slower an engine is."""
    name = f"d_{uuid.uuid4().hex}"
    resources.make_tables("tests", name)
    own = World(name)
    yield own
    own.client.delete_dataset(name, delete_contents=True, not_found_ok=True)
