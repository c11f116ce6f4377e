"""Rows in from the pull subscription `rows`, which holds them until they are acknowledged."""

import json
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from threading import Thread
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import GoogleAPICallError, RetryError

from earshot.adapters.schema import REMOVALS, columns, tables
from earshot.audio import QueuedRow, Scalar
from earshot.errors import ComeAgain

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
    from google.pubsub_v1.types import ReceivedMessage

PULL_MOST = 1000  # messages that one pull may return
ACKNOWLEDGE_MOST = 1000  # ids of one call, which may have 512 KiB
MOST_BYTES = 64 * 1024 * 1024  # of the messages of one round, held in memory
CALL_S = 30.0  # deadline of one call
LEASE_S = 60  # terraform: ack_deadline_seconds of rows; after a crash its rows come again so soon
DEAD_SUFFIX = "-dead"


class RowQueue:
    """The subscription that has the topic's name, and the topic of rows that no table can take."""

    def __init__(
        self,
        subscriber: Callable[[], "SubscriberClient"],
        publisher: Callable[[], "PublisherClient"],
        project: str,
        topic: str,
        *,
        lease_s: int = LEASE_S,
    ) -> None:
        """Nothing is connected yet: a gRPC channel does not survive the web server's fork.

        Args:
            lease_s: the subscription's acknowledgement deadline; leases are extended while rows are being committed.
        """
        self.lease_s = lease_s
        self.leased: set[str] = set()
        self.keeper: Thread | None = None
        self.connect_subscriber = subscriber
        self.connect_publisher = publisher
        self.path = f"projects/{project}/subscriptions/{topic}"
        self.dead_path = f"projects/{project}/topics/{topic}{DEAD_SUFFIX}"

    @cached_property
    def subscriber(self) -> "SubscriberClient":
        """The client of this process that pulls."""
        return self.connect_subscriber()

    @cached_property
    def publisher(self) -> "PublisherClient":
        """The client of this process that publishes dead letters."""
        return self.connect_publisher()

    def pull(self, most: int) -> list[QueuedRow]:
        """Rows that wait, at most so many and so many bytes; none if none waits.

        Raises:
            ComeAgain: Pub/Sub did not answer.
        """
        received: list[ReceivedMessage] = []
        size = 0
        while len(received) < most and size < MOST_BYTES:
            pulled = self._pull(min(PULL_MOST, most - len(received)))
            if not pulled:
                break
            received += pulled
            size += sum(len(one.message.data) for one in pulled)
        self.leased |= {one.ack_id for one in received}
        self._keep_leases()
        return [_queued(one) for one in received]

    def _keep_leases(self) -> None:
        """Extend the leases of rows that are neither acknowledged nor released, in a thread that ends with them."""

        def extend() -> None:
            while leases := list(self.leased):
                for start in range(0, len(leases), ACKNOWLEDGE_MOST):
                    with suppress(GoogleAPICallError, RetryError):  # such rows come again, which is harmless
                        self._lease(leases[start : start + ACKNOWLEDGE_MOST], self.lease_s)
                time.sleep(self.lease_s / 3)

        if self.leased and (self.keeper is None or not self.keeper.is_alive()):
            self.keeper = Thread(target=extend, daemon=True, name="leases")
            self.keeper.start()

    def _lease(self, leases: list[str], seconds: int) -> None:
        self.subscriber.modify_ack_deadline(
            subscription=self.path, ack_ids=leases, ack_deadline_seconds=seconds, timeout=CALL_S
        )

    def acknowledge(self, rows: Sequence[QueuedRow]) -> None:
        """Delete rows from the subscription. If that fails they come again, which is harmless."""
        self._in_batches(
            rows, lambda ids: self.subscriber.acknowledge(subscription=self.path, ack_ids=ids, timeout=CALL_S)
        )

    def release(self, rows: Sequence[QueuedRow]) -> None:
        """Let rows be delivered again at once."""
        self._in_batches(rows, lambda ids: self._lease(ids, 0))

    def reject(self, row: QueuedRow, reason: str) -> None:
        """Publish a row as a dead letter with the reason, and delete it from the subscription.

        Raises:
            ComeAgain: Pub/Sub did not accept it.
        """
        attributes = {**row.attributes, "reason": reason[:1000]}
        try:
            self.publisher.publish(self.dead_path, row.data, **attributes).result(timeout=CALL_S)
        except Exception as error:
            raise ComeAgain(f"{self.dead_path} did not accept a row: {error}") from error
        self.acknowledge([row])

    def _pull(self, most: int) -> list["ReceivedMessage"]:
        """Messages that are there just now.

        A pull that waits is not used: when its caller gives up, it may still lease messages.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                answer = self.subscriber.pull(
                    subscription=self.path, max_messages=most, return_immediately=True, timeout=CALL_S
                )
            except (GoogleAPICallError, RetryError) as error:
                raise ComeAgain(f"{self.path} cannot be pulled: {error}") from error
        return list(answer.received_messages)

    def _in_batches(self, rows: Sequence[QueuedRow], call: Callable[[list[str]], Any]) -> None:
        leases = [row.lease for row in rows]
        self.leased -= set(leases)
        for start in range(0, len(leases), ACKNOWLEDGE_MOST):
            try:
                call(leases[start : start + ACKNOWLEDGE_MOST])
            except (GoogleAPICallError, RetryError) as error:
                raise ComeAgain(f"{self.path}: {error}") from error


def _queued(received: "ReceivedMessage") -> QueuedRow:
    message = received.message
    attributes = dict(message.attributes)
    kind, table = attributes.get("kind", ""), attributes.get("table", "")
    try:
        row, error = _decoded(message.data, kind, table), None
    except ValueError as mistake:
        row, error = {}, str(mistake)
    return QueuedRow(
        lease=received.ack_id, kind=kind, table=table, row=row, error=error, data=message.data, attributes=attributes
    )


def _decoded(data: bytes, kind: str, table: str) -> Mapping[str, Scalar]:
    row = json.loads(data)
    if not isinstance(row, dict):
        raise ValueError(f"a row is a JSON object, not {type(row).__name__}")
    if kind not in (table, REMOVALS) or table not in tables():
        raise ValueError(f"there is no table {table[:100]!r} for messages of the kind {kind[:100]!r}")
    for column in columns(table):
        if column.type == "TIMESTAMP" and isinstance(row.get(column.name), str):
            row[column.name] = datetime.fromisoformat(row[column.name])
    return row
