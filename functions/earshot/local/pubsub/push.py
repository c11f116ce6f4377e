"""Deliveries by HTTP: a lease in, a POST of the wrapped message out, acknowledged by the answer's status."""

import base64
import json
import logging
from threading import Condition, Thread
from typing import Any

import requests
from google.pubsub_v1.types import PubsubMessage, Subscription

from earshot.local.pubsub.backlog import ACK_DEADLINE_S, Backlog, Lease

log = logging.getLogger(__name__)

PARALLEL = 8  # pushes at a time and subscription; the service starts low and adapts
ACKNOWLEDGED = (102, 200, 201, 202, 204)  # cloud.google.com/pubsub/docs/push, "Receive push messages"


class Pusher:
    """Pushes one subscription's messages for as long as the subscription lives and has an endpoint."""

    def __init__(self, backlog: Backlog, changed: Condition) -> None:
        self._backlog = backlog
        self._changed = changed
        self._alive = True
        self._threads = [Thread(target=self._work, daemon=True, name=f"push-{n}") for n in range(PARALLEL)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no further message; called with the lock held."""
        self._alive = False

    def _work(self) -> None:
        while self._alive:
            with self._changed:
                config = self._backlog.config
                leases = self._backlog.lease(1) if config.push_config.push_endpoint and self._alive else []
                if not leases:
                    self._changed.wait(self._backlog.due_s())
            for lease in leases:
                done = push(config, lease)
                with self._changed:
                    if done:
                        self._backlog.acknowledge([lease.ack_id])
                    else:
                        self._backlog.extend(lease.ack_id, 0)
                    self._changed.notify_all()


def push(config: Subscription, lease: Lease) -> bool:
    """One POST; True when the endpoint acknowledged before the ack deadline."""
    attempt = lease.delivery.attempt
    body: dict[str, Any] = {"message": wrapped(lease.delivery.message), "subscription": config.name}
    if config.dead_letter_policy.dead_letter_topic:
        body["deliveryAttempt"] = attempt
    delivery = f"{config.name}, message {lease.delivery.message.message_id}, attempt {attempt}"
    try:
        answer = requests.post(
            config.push_config.push_endpoint,
            data=json.dumps(body),
            headers={"Content-Type": "application/json", "User-Agent": "APIs-Google; earshot stand-in"},
            timeout=config.ack_deadline_seconds or ACK_DEADLINE_S,
        )
    except requests.RequestException as error:
        log.warning("push failed: %s: %s", delivery, error)
        return False
    if answer.status_code not in ACKNOWLEDGED:
        log.warning("push refused: %s: status %s", delivery, answer.status_code)
    return answer.status_code in ACKNOWLEDGED


def wrapped(message: PubsubMessage) -> dict[str, Any]:
    """The message as a push carries it; both spellings of id and time, as the service sends them."""
    published = message.publish_time.isoformat().replace("+00:00", "Z")
    body: dict[str, Any] = {
        "attributes": dict(message.attributes),
        "messageId": message.message_id,
        "message_id": message.message_id,
        "publishTime": published,
        "publish_time": published,
    }
    if message.data:
        body["data"] = base64.b64encode(message.data).decode()
    if message.ordering_key:
        body["orderingKey"] = message.ordering_key
    return body
