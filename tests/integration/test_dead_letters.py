"""Dead letters leased, explained and redelivered, with the Pub/Sub stand-in and with Google's emulator."""

import base64
import json
import uuid
import warnings
from collections.abc import Iterator

import pytest
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from earshot.adapters import google_clients
from earshot.adapters.dead_letters import DeadLetters
from earshot.audio import AudioFound, Refusal, now
from earshot.local import resources
from earshot.operating.dead_letters import Status, list_dead_letters, replay
from tests.unit.fakes import WAV, AudioStore

URLS = [f"https://example.org/{n}.wav" for n in range(4)]
GIVEN_UP = {"CloudPubSubDeadLetterSourceDeliveryCount": "50", "CloudPubSubDeadLetterSourceSubscription": "downloader"}


class PubSub:
    """A project with the topics of the stack, and a subscription that receives what is published on them."""

    def __init__(self, subscriber: SubscriberClient, publisher: PublisherClient) -> None:
        self.project = f"p-{uuid.uuid4().hex}"
        self.subscriber, self.publisher = subscriber, publisher
        resources.make_topics(self.project)
        for topic in ("audio-found", "audio-stored"):
            subscriber.create_subscription(name=self.path(topic), topic=resources.topic_path(self.project, topic))

    def path(self, topic: str) -> str:
        return resources.subscription_path(self.project, f"watch-{topic}")

    def publish_dead(self, topic: str, data: bytes, **attributes: str) -> None:
        path = resources.topic_path(self.project, f"{topic}-dead")
        self.publisher.publish(path, data, **GIVEN_UP, **attributes).result(30)

    def dead_letters(self, topic: str) -> DeadLetters:
        return DeadLetters(self.subscriber, self.publisher, self.project, topic)

    def delivered(self, topic: str) -> list:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            pulled = self.subscriber.pull(subscription=self.path(topic), max_messages=50, return_immediately=True)
        return [received.message for received in pulled.received_messages]


@pytest.fixture(params=["stand_in", pytest.param("official", marks=pytest.mark.official)])
def pubsub(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[PubSub]:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", request.getfixturevalue(f"pubsub_{request.param}"))
    with google_clients.subscriber() as subscriber:
        publisher = google_clients.publisher()
        yield PubSub(subscriber, publisher)
        publisher.stop()


def link(url: str) -> bytes:
    return AudioFound(source_url=url).model_dump_json().encode()


def test_dead_letters_are_explained_and_remain_in_the_subscription(pubsub: PubSub) -> None:
    store = AudioStore()
    store.drop(f"audio/{AudioFound(source_url=URLS[0]).audio_id}.wav", WAV)
    identity = AudioFound(source_url=URLS[1]).audio_id
    store.refuse(Refusal(audio_id=identity, stage="downloader", reason="empty", first_seen=now(), last_seen=now()))
    for url in URLS[:3]:
        pubsub.publish_dead("audio-found", link(url))
    pubsub.publish_dead("audio-found", b"not a link")
    for _ in range(2):
        cases = list_dead_letters(pubsub.dead_letters("audio-found"), store, 10)
        assert {(case.subject[:26], case.status) for case in cases} == {
            (URLS[0], "stored"),
            (URLS[1], "refused"),
            (URLS[2], "unsettled"),
            ("not an AudioFound message:", "bad_event"),
        }
        assert {(case.dead_letter.attempts, case.dead_letter.given_up_by) for case in cases} == {(50, "downloader")}
    assert pubsub.delivered("audio-found") == []


def test_a_dead_notification_is_explained_by_the_present_object(pubsub: PubSub) -> None:
    store = AudioStore()
    old, new = store.drop("audio/a.wav", WAV), store.drop("audio/a.wav", WAV)
    for name, generation in (("audio/a.wav", old.generation), ("audio/a.wav", new.generation), ("audio/gone.wav", 1)):
        pubsub.publish_dead("audio-stored", b"{}", bucketId="bucket", objectId=name, objectGeneration=str(generation))
    cases = list_dead_letters(pubsub.dead_letters("audio-stored"), store, 10)
    assert {(case.dead_letter.attributes["objectGeneration"], case.status) for case in cases} == {
        (str(old.generation), "superseded"),
        (str(new.generation), "unsettled"),
        ("1", "gone"),
    }


def test_a_replayed_message_is_unchanged_and_no_longer_dead(pubsub: PubSub) -> None:
    pubsub.publish_dead("audio-found", link(URLS[0]), traceparent="00-1-2-01")
    assert replay(pubsub.dead_letters("audio-found"), AudioStore(), 10, dry_run=True) == 1
    assert pubsub.delivered("audio-found") == []
    assert replay(pubsub.dead_letters("audio-found"), AudioStore(), 10) == 1
    (message,) = pubsub.delivered("audio-found")
    assert (message.data, dict(message.attributes)) == (link(URLS[0]), {"traceparent": "00-1-2-01"})
    assert list_dead_letters(pubsub.dead_letters("audio-found"), AudioStore(), 10) == []


def test_a_replay_can_be_limited_to_a_reason_and_a_number(pubsub: PubSub) -> None:
    pubsub.publish_dead("audio-found", b"not a link")
    for url in URLS:
        pubsub.publish_dead("audio-found", link(url))
    assert replay(pubsub.dead_letters("audio-found"), AudioStore(), 50, [Status.UNSETTLED]) == 4
    urls = [json.loads(message.data)["source_url"] for message in pubsub.delivered("audio-found")]
    assert sorted(urls) == URLS
    (left,) = list_dead_letters(pubsub.dead_letters("audio-found"), AudioStore(), 50)
    assert left.status == "bad_event"


def test_a_dead_letter_converts_to_the_event_that_a_function_receives(pubsub: PubSub) -> None:
    pubsub.publish_dead("audio-found", link(URLS[0]))
    (case,) = list_dead_letters(pubsub.dead_letters("audio-found"), AudioStore(), 10)
    event = case.dead_letter.as_event()
    assert base64.b64decode(event["message"]["data"]) == link(URLS[0])  # type: ignore[index]
