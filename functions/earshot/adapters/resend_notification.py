"""Publishes the bucket's notification of an object again, so that the analyser processes it again."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from functools import cached_property
from typing import TYPE_CHECKING

from earshot.errors import ComeAgain

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import PublisherClient

MOST_PENDING = 1000  # messages not yet accepted, which bounds memory and keeps pace with Pub/Sub


class ObjectNotifications:
    """The topic of the bucket's notifications; `flush` waits until all messages are accepted."""

    def __init__(
        self, connect: Callable[[], "PublisherClient"], project: str, name: str, *, timeout_s: float = 60.0
    ) -> None:
        self.connect = connect
        self.path = f"projects/{project}/topics/{name}"
        self.timeout_s = timeout_s
        self.pending: list[Future[str]] = []

    @cached_property
    def client(self) -> "PublisherClient":
        """The Pub/Sub client, created on first use."""
        return self.connect()

    def publish(self, gcp_url: str, generation: int, only: str = "") -> None:
        """Publish a notification of an object, in the form that Cloud Storage uses.

        Args:
            gcp_url: gs://bucket/name.
            only: function that it is addressed to; without one, every function that is subscribed takes it.
        """
        bucket, _, name = gcp_url.removeprefix("gs://").partition("/")
        attributes = {
            "eventType": "OBJECT_FINALIZE",
            "payloadFormat": "JSON_API_V1",
            "bucketId": bucket,
            "objectId": name,
            "objectGeneration": str(generation),
        } | ({"only": only} if only else {})
        resource = {"bucket": bucket, "name": name, "generation": str(generation)}
        self.pending.append(self.client.publish(self.path, json.dumps(resource).encode(), **attributes))
        if len(self.pending) >= MOST_PENDING:
            self.flush()

    def flush(self) -> None:
        """Wait until all published messages are accepted.

        Raises:
            ComeAgain: Pub/Sub did not accept some of them.
        """
        pending, self.pending = self.pending, []
        failed = [error for error in (self._failure(accepted) for accepted in pending) if error]
        if failed:
            raise ComeAgain(f"{len(failed)} of {len(pending)} messages not accepted by {self.path}: {failed[0]}")

    def _failure(self, accepted: "Future[str]") -> Exception | None:
        try:
            accepted.result(timeout=self.timeout_s)
        except Exception as error:  # noqa: BLE001 - the client raises whatever its transport raised
            return error
        return None
