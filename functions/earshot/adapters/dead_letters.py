"""The subscription of a dead-letter topic: leases its messages, and redelivers them on the topic they came from."""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from earshot.audio import DeadLetter

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
    from google.pubsub_v1.types import ReceivedMessage

ADDED = "CloudPubSubDeadLetter"  # prefix of the attributes that Pub/Sub adds to a dead letter
PULLS = 5  # without a message before the subscription counts as empty: a single pull may miss some
PAUSE_S = 0.3  # between them
MAX_MESSAGES = 1000  # of one pull
LEASE_S = 600  # the longest that Pub/Sub allows
CALL_S = 60.0  # one call, at most


class DeadLetters:
    """The dead letters of one topic, whose subscription has the name `{topic}-dead`."""

    def __init__(self, subscriber: "SubscriberClient", publisher: "PublisherClient", project: str, topic: str) -> None:
        self.subscriber = subscriber
        self.publisher = publisher
        self.topic = topic
        self.topic_path = f"projects/{project}/topics/{topic}"
        self.path = f"projects/{project}/subscriptions/{topic}-dead"
        self.redelivered: set[str] = set()

    @contextmanager
    def leased(self, limit: int) -> Iterator[list[DeadLetter]]:
        """Up to `limit` messages, leased while the block runs; those not redelivered are returned after it."""
        dead_letters: dict[str, DeadLetter] = {}
        try:
            while len(dead_letters) < limit:
                pulled = self._pull(min(MAX_MESSAGES, limit - len(dead_letters)))
                if not pulled:
                    break
                dead_letters |= {dead_letter.id: dead_letter for dead_letter in pulled}
            yield list(dead_letters.values())
        finally:
            left = [
                dead_letter.lease for dead_letter in dead_letters.values() if dead_letter.id not in self.redelivered
            ]
            if left:
                self._lease(left, 0)

    def redeliver(self, dead_letter: DeadLetter) -> None:
        """Publish a message on its original topic, then acknowledge it as a dead letter."""
        options = {"ordering_key": dead_letter.ordering_key} if dead_letter.ordering_key else {}
        self.publisher.publish(self.topic_path, dead_letter.data, **options, **dead_letter.attributes).result(
            timeout=CALL_S
        )
        self.subscriber.acknowledge(request={"subscription": self.path, "ack_ids": [dead_letter.lease]})
        self.redelivered.add(dead_letter.id)

    def _pull(self, most: int) -> list[DeadLetter]:
        """Messages available now.

        A waiting pull is not used: when it times out here while Pub/Sub still responds, its messages stay leased.
        """
        for _ in range(PULLS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                answer = self.subscriber.pull(
                    subscription=self.path, max_messages=most, return_immediately=True, timeout=CALL_S
                )
            received = list(answer.received_messages)
            if received:
                self._lease([dead_letter.ack_id for dead_letter in received], LEASE_S)
                return [self._dead_letter(dead_letter) for dead_letter in received]
            time.sleep(PAUSE_S)
        return []

    def _lease(self, leases: list[str], seconds: int) -> None:
        for start in range(0, len(leases), MAX_MESSAGES):
            batch = leases[start : start + MAX_MESSAGES]
            request = {"subscription": self.path, "ack_ids": batch, "ack_deadline_seconds": seconds}
            self.subscriber.modify_ack_deadline(request=request)

    def _dead_letter(self, received: "ReceivedMessage") -> DeadLetter:
        message = received.message
        given = dict(message.attributes)
        return DeadLetter(
            id=message.message_id,
            lease=received.ack_id,
            topic=self.topic,
            data=message.data,
            attributes={name: value for name, value in given.items() if not name.startswith(ADDED)},
            ordering_key=message.ordering_key,
            published_at=message.publish_time,
            attempts=int(given.get(f"{ADDED}SourceDeliveryCount", 0)),
            given_up_by=given.get(f"{ADDED}SourceSubscription", ""),
        )
