"""Topics and subscriptions, in memory: what is published to one waits in each of the other."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Condition

from google.pubsub_v1.types import PubsubMessage, Subscription, Topic

from earshot.local.pubsub.backlog import ACK_DEADLINE_S, Backlog, Delivery
from earshot.local.pubsub.push import Pusher

DELETED_TOPIC = "_deleted-topic_"  # what the service puts in place of a topic that is gone


class Broker:
    """All topics and subscriptions, behind one lock; whoever waits for a message waits on `changed`."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.topics: dict[str, Topic] = {}
        self.backlogs: dict[str, Backlog] = {}
        self._pushers: dict[str, Pusher] = {}
        self._ids = itertools.count(1)

    def publish(self, topic: str, messages: Iterable[PubsubMessage]) -> list[str]:
        """Give each message an id and a time, and add it to every subscription of the topic that wants it."""
        with self.changed:
            ids = []
            for message in messages:
                message.message_id = str(next(self._ids))
                message.publish_time = datetime.now(UTC)
                ids.append(message.message_id)
                for backlog in self.backlogs.values():
                    if backlog.config.topic == topic:
                        backlog.add(message)
            self.changed.notify_all()
        return ids

    def subscribe(self, config: Subscription) -> Subscription:
        """Open a subscription.

        Raises:
            UnreadableFilter: its filter cannot be read.
        """
        with self.changed:
            config.ack_deadline_seconds = config.ack_deadline_seconds or ACK_DEADLINE_S
            backlog = Backlog(config, self._bury)
            self.backlogs[config.name] = backlog
            self._pushers[config.name] = Pusher(backlog, self.changed)
        return config

    def unsubscribe(self, name: str) -> None:
        """Close a subscription; its messages are lost, as in the service."""
        with self.changed:
            self._pushers.pop(name).stop()
            del self.backlogs[name]
            self.changed.notify_all()

    def forget(self, topic: str) -> None:
        """Delete a topic; its subscriptions keep what they have and get nothing more."""
        with self.changed:
            del self.topics[topic]
            for backlog in self.backlogs.values():
                if backlog.config.topic == topic:
                    backlog.config.topic = DELETED_TOPIC

    def close(self) -> None:
        """Stop all pushes."""
        with self.changed:
            for pusher in self._pushers.values():
                pusher.stop()
            self.changed.notify_all()

    def _bury(self, config: Subscription, delivery: Delivery) -> bool:
        """Publish to the dead-letter topic; False where there is none, so that the message is tried on."""
        topic = config.dead_letter_policy.dead_letter_topic
        if topic not in self.topics:
            return False
        source = delivery.message
        _, project, _, subscription = config.name.split("/")
        attributes = {
            **source.attributes,
            "CloudPubSubDeadLetterSourceDeliveryCount": str(delivery.attempt),
            "CloudPubSubDeadLetterSourceSubscription": subscription,
            "CloudPubSubDeadLetterSourceSubscriptionProject": project,
            "CloudPubSubDeadLetterSourceTopicPublishTime": source.publish_time.isoformat(),
        }
        self.publish(
            topic,
            [PubsubMessage(data=source.data, attributes=attributes, ordering_key=source.ordering_key)],
        )
        return True
