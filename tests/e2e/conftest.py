"""The whole local stack for tests: the functions under functions-framework, with push subscriptions."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from google.cloud.bigquery import Client as BigQueryClient
from google.cloud.pubsub_v1 import PublisherClient
from google.cloud.storage import Bucket

from earshot.adapters import google_clients
from earshot.cli.target import Target, of
from earshot.local.endpoints import Endpoints
from earshot.local.stack import running, warehouse
from tests.e2e.commands import earshot, output

PATIENCE_S = 300  # an upper bound, for a machine that does much else; no test measures by it


@pytest.fixture(autouse=True)
def _statements(bigquery_would_take_it: None) -> None:
    """Every statement that a test here sends is analysed as BigQuery would analyse it."""


@dataclass
class Stack:
    """Actions of a user of the stack, and what they can see."""

    home: Path
    endpoints: Endpoints
    bigquery: BigQueryClient
    bucket: Bucket
    publisher: PublisherClient

    def crawl(self, *pages: str, **request: Any) -> dict[str, Any]:
        answer = requests.post(self.endpoints.functions["scraper"], json={"pages": pages} | request, timeout=PATIENCE_S)
        answer.raise_for_status()
        report: dict[str, Any] = answer.json()
        return report

    def drop(self, name: str, body: bytes, **metadata: str) -> int:
        blob = self.bucket.blob(name)
        blob.metadata = metadata
        blob.upload_from_string(body)
        return int(blob.generation)

    def notify(self, name: str, generation: int) -> None:
        """Publish the bucket's notification of an object again."""
        attributes = {"bucketId": self.bucket.name, "objectId": name, "objectGeneration": str(generation)}
        self.publish("audio-stored", {"name": name}, eventType="OBJECT_FINALIZE", **attributes)

    def publish(self, topic: str, payload: dict[str, Any], ordering_key: str = "", **attributes: str) -> None:
        path = f"projects/{self.endpoints.project}/topics/{topic}"
        data = json.dumps(payload).encode()
        self.publisher.publish(path, data, ordering_key=ordering_key, **attributes).result(PATIENCE_S)

    def rows(self, table: str, **equal: str) -> list[dict[str, Any]]:
        where = " AND ".join(f"{column} = '{value}'" for column, value in equal.items()) or "TRUE"
        table_id = f"`{self.endpoints.project}.{self.endpoints.dataset}.{table}`"
        return [dict(row) for row in self.bigquery.query(f"SELECT * FROM {table_id} WHERE {where}").result()]

    def wait(self, table: str, count: int = 1, **equal: str) -> list[dict[str, Any]]:
        """Wait for that many rows."""
        end = time.monotonic() + PATIENCE_S
        while len(rows := self.rows(table, **equal)) < count:
            assert time.monotonic() < end, f"{len(rows)} of {count} rows of {table} where {equal}"
            time.sleep(0.2)
        return rows

    def row(self, table: str, **equal: str) -> dict[str, Any]:
        (row,) = self.wait(table, **equal)
        return row


@contextmanager
def started(home: Path) -> Iterator[Stack]:
    """A running stack with its state in that folder."""
    with running(home, allow_private_addresses=True) as endpoints, endpoints.applied():
        yield Stack(
            home,
            endpoints,
            google_clients.bigquery(endpoints.project),
            google_clients.storage(endpoints.project).bucket(endpoints.bucket),
            google_clients.publisher(),
        )


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with started(tmp_path_factory.mktemp("earshot")) as stack:
        yield stack


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The state folder of a finished demo, and its output."""
    home = tmp_path_factory.mktemp("demo")
    process = earshot(home, "demo")
    printed = output(process)
    assert process.returncode == 0, printed
    return home, printed


@pytest.fixture
def demo_target(demo: tuple[Path, str]) -> Iterator[Target]:
    """The warehouse of the finished demo."""
    with warehouse(demo[0]) as endpoints, of(endpoints) as target:
        yield target
