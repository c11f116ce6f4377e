"""Our chute against a real local Pub/Sub, through Google's client."""

import uuid

import pytest
from google.cloud import pubsub_v1

from earshot.adapters import google_clients
from earshot.adapters.audio_found_topic import Topic
from earshot.audio import AudioFound
from earshot.errors import ComeAgain

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def topic(pubsub_stand_in, monkeypatch):
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub_stand_in)
    name = f"t-{uuid.uuid4().hex}"
    path = f"projects/tests/topics/{name}"
    with pubsub_v1.SubscriberClient() as subscriber:
        google_clients.publisher().create_topic(name=path)
        subscription = f"projects/tests/subscriptions/{name}"
        subscriber.create_subscription(request={"name": subscription, "topic": path, "enable_message_ordering": True})
        topic = Topic(google_clients.publisher, "tests", name, timeout_s=5)
        topic.pull = lambda: (
            subscriber.pull(request={"subscription": subscription, "max_messages": 100}, timeout=30).received_messages
        )
        yield topic


def test_a_link_arrives_as_it_was_found(topic):
    found = AudioFound(source_url="https://example.org/ü.mp3", page_title="Töne", traceparent=TRACE)
    topic.publish(found)
    topic.flush()
    (received,) = topic.pull()
    assert AudioFound.model_validate_json(received.message.data) == found
    assert dict(received.message.attributes) == {"schema": "AudioFound/1", "traceparent": TRACE}


def test_the_host_is_the_ordering_key(topic):
    for n in range(5):
        topic.publish(AudioFound(source_url=f"https://example.org:8443/{n}.mp3"))
    topic.flush()
    received = topic.pull()
    assert {message.message.ordering_key for message in received} == {"example.org"}


def test_a_topic_that_is_not_there_makes_the_crawl_come_again(topic):
    nowhere = Topic(google_clients.publisher, "tests", "nowhere", timeout_s=5)
    nowhere.publish(AudioFound(source_url="https://example.org/a.mp3"))
    with pytest.raises(ComeAgain, match="1 of 1 messages"):
        nowhere.flush()
