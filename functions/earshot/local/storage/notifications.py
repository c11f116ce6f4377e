"""Bucket notifications: a change of an object in, a message on a Pub/Sub topic out, shaped as the service's.

Source: cloud.google.com/storage/docs/pubsub-notifications, "Notification format".
"""

import json
import logging
import queue
import time
from collections.abc import Iterable
from threading import Thread

from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.cloud.pubsub_v1 import PublisherClient

from earshot.local.storage.durable_store import Change

log = logging.getLogger(__name__)

EVENTS = ("OBJECT_FINALIZE", "OBJECT_DELETE")
TRY_AGAIN_S = 1.0


class Notifications:
    """One notification configuration for every bucket: events on objects under some prefixes, to one topic.

    Changes are queued and sent in their order by one thread, each until it is accepted.
    """

    def __init__(self, topic: str, prefixes: Iterable[str], events: Iterable[str] = EVENTS) -> None:
        self.topic = topic
        self.prefixes = tuple(prefixes)
        self.events = tuple(events)
        self._client = PublisherClient()
        self._changes: queue.Queue[Change | None] = queue.Queue()
        self._thread = Thread(target=self._send, daemon=True, name="notifications")
        self._thread.start()

    def publish(self, change: Change) -> None:
        """Queue a change, if the configuration wants it."""
        if change.event in self.events and change.resource["name"].startswith(self.prefixes):
            self._changes.put(change)

    def stop(self) -> None:
        """Send what is queued, then end."""
        self._changes.put(None)
        self._thread.join(timeout=10)

    def _send(self) -> None:
        while (change := self._changes.get()) is not None:
            data, attributes = message(change)
            while True:
                try:
                    self._client.publish(self.topic, data, **attributes).result(timeout=30)
                    break
                except (GoogleAPICallError, RetryError, TimeoutError) as error:
                    log.warning("notification not accepted by %s, trying again: %s", self.topic, error)
                    time.sleep(TRY_AGAIN_S)


def message(change: Change) -> tuple[bytes, dict[str, str]]:
    """Data and attributes of the notification."""
    resource = change.resource
    attributes = {
        "notificationConfig": f"projects/_/buckets/{resource['bucket']}/notificationConfigs/1",
        "eventType": change.event,
        "payloadFormat": "JSON_API_V1",
        "bucketId": resource["bucket"],
        "objectId": resource["name"],
        "objectGeneration": resource["generation"],
        "eventTime": resource["updated"],
    }
    if change.other:
        finalised = change.event == "OBJECT_FINALIZE"
        attributes["overwroteGeneration" if finalised else "overwrittenByGeneration"] = change.other
    return json.dumps(resource, indent=2).encode(), attributes
