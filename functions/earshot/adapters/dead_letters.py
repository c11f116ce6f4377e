"""The subscription of a dead-letter topic: letters taken, and delivered again on the topic that they came from."""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from earshot.audio import DeadLetter

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
    from google.pubsub_v1.types import ReceivedMessage

ADDED = "CloudPubSubDeadLetter"  # Pub/Sub's own attributes of a dead letter
LOOKS = 5  # at an empty subscription, before there are no more: one look may miss what is there
PAUSE_S = 0.3  # between them
PULL_MOST = 1000  # letters of one pull
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
        self.delivered: set[str] = set()

    @contextmanager
    def taken(self, limit: int) -> Iterator[list[DeadLetter]]:
        """At most so many letters, for as long as the block lasts; those not delivered go back at once after it."""
        dead_letters: dict[str, DeadLetter] = {}
        try:
            while len(dead_letters) < limit:
                pulled = self._pull(min(PULL_MOST, limit - len(dead_letters)))
                if not pulled:
                    break
                dead_letters |= {dead_letter.id: dead_letter for dead_letter in pulled}
            yield list(dead_letters.values())
        finally:
            left = [dead_letter.lease for dead_letter in dead_letters.values() if dead_letter.id not in self.delivered]
            if left:
                self._lease(left, 0)

    def deliver(self, dead_letter: DeadLetter) -> None:
        """Publish a letter where it came from; once that is accepted, it is dead no more."""
        options = {"ordering_key": dead_letter.ordering_key} if dead_letter.ordering_key else {}
        self.publisher.publish(self.topic_path, dead_letter.data, **options, **dead_letter.attributes).result(
            timeout=CALL_S
        )
        self.subscriber.acknowledge(request={"subscription": self.path, "ack_ids": [dead_letter.lease]})
        self.delivered.add(dead_letter.id)

    def _pull(self, most: int) -> list[DeadLetter]:
        """What is there just now.

        A pull that waits is not used: given up by us while Pub/Sub still answers, it holds letters that nobody has.
        """
        for _ in range(LOOKS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                answer = self.subscriber.pull(
                    subscription=self.path, max_messages=most, return_immediately=True, timeout=CALL_S
                )
            received = list(answer.received_messages)
            if received:
                self._lease([dead_letter.ack_id for dead_letter in received], LEASE_S)
                return [self._taken(dead_letter) for dead_letter in received]
            time.sleep(PAUSE_S)
        return []

    def _lease(self, leases: list[str], seconds: int) -> None:
        for start in range(0, len(leases), PULL_MOST):
            batch = leases[start : start + PULL_MOST]
            request = {"subscription": self.path, "ack_ids": batch, "ack_deadline_seconds": seconds}
            self.subscriber.modify_ack_deadline(request=request)

    def _taken(self, received: "ReceivedMessage") -> DeadLetter:
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
        )
