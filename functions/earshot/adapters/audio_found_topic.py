"""The topic audio-found: AudioFound messages published to Pub/Sub, one ordering key a host."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from earshot.audio import AudioFound
from earshot.errors import ComeAgain

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import PublisherClient


class Topic:
    """A topic that links are published to; `flush` returns when all have been accepted."""

    def __init__(
        self, connect: Callable[[], "PublisherClient"], project: str, name: str, *, timeout_s: float = 60.0
    ) -> None:
        """Nothing is connected before the first message: a gRPC channel does not survive the web server's fork."""
        self.connect = connect
        self.path = f"projects/{project}/topics/{name}"
        self.timeout_s = timeout_s
        self.pending: list[tuple[AudioFound, Future[str]]] = []

    @cached_property
    def client(self) -> "PublisherClient":
        """The client of this process."""
        return self.connect()

    def publish(self, found: AudioFound) -> None:
        """Publish a link; messages are sent in batches, in order among links of the same host."""
        host = _ordering_key(found.source_url)
        attributes = {"schema": f"AudioFound/{found.schema_version}"}
        if found.traceparent:
            attributes["traceparent"] = found.traceparent
        data = found.model_dump_json(exclude_none=True).encode()
        self.pending.append((found, self.client.publish(self.path, data=data, ordering_key=host, **attributes)))

    def flush(self) -> None:
        """Wait until all that was published has been accepted.

        Raises:
            ComeAgain: Pub/Sub refused some; publishing on those hosts is possible again after this.
        """
        pending, self.pending = self.pending, []
        failed: list[str] = []
        for found, accepted in pending:
            try:
                accepted.result(timeout=self.timeout_s)
            except Exception as error:  # noqa: BLE001 - the client raises whatever its transport raised
                self.client.resume_publish(self.path, _ordering_key(found.source_url))
                failed.append(f"{found.source_url}: {error}")
        if failed:
            raise ComeAgain(f"{len(failed)} of {len(pending)} messages not accepted by {self.path}: {failed[0]}")


def _ordering_key(url: str) -> str:
    """Host of a URL; empty, so that no order is kept, for what is none: the downloader refuses it."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
