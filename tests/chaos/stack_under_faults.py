"""Servers, functions and the proxies between them; the work given is done until all is at rest."""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from google.api_core.exceptions import NotFound

import earshot
from earshot.adapters import google_clients
from earshot.adapters.audio_found_topic import Topic
from earshot.adapters.bucket import Bucket as AudioStore
from earshot.adapters.dead_letters import DeadLetters
from earshot.audio import AudioFound
from earshot.local import resources
from earshot.local.endpoints import Endpoints
from earshot.local.processes import ManagedProcess, Processes, free_ports
from earshot.local.pubsub.grpc_server import Server as PubSub
from earshot.local.storage.notifications import Notifications
from earshot.local.storage.server import Server as StorageServer
from earshot.operating.dead_letters import replay
from tests.chaos.plan import Plan
from tests.chaos.proxies import Deliveries, Proxy, Storage, Warehouse

ATTEMPTS = 8  # deliveries before a message is dead; few, so that some are
BACKOFF = (timedelta(seconds=0.1), timedelta(seconds=1))
STUCK_S = 180.0  # in which no subscription has a message more or less; a slow machine alone is not stuck
TABLES = ("audio_metadata", "refusals", "analyses", "predictions")
ROW_LEASE_S = 2  # so that the rows of a killed committer come again soon; Pub/Sub itself has 10 at least
IMPATIENT = {  # the functions wait little, so that a fault costs a second and not a minute
    "THREADS": "8",
    "EARSHOT_COMMIT_WAIT_MS": "50",
    "EARSHOT_ROW_LEASE_S": str(ROW_LEASE_S),
    "OPENBLAS_NUM_THREADS": "1",
    "EARSHOT_READ_TIMEOUT_S": "1.5",
    "EARSHOT_PATIENCE_S": "0",
    "EARSHOT_SOURCE_ATTEMPTS": "100",  # faults of every kind count as deliveries here, and no link may be given up
}


@dataclass
class FunctionProcess:
    """A function's process; `kill` takes its worker away in the middle of whatever it does."""

    child: ManagedProcess
    url: str

    def kill(self) -> None:
        """SIGKILL to the worker, as a machine that is switched off; the process that started it starts another."""
        for thread in Path(f"/proc/{self.child.pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # it ended while we looked
                for worker in (thread / "children").read_text().split():
                    os.kill(int(worker), signal.SIGKILL)


class StackUnderFaults:
    """Pub/Sub and Cloud Storage in this process, where they can be inspected; BigQuery and the functions in others."""

    def __init__(self, home: Path, bigquery: str) -> None:
        """Nothing runs before `open`.

        Args:
            bigquery: BIGQUERY_EMULATOR_HOST of a server that runs.
        """
        self.home = home
        self.plan = Plan(None)
        self.functions: dict[str, FunctionProcess] = {}
        self.proxies: list[Proxy] = []
        self.endpoints = Endpoints(
            pubsub="",
            storage="",
            bigquery=bigquery,
            functions={},
            pids={},
            dataset="chaos",
            allow_private_addresses=True,
        )

    @contextmanager
    def open(self) -> Iterator[Self]:
        """Serve."""
        logging.getLogger("earshot.local").setLevel(logging.ERROR)
        for noisy in ("gcp_storage_emulator", "api.object"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        with ExitStack() as exits:
            self.pubsub = PubSub()
            exits.callback(self.pubsub.stop)
            self.endpoints = self.endpoints.model_copy(update={"pubsub": self.pubsub.host})
            with self.endpoints.applied():
                resources.make_topics(self.endpoints.project, row_lease_s=ROW_LEASE_S)
                topic = resources.topic_path(self.endpoints.project, "audio-stored")
                self.notifications = Notifications(topic, resources.WATCHED, resources.EVENTS)
            storage = StorageServer(self.home / "storage", notifications=self.notifications)
            storage._server.handle_error = lambda *_: None  # type: ignore[method-assign] # connections of killed functions
            exits.callback(storage.stop)
            self.endpoints = self.endpoints.model_copy(update={"storage": storage.host})
            exits.enter_context(self.endpoints.applied())
            resources.make_bucket(self.endpoints.project, self.endpoints.bucket)
            resources.make_tables(self.endpoints.project, self.endpoints.dataset)
            self.bucket = google_clients.storage(self.endpoints.project).bucket(self.endpoints.bucket)
            self.bigquery = google_clients.bigquery(self.endpoints.project)
            self.publisher = google_clients.publisher()
            exits.callback(self.publisher.stop)
            functions = exits.enter_context(Processes(self.home / "logs"))
            for delivery in resources.DELIVERIES:
                self._start(functions, delivery.function, exits)
            for delivery in resources.DELIVERIES:
                function = self.functions[delivery.function]
                function.child.wait(function.url + "health")
                self._wire(delivery, exits)
            yield self

    def find(self, urls: Iterable[str]) -> None:
        """Publish links, as the scraper does."""
        topic = Topic(lambda: self.publisher, self.endpoints.project, "audio-found")
        for position, url in enumerate(urls, 1):
            topic.publish(AudioFound(source_url=url, page_url="https://example.org/", position=position))
        topic.flush()

    def publish(self, topic: str, data: bytes) -> None:
        """Publish anything."""
        path = resources.topic_path(self.endpoints.project, topic)
        self.publisher.publish(path, data).result(30)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        return [dict(row) for row in self.bigquery.query(f"SELECT * FROM `{self._table(table)}`").result()]

    def clear(self) -> None:
        """Remove everything again, without faults."""
        self.plan = Plan(None)
        for blob in self.bucket.list_blobs():
            with suppress(NotFound):  # the tagger deletes the scores of what is deleted
                blob.delete()
        self.rest()
        for table in TABLES:
            self.bigquery.query(f"DELETE FROM `{self._table(table)}` WHERE TRUE").result()

    def rest(self) -> None:
        """Return when all is done, dead letters delivered again until there are none.

        Raises:
            TimeoutError: nothing has moved for `STUCK_S`.
        """
        while True:
            left, end = self.waiting(), time.monotonic() + STUCK_S
            quiet = 0
            while quiet < 3:
                quiet = quiet + 1 if self.is_quiet() else 0
                if (now := self.waiting()) != left:
                    left, end = now, time.monotonic() + STUCK_S
                if time.monotonic() > end:
                    raise TimeoutError(f"nothing has moved for {STUCK_S:.0f} s: {left}")
                time.sleep(0.1)
            if not self._replay():
                return

    def is_quiet(self) -> bool:
        """No message waits or is out but dead ones, no notification of the bucket is queued, nobody works."""
        return (
            not self.waiting() and self.notifications._changes.empty() and not any(proxy.busy for proxy in self.proxies)
        )

    def waiting(self) -> dict[str, int]:
        """How many messages each subscription still has."""
        names = [delivery.function for delivery in resources.DELIVERIES]
        names += [delivery.topic for delivery in resources.DELIVERIES if delivery.is_trigger]
        left = {name: self._left(name) for name in names}
        return {function: count for function, count in left.items() if count}

    def _left(self, subscription: str) -> int:
        with self.pubsub.broker.changed:
            name = resources.subscription_path(self.endpoints.project, subscription)
            kept = self.pubsub.broker.backlogs[name]
            lanes = sum(len(lane) for lane in kept._lanes.values())
            return len(kept._ready) + len(kept._later) + len(kept._leases) + lanes

    def _replay(self) -> int:
        """Deliver the dead letters again, by the operation that a person uses; how many those were."""
        count = 0
        with google_clients.subscriber() as subscriber:
            for delivery in resources.DELIVERIES:
                if self._left(f"{delivery.topic}-dead"):
                    dead_letters = DeadLetters(subscriber, self.publisher, self.endpoints.project, delivery.topic)
                    count += replay(dead_letters, AudioStore(self.bucket), 10_000)
        for _ in range(count):
            self.plan.saw("dead letter, delivered again")
        return count

    def _table(self, name: str) -> str:
        return f"{self.endpoints.project}.{self.endpoints.dataset}.{name}"

    def _proxied(self, kind: type[Proxy], upstream: str, kill: Callable[[], None], exits: ExitStack) -> Proxy:
        proxy = kind(upstream, lambda: self.plan, kill)
        exits.callback(proxy.stop)
        self.proxies.append(proxy)
        return proxy

    def _start(self, functions: Processes, function: str, exits: ExitStack) -> None:
        def kill() -> None:
            self.functions[function].kill()

        (port,) = free_ports(1)
        storage = self._proxied(Storage, self.endpoints.storage, kill, exits)
        warehouse = self._proxied(Warehouse, self.endpoints.bigquery, kill, exits)
        hosts = {"STORAGE_EMULATOR_HOST": storage.host, "BIGQUERY_EMULATOR_HOST": warehouse.host}
        child = functions.start(
            function,
            "functions_framework",
            *("--target", function, "--signature-type", "cloudevent", "--host", "127.0.0.1", "--port", port),
            *("--source", Path(earshot.__file__).parents[1] / function / "main.py"),
            env={**self.endpoints.environment(), **IMPATIENT, **hosts},
        )
        self.functions[function] = FunctionProcess(child, f"http://127.0.0.1:{port}/")

    def _wire(self, delivery: resources.Delivery, exits: ExitStack) -> None:
        function, project = self.functions[delivery.function], self.endpoints.project
        proxy = self._proxied(Deliveries, function.url, function.kill, exits)
        topic = resources.topic_path(project, delivery.topic)
        request: dict[str, Any] = {
            "name": resources.subscription_path(project, delivery.function),
            "topic": topic,
            "push_config": {"push_endpoint": f"{proxy.host}/{topic}"},
            "ack_deadline_seconds": 60,
            "enable_message_ordering": delivery.ordered,
            "retry_policy": {"minimum_backoff": BACKOFF[0], "maximum_backoff": BACKOFF[1]},
        }
        if not delivery.is_trigger:
            request["dead_letter_policy"] = {
                "dead_letter_topic": resources.topic_path(project, f"{delivery.topic}-dead"),
                "max_delivery_attempts": ATTEMPTS,
            }
        with google_clients.subscriber() as subscriber:
            subscriber.create_subscription(request=request)
