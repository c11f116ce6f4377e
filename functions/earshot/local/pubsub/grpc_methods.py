"""What each call of google.pubsub.v1 does to the broker; one method a call."""

import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.pubsub_v1 import types

from earshot.adapters.subscription_backlogs import UNDELIVERED
from earshot.local.pubsub.backlog import Backlog, Lease
from earshot.local.pubsub.broker import Broker
from earshot.local.pubsub.filters import UnreadableFilter

PULL_WAIT_S = 30.0  # of a pull whose caller sets no deadline
OUTSTANDING = 1000  # of a streaming pull that names no limit
BATCH = 100  # messages in one streaming answer
LOOK_AGAIN_S = 0.2  # how late a waiting call may notice that its caller is gone
UPDATABLE = ("push_config", "ack_deadline_seconds", "retry_policy", "dead_letter_policy", "labels")


class Calls:
    """One method a call, named as the call is; what does not exist is NOT_FOUND, as in the service."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def create_topic(self, request: types.Topic, context: Any) -> types.Topic:
        """Create a topic, or abort with ALREADY_EXISTS."""
        with self._broker.changed:
            if request.name in self._broker.topics:
                context.abort(grpc.StatusCode.ALREADY_EXISTS, f"Topic already exists: {request.name}")
            self._broker.topics[request.name] = request
        return request

    def get_topic(self, request: types.GetTopicRequest, context: Any) -> types.Topic:
        """Return the topic of that name."""
        return self._topic(request.topic, context)

    def list_topics(self, request: types.ListTopicsRequest, _context: Any) -> types.ListTopicsResponse:
        """Return the topics of the project."""
        with self._broker.changed:
            mine = [topic for name, topic in self._broker.topics.items() if name.startswith(request.project + "/")]
        return types.ListTopicsResponse(topics=mine)

    def delete_topic(self, request: types.DeleteTopicRequest, context: Any) -> Empty:
        """Delete the topic; its subscriptions keep what they have."""
        with self._broker.changed:
            self._broker.forget(self._topic(request.topic, context).name)
        return Empty()

    def publish(self, request: types.PublishRequest, context: Any) -> types.PublishResponse:
        """Put the messages into every subscription whose filter matches, and return their ids."""
        self._topic(request.topic, context)
        if any(not message.data and not message.attributes for message in request.messages):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "A message needs data or attributes.")
        return types.PublishResponse(message_ids=self._broker.publish(request.topic, request.messages))

    def create_subscription(self, request: types.Subscription, context: Any) -> types.Subscription:
        """Create a subscription; a filter that cannot be read is INVALID_ARGUMENT."""
        with self._broker.changed:
            self._topic(request.topic, context)
            if request.name in self._broker.backlogs:
                context.abort(grpc.StatusCode.ALREADY_EXISTS, f"Subscription already exists: {request.name}")
            try:
                return self._broker.subscribe(request)
            except UnreadableFilter as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
                raise

    def get_subscription(self, request: types.GetSubscriptionRequest, context: Any) -> types.Subscription:
        """The subscription; its label UNDELIVERED has the backlog, which the cloud reports by Cloud Monitoring."""
        with self._broker.changed:
            backlog = self._backlog(request.subscription, context)
            described = types.Subscription(backlog.config)
            described.labels[UNDELIVERED] = str(backlog.size)
        return described

    def list_subscriptions(
        self, request: types.ListSubscriptionsRequest, _context: Any
    ) -> types.ListSubscriptionsResponse:
        """Return the subscriptions of the project."""
        with self._broker.changed:
            mine = [
                backlog.config
                for name, backlog in self._broker.backlogs.items()
                if name.startswith(request.project + "/")
            ]
        return types.ListSubscriptionsResponse(subscriptions=mine)

    def update_subscription(self, request: types.UpdateSubscriptionRequest, context: Any) -> types.Subscription:
        """Change the fields that the mask names, of those that the service lets be changed here."""
        with self._broker.changed:
            config = self._backlog(request.subscription.name, context).config
            for path in request.update_mask.paths:
                if path not in UPDATABLE:
                    context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"The stand-in does not update {path}.")
                setattr(config, path, getattr(request.subscription, path))
            self._broker.changed.notify_all()
            return config

    def modify_push_config(self, request: types.ModifyPushConfigRequest, context: Any) -> Empty:
        """Replace the push configuration; an empty one makes it a pull subscription."""
        with self._broker.changed:
            self._backlog(request.subscription, context).config.push_config = request.push_config
            self._broker.changed.notify_all()
        return Empty()

    def delete_subscription(self, request: types.DeleteSubscriptionRequest, context: Any) -> Empty:
        """Delete the subscription with its messages."""
        with self._broker.changed:
            self._broker.unsubscribe(self._backlog(request.subscription, context).config.name)
        return Empty()

    def acknowledge(self, request: types.AcknowledgeRequest, context: Any) -> Empty:
        """Remove leased messages for good; unknown ids are ignored."""
        with self._broker.changed:
            self._backlog(request.subscription, context).acknowledge(request.ack_ids)
            self._broker.changed.notify_all()
        return Empty()

    def modify_ack_deadline(self, request: types.ModifyAckDeadlineRequest, context: Any) -> Empty:
        """Extend leases by so many seconds from now; 0 returns a message at once."""
        with self._broker.changed:
            backlog = self._backlog(request.subscription, context)
            for ack_id in request.ack_ids:
                backlog.extend(ack_id, request.ack_deadline_seconds)
            self._broker.changed.notify_all()
        return Empty()

    def pull(self, request: types.PullRequest, context: Any) -> types.PullResponse:
        """Lease messages, waiting up to the deadline of the call for the first."""
        end = time.monotonic() + min(context.time_remaining() or PULL_WAIT_S, PULL_WAIT_S) - LOOK_AGAIN_S
        with self._broker.changed:
            backlog = self._backlog(request.subscription, context)
            while True:
                leases = backlog.lease(request.max_messages)
                if leases or request.return_immediately or time.monotonic() >= end or not context.is_active():
                    return types.PullResponse(received_messages=_received(backlog, leases))
                self._broker.changed.wait(LOOK_AGAIN_S)

    def streaming_pull(
        self, requests: Iterator[types.StreamingPullRequest], context: Any
    ) -> Iterator[types.StreamingPullResponse]:
        """Lease messages for as long as the caller listens, up to the number outstanding that it allows."""
        first = next(requests)
        backlog = self._backlog(first.subscription, context)
        Thread(target=self._acknowledge_as_requested, args=(backlog, requests), daemon=True).start()
        capacity = first.max_outstanding_messages or OUTSTANDING
        mine: set[str] = set()
        while context.is_active():
            with self._broker.changed:
                mine = backlog.held(mine)
                leases = backlog.lease(min(BATCH, capacity - len(mine)), first.stream_ack_deadline_seconds)
                mine.update(lease.ack_id for lease in leases)
                if not leases:
                    self._broker.changed.wait(LOOK_AGAIN_S)
            if leases:
                yield types.StreamingPullResponse(received_messages=_received(backlog, leases))

    def _acknowledge_as_requested(self, backlog: Backlog, requests: Iterator[types.StreamingPullRequest]) -> None:
        try:
            for request in requests:
                with self._broker.changed:
                    backlog.acknowledge(request.ack_ids)
                    for ack_id, seconds in zip(
                        request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=False
                    ):
                        backlog.extend(ack_id, seconds)
                    self._broker.changed.notify_all()
        except grpc.RpcError:
            return  # the caller hung up: leases that it held run out by themselves

    def _topic(self, name: str, context: Any) -> types.Topic:
        if name not in self._broker.topics:
            context.abort(grpc.StatusCode.NOT_FOUND, f"Resource not found (resource={name.split('/')[-1]}).")
        return self._broker.topics[name]

    def _backlog(self, name: str, context: Any) -> Backlog:
        if name not in self._broker.backlogs:
            context.abort(grpc.StatusCode.NOT_FOUND, f"Resource not found (resource={name.split('/')[-1]}).")
        return self._broker.backlogs[name]


def _received(backlog: Backlog, leases: list[Lease]) -> list[types.ReceivedMessage]:
    counted = bool(backlog.config.dead_letter_policy.dead_letter_topic)
    return [
        types.ReceivedMessage(
            ack_id=lease.ack_id,
            message=lease.delivery.message,
            delivery_attempt=lease.delivery.attempt if counted else 0,
        )
        for lease in leases
    ]
