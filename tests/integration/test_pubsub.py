"""What the Pub/Sub stand-in does, through Google's client; the same tests against Google's emulator."""

import base64
import json
import queue
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from google.api_core.exceptions import AlreadyExists, InvalidArgument, NotFound
from google.cloud import pubsub_v1
from google.protobuf.duration_pb2 import Duration

PROJECT = "projects/tests"
PATIENCE_S = 30  # until a delivery that must come counts as lost


@dataclass
class Bus:
    """The two clients of one Pub/Sub server."""

    publisher: pubsub_v1.PublisherClient
    subscriber: pubsub_v1.SubscriberClient

    def topic(self) -> str:
        name = f"{PROJECT}/topics/t-{uuid.uuid4().hex}"
        self.publisher.create_topic(name=name)
        return name

    def subscribe(self, topic: str, **config: Any) -> str:
        name = f"{PROJECT}/subscriptions/s-{uuid.uuid4().hex}"
        self.subscriber.create_subscription(request={"name": name, "topic": topic, **config})
        return name

    def pull(self, subscription: str, count: int = 1, acknowledge: bool = True) -> list[Any]:
        got: list[Any] = []
        while len(got) < count:
            request = {"subscription": subscription, "max_messages": count - len(got)}
            fresh = self.subscriber.pull(request=request, timeout=PATIENCE_S).received_messages
            if acknowledge and fresh:
                ids = [received.ack_id for received in fresh]
                self.subscriber.acknowledge(request={"subscription": subscription, "ack_ids": ids})
            got += fresh
        return got


def connected(host: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", host)
    ordered = pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
    made = Bus(pubsub_v1.PublisherClient(publisher_options=ordered), pubsub_v1.SubscriberClient())
    yield made
    made.subscriber.close()
    made.publisher.stop()


@pytest.fixture(params=["stand_in", pytest.param("official", marks=pytest.mark.official)])
def bus(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    yield from connected(request.getfixturevalue(f"pubsub_{request.param}"), monkeypatch)


@pytest.fixture
def stand_in(pubsub_stand_in: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """The stand-in alone, for promises that Google's emulator does not keep."""
    yield from connected(pubsub_stand_in, monkeypatch)


@dataclass
class Endpoint:
    """An HTTP server that takes pushes and answers as set: `answer` maps a body to a status."""

    answer: Callable[[dict[str, Any]], int] = field(default=lambda body: 204)
    bodies: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = endpoint.answer(body)
                endpoint.bodies.put(body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def push(self) -> dict[str, str]:
        return {"push_endpoint": f"http://127.0.0.1:{self.server.server_port}/{PROJECT}/topics/t"}

    def next(self) -> dict[str, Any]:
        return self.bodies.get(timeout=PATIENCE_S)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()


def text(body: dict[str, Any]) -> str:
    return base64.b64decode(body["message"]["data"]).decode()


def test_a_published_message_can_be_pulled_with_its_attributes(bus: Bus) -> None:
    topic = bus.topic()
    subscription = bus.subscribe(topic)
    message_id = bus.publisher.publish(topic, b"a link", schema="1").result(PATIENCE_S)
    (received,) = bus.pull(subscription)
    assert received.message.data == b"a link"
    assert dict(received.message.attributes) == {"schema": "1"}
    assert received.message.message_id == message_id


def test_every_subscription_of_a_topic_gets_every_message(bus: Bus) -> None:
    topic = bus.topic()
    first, second = bus.subscribe(topic), bus.subscribe(topic)
    bus.publisher.publish(topic, b"message").result(PATIENCE_S)
    assert bus.pull(first)[0].message.data == bus.pull(second)[0].message.data == b"message"


def test_an_acknowledged_message_is_gone_and_a_refused_one_comes_again(bus: Bus) -> None:
    topic = bus.topic()
    subscription = bus.subscribe(topic)
    for data in (b"kept", b"refused"):
        bus.publisher.publish(topic, data).result(PATIENCE_S)
    held = {received.message.data: received.ack_id for received in bus.pull(subscription, 2, acknowledge=False)}
    bus.subscriber.acknowledge(request={"subscription": subscription, "ack_ids": [held[b"kept"]]})
    bus.subscriber.modify_ack_deadline(
        request={"subscription": subscription, "ack_ids": [held[b"refused"]], "ack_deadline_seconds": 0}
    )
    assert [received.message.data for received in bus.pull(subscription)] == [b"refused"]


def test_a_lease_that_runs_out_gives_the_message_back(bus: Bus) -> None:
    topic = bus.topic()
    subscription = bus.subscribe(topic, ack_deadline_seconds=10)
    bus.publisher.publish(topic, b"slow").result(PATIENCE_S)
    (held,) = bus.pull(subscription, acknowledge=False)
    bus.subscriber.modify_ack_deadline(
        request={"subscription": subscription, "ack_ids": [held.ack_id], "ack_deadline_seconds": 1}
    )
    assert bus.pull(subscription)[0].message.data == b"slow"


def test_streaming_pull_delivers_everything_once_acknowledged(bus: Bus) -> None:
    topic = bus.topic()
    subscription = bus.subscribe(topic)
    got: queue.Queue[bytes] = queue.Queue()

    def take(message: Any) -> None:
        got.put(message.data)
        message.ack()

    future = bus.subscriber.subscribe(subscription, take)
    sent = [f"{n}".encode() for n in range(300)]
    for pending in [bus.publisher.publish(topic, data) for data in sent]:
        pending.result(PATIENCE_S)
    assert sorted(got.get(timeout=PATIENCE_S) for _ in sent) == sorted(sent)
    future.cancel()
    future.result(PATIENCE_S)


def test_a_push_carries_data_attributes_and_both_spellings_of_the_id(bus: Bus, endpoint: Endpoint) -> None:
    topic = bus.topic()
    subscription = bus.subscribe(topic, push_config=endpoint.push)
    message_id = bus.publisher.publish(topic, b"hello", traceparent="00-1-2-01").result(PATIENCE_S)
    body = endpoint.next()
    assert body["subscription"] == subscription
    assert text(body) == "hello"
    assert body["message"]["attributes"] == {"traceparent": "00-1-2-01"}
    assert body["message"]["messageId"] == body["message"]["message_id"] == message_id
    assert body["message"]["publishTime"].endswith("Z")


def test_a_push_that_is_refused_comes_again_until_it_is_taken(bus: Bus, endpoint: Endpoint) -> None:
    answers = iter([500, 429, 204])
    endpoint.answer = lambda body: next(answers)
    topic = bus.topic()
    quick = {"minimum_backoff": Duration(nanos=10**8), "maximum_backoff": Duration(nanos=10**8)}
    bus.subscribe(topic, push_config=endpoint.push, retry_policy=quick)
    bus.publisher.publish(topic, b"again").result(PATIENCE_S)
    assert [text(endpoint.next()) for _ in range(3)] == ["again"] * 3
    assert next(answers, None) is None


def test_messages_of_one_key_arrive_in_order_even_past_a_failure(bus: Bus, endpoint: Endpoint) -> None:
    failed = Event()

    def fail_third_once(body: dict[str, Any]) -> int:
        if text(body) != "3" or failed.is_set():
            return 204
        failed.set()
        return 500

    endpoint.answer = fail_third_once
    topic = bus.topic()
    bus.subscribe(topic, push_config=endpoint.push, enable_message_ordering=True)
    for n in range(6):
        bus.publisher.publish(topic, str(n).encode(), ordering_key="example.org").result(PATIENCE_S)
    assert [text(endpoint.next()) for _ in range(7)] == ["0", "1", "2", "3", "3", "4", "5"]


def test_one_key_that_waits_holds_up_no_other(bus: Bus, endpoint: Endpoint) -> None:
    other_came = Event()

    def hold_first(body: dict[str, Any]) -> int:
        if text(body) == "other":
            other_came.set()
            return 204
        return 204 if other_came.wait(PATIENCE_S) else 500

    endpoint.answer = hold_first
    topic = bus.topic()
    bus.subscribe(topic, push_config=endpoint.push, enable_message_ordering=True, ack_deadline_seconds=60)
    bus.publisher.publish(topic, b"first", ordering_key="slow.example.org").result(PATIENCE_S)
    bus.publisher.publish(topic, b"other", ordering_key="quick.example.org").result(PATIENCE_S)
    assert [text(endpoint.next()) for _ in range(2)] == ["other", "first"]


def test_what_fails_too_often_lands_on_the_dead_letter_topic(bus: Bus, endpoint: Endpoint) -> None:
    endpoint.answer = lambda body: 500
    topic, dead = bus.topic(), bus.topic()
    buried = bus.subscribe(dead)
    bus.subscribe(
        topic,
        push_config=endpoint.push,
        retry_policy={"minimum_backoff": Duration(nanos=10**7), "maximum_backoff": Duration(nanos=10**7)},
        dead_letter_policy={"dead_letter_topic": dead, "max_delivery_attempts": 5},
    )
    bus.publisher.publish(topic, b"poison", schema="1").result(PATIENCE_S)
    (received,) = bus.pull(buried)
    assert received.message.data == b"poison"
    assert received.message.attributes["schema"] == "1"
    assert received.message.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"
    assert endpoint.bodies.qsize() == 5


def test_pushes_of_one_subscription_run_side_by_side(bus: Bus, endpoint: Endpoint) -> None:
    both = Barrier(2)
    endpoint.answer = lambda body: 204 if both.wait(PATIENCE_S) >= 0 else 500
    topic = bus.topic()
    bus.subscribe(topic, push_config=endpoint.push, ack_deadline_seconds=60)
    for n in range(2):
        bus.publisher.publish(topic, str(n).encode()).result(PATIENCE_S)
    assert sorted(text(endpoint.next()) for _ in range(2)) == ["0", "1"]


def test_what_does_not_exist_is_not_found_and_what_does_cannot_be_made_twice(bus: Bus) -> None:
    topic = bus.topic()
    with pytest.raises(AlreadyExists):
        bus.publisher.create_topic(name=topic)
    with pytest.raises(NotFound):
        bus.publisher.get_topic(topic=f"{PROJECT}/topics/absent")
    with pytest.raises(NotFound):
        bus.subscriber.get_subscription(subscription=f"{PROJECT}/subscriptions/absent")


def test_a_message_needs_data_or_attributes(bus: Bus) -> None:
    with pytest.raises(InvalidArgument):
        bus.publisher.publish(bus.topic(), b"").result(PATIENCE_S)


def test_the_subscription_keeps_its_configuration(bus: Bus, endpoint: Endpoint) -> None:
    topic = bus.topic()
    name = bus.subscribe(topic, push_config=endpoint.push, ack_deadline_seconds=600, enable_message_ordering=True)
    kept = bus.subscriber.get_subscription(subscription=name)
    assert (kept.topic, kept.ack_deadline_seconds, kept.enable_message_ordering) == (topic, 600, True)
    assert kept.push_config.push_endpoint == endpoint.push["push_endpoint"]


def test_a_filter_keeps_out_what_it_does_not_want(stand_in: Bus) -> None:
    topic = stand_in.topic()
    wanted = 'attributes.eventType = "OBJECT_FINALIZE" AND hasPrefix(attributes.objectId, "audio/")'
    subscription = stand_in.subscribe(topic, filter=wanted)
    for event, name in [
        ("OBJECT_DELETE", "audio/1"),
        ("OBJECT_FINALIZE", "incoming/2"),
        ("OBJECT_FINALIZE", "audio/3"),
    ]:
        stand_in.publisher.publish(topic, b"-", eventType=event, objectId=name).result(PATIENCE_S)
    assert [received.message.attributes["objectId"] for received in stand_in.pull(subscription)] == ["audio/3"]


def test_a_filter_that_cannot_be_read_is_refused(stand_in: Bus) -> None:
    with pytest.raises(InvalidArgument, match="filter"):
        stand_in.subscribe(stand_in.topic(), filter="size > 3")


def test_a_push_with_dead_letters_counts_its_attempts_and_names_its_key(stand_in: Bus, endpoint: Endpoint) -> None:
    answers = iter([500, 204])
    endpoint.answer = lambda body: next(answers)
    topic = stand_in.topic()
    policy = {"dead_letter_topic": stand_in.topic(), "max_delivery_attempts": 30}
    stand_in.subscribe(topic, push_config=endpoint.push, enable_message_ordering=True, dead_letter_policy=policy)
    stand_in.publisher.publish(topic, b"x", ordering_key="example.org").result(PATIENCE_S)
    bodies = [endpoint.next(), endpoint.next()]
    assert [body["deliveryAttempt"] for body in bodies] == [1, 2]
    assert bodies[0]["message"]["orderingKey"] == "example.org"
