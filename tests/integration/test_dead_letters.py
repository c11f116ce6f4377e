"""Dead letters taken, explained and delivered again, through our Pub/Sub stand-in and through Google's emulator."""

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
from earshot.operating.dead_letters import Since, listed, replay
from tests.unit.fakes import WAV, AudioStore

URLS = [f"https://example.org/{n}.wav" for n in range(4)]
GIVEN_UP = {"CloudPubSubDeadLetterSourceDeliveryCount": "50", "CloudPubSubDeadLetterSourceSubscription": "downloader"}


class Office:
    """A project with the house's topics, and a subscription that sees what is delivered on them."""

    def __init__(self, subscriber: SubscriberClient, publisher: PublisherClient) -> None:
        self.project = f"p-{uuid.uuid4().hex}"
        self.subscriber, self.publisher = subscriber, publisher
        resources.make_topics(self.project)
        for topic in ("audio-found", "audio-stored"):
            subscriber.create_subscription(name=self.path(topic), topic=resources.topic_path(self.project, topic))

    def path(self, topic: str) -> str:
        return resources.subscription_path(self.project, f"watch-{topic}")

    def bury(self, topic: str, data: bytes, **attributes: str) -> None:
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
def office(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", request.getfixturevalue(f"pubsub_{request.param}"))
    with google_clients.subscriber() as subscriber:
        publisher = google_clients.publisher()
        yield Office(subscriber, publisher)
        publisher.stop()


def link(url: str) -> bytes:
    return AudioFound(source_url=url).model_dump_json().encode()


def test_dead_letters_are_explained_and_stay_where_they_are(office: Office) -> None:
    store = AudioStore()
    store.drop(f"audio/{AudioFound(source_url=URLS[0]).audio_id}.wav", WAV)
    identity = AudioFound(source_url=URLS[1]).audio_id
    store.refuse(Refusal(audio_id=identity, stage="downloader", reason="empty", first_seen=now(), last_seen=now()))
    for url in URLS[:3]:
        office.bury("audio-found", link(url))
    office.bury("audio-found", b"not a link")
    for _ in range(2):
        cases = listed(office.dead_letters("audio-found"), store, 10)
        assert {(case.subject[:26], case.reason) for case in cases} == {
            (URLS[0], "stored"),
            (URLS[1], "refused"),
            (URLS[2], "unsettled"),
            ("not an AudioFound message:", "bad_event"),
        }
        assert {case.dead_letter.attempts for case in cases} == {50}
    assert office.delivered("audio-found") == []


def test_dead_news_is_explained_by_what_lies_on_the_shelf_now(office: Office) -> None:
    store = AudioStore()
    old, new = store.drop("audio/a.wav", WAV), store.drop("audio/a.wav", WAV)
    for name, generation in (("audio/a.wav", old.generation), ("audio/a.wav", new.generation), ("audio/gone.wav", 1)):
        office.bury("audio-stored", b"{}", bucketId="shelf", objectId=name, objectGeneration=str(generation))
    cases = listed(office.dead_letters("audio-stored"), store, 10)
    assert {(case.dead_letter.attributes["objectGeneration"], case.reason) for case in cases} == {
        (str(old.generation), "superseded"),
        (str(new.generation), "unsettled"),
        ("1", "gone"),
    }


def test_a_replayed_letter_is_delivered_as_it_was_and_is_dead_no_more(office: Office) -> None:
    office.bury("audio-found", link(URLS[0]), traceparent="00-1-2-01")
    assert replay(office.dead_letters("audio-found"), AudioStore(), 10, dry_run=True) == 1
    assert office.delivered("audio-found") == []
    assert replay(office.dead_letters("audio-found"), AudioStore(), 10) == 1
    (message,) = office.delivered("audio-found")
    assert (message.data, dict(message.attributes)) == (link(URLS[0]), {"traceparent": "00-1-2-01"})
    assert listed(office.dead_letters("audio-found"), AudioStore(), 10) == []


def test_a_replay_can_be_kept_to_a_reason_and_a_number(office: Office) -> None:
    office.bury("audio-found", b"not a link")
    for url in URLS:
        office.bury("audio-found", link(url))
    assert replay(office.dead_letters("audio-found"), AudioStore(), 50, [Since.UNSETTLED]) == 4
    urls = [json.loads(message.data)["source_url"] for message in office.delivered("audio-found")]
    assert sorted(urls) == URLS
    (left,) = listed(office.dead_letters("audio-found"), AudioStore(), 50)
    assert left.reason == "bad_event"


def test_a_letter_reads_as_the_event_that_a_room_receives(office: Office) -> None:
    office.bury("audio-found", link(URLS[0]))
    (case,) = listed(office.dead_letters("audio-found"), AudioStore(), 10)
    event = case.dead_letter.as_event()
    assert base64.b64decode(event["message"]["data"]) == link(URLS[0])  # type: ignore[index]
