"""Deliveries by HTTP: a lease in, a POST of the wrapped message out, acknowledged by the answer's status."""

import base64
import json
import logging
from queue import SimpleQueue
from threading import Condition, Thread
from typing import Any

import requests
from google.pubsub_v1.types import PubsubMessage, Subscription
from requests.adapters import HTTPAdapter

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
        self._under_way = 0
        self._due: SimpleQueue[tuple[Subscription, Lease] | None] = SimpleQueue()
        self._threads: list[Thread] = []  # started with the first message: most subscriptions are never pushed
        self._session = requests.Session()
        self._session.trust_env = False  # endpoints are on this machine: no proxy, no .netrc
        self._session.mount("http://", HTTPAdapter(pool_maxsize=PARALLEL))
        Thread(target=self._work, daemon=True, name="pusher").start()

    def stop(self) -> None:
        """Take no further message; called with the lock held."""
        self._alive = False
        for _ in self._threads:
            self._due.put(None)

    def _work(self) -> None:
        """Lease messages while pushes are free; one thread for all, since each change wakes it."""
        with self._changed:
            while self._alive:
                config, free = self._backlog.config, PARALLEL - self._under_way
                leases = self._backlog.lease(free) if config.push_config.push_endpoint and free else []
                self._under_way += len(leases)
                for lease in leases:
                    self._due.put((config, lease))
                if leases and not self._threads:
                    self._threads = [Thread(target=self._push_due, daemon=True, name="push") for _ in range(PARALLEL)]
                    for thread in self._threads:
                        thread.start()
                if not leases:
                    self._changed.wait(self._backlog.due_s())

    def _push_due(self) -> None:
        while due := self._due.get():
            config, lease = due
            is_done = False
            try:
                is_done = push(config, lease, self._session)
            finally:
                with self._changed:
                    self._under_way -= 1
                    if is_done:
                        self._backlog.acknowledge([lease.ack_id])
                    else:
                        self._backlog.extend(lease.ack_id, 0)
                    self._changed.notify_all()


def push(config: Subscription, lease: Lease, session: requests.Session) -> bool:
    """One POST; True when the endpoint acknowledged before the ack deadline."""
    attempt = lease.delivery.attempt
    body: dict[str, Any] = {"message": wrapped(lease.delivery.message), "subscription": config.name}
    if config.dead_letter_policy.dead_letter_topic:
        body["deliveryAttempt"] = attempt
    delivery = f"{config.name}, message {lease.delivery.message.message_id}, attempt {attempt}"
    try:
        answer = session.post(
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
