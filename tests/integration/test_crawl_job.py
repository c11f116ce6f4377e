"""A crawl in a process of its own, as a Cloud Run job runs it: a site, Pub/Sub and Cloud Storage are on loopback."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.cloud.storage import Client as StorageClient

from tests.bench.lists import measured
from tests.sites import Site, answer

PATIENCE_S = 600  # ends a test that hangs; no test takes it for a measure, however busy the machine
LINKS = b'<a href="a.mp3">1</a> <a href="b.wav">2</a> <a href="more">3</a>'


@dataclass
class Job:
    """Starts crawls and reads what they publish."""

    topic: str
    subscription: str
    subscriber: SubscriberClient

    def start(self, request: str | dict[str, Any], **variables: str) -> "subprocess.Popen[str]":
        environment = os.environ | {
            "GOOGLE_CLOUD_PROJECT": "tests",
            "EARSHOT_FOUND_TOPIC": self.topic.rpartition("/")[2],
            "EARSHOT_ALLOW_PRIVATE_ADDRESSES": "true",
        }
        named = request if isinstance(request, str) else json.dumps(request)
        command = [sys.executable, "-m", "earshot.crawl_job", named]
        return subprocess.Popen(command, env=environment | variables, stdout=subprocess.PIPE, text=True)

    def found(self) -> list[str]:
        """URLs that have been published, sorted."""
        request = {"subscription": self.subscription, "max_messages": 100}
        got = self.subscriber.pull(request=request, timeout=PATIENCE_S).received_messages
        return sorted(json.loads(one.message.data)["source_url"] for one in got)


@pytest.fixture
def job(pubsub_stand_in: str, storage_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Job]:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub_stand_in)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    name = f"found-{uuid.uuid4().hex}"
    topic, subscription = f"projects/tests/topics/{name}", f"projects/tests/subscriptions/{name}"
    PublisherClient().create_topic(name=topic)
    with SubscriberClient() as subscriber:
        subscriber.create_subscription(request={"name": subscription, "topic": topic})
        yield Job(topic, subscription, subscriber)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/": answer(LINKS, Content_Type="text/html"), "/more": answer(b"", Content_Type="text/html")}) as site:
        yield site


def ended(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """The lines it logged, once it has ended."""
    out, _ = process.communicate(timeout=PATIENCE_S)
    return [json.loads(line) for line in out.splitlines()]


def test_a_job_crawls_to_the_end_and_logs_its_progress(job: Job, site: Site) -> None:
    process = job.start({"pages": [site.url()], "depth": 1}, EARSHOT_PROGRESS_S="0")
    lines = ended(process)
    assert process.returncode == 0
    assert job.found() == [site.url("/a.mp3"), site.url("/b.wav")]
    assert [line["published"] for line in lines if line["message"] == "crawling"] == [1, 2, 2, 2]
    assert (lines[-1]["message"], lines[-1]["pages_read"], lines[-1]["stopped_by"]) == ("crawled", 2, None)


def test_a_terminated_job_has_published_what_it_found(job: Job, site: Site) -> None:
    site.routes["/more"] = lambda request: site.closing.wait(PATIENCE_S)
    process = job.start({"pages": [site.url()], "depth": 1})
    while "/more" not in site.paths():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    lines = ended(process)
    assert process.returncode == 143
    assert job.found() == [site.url("/a.mp3"), site.url("/b.wav")]
    assert (lines[-1]["message"], lines[-1]["stopped_by"]) == ("crawled", "interrupt")


def test_a_job_reads_its_request_and_its_lists_from_the_bucket(job: Job, site: Site) -> None:
    bucket = StorageClient(project="tests").create_bucket(f"b-{uuid.uuid4().hex}")
    bucket.blob("lists/urls.txt").upload_from_string(f"{site.url('/x.mp3')}\n{site.url('/y.mp3')}\n")
    request = json.dumps({"lists": [f"gs://{bucket.name}/lists/urls.txt"]}, indent=2)
    bucket.blob("lists/request.json").upload_from_string(request)
    process = job.start(f"gs://{bucket.name}/lists/request.json")
    ended(process)
    assert process.returncode == 0
    assert job.found() == [site.url("/x.mp3"), site.url("/y.mp3")]


def test_a_job_whose_list_breaks_off_fails_with_what_it_has(job: Job) -> None:
    bucket = StorageClient(project="tests").create_bucket(f"b-{uuid.uuid4().hex}")
    urls = "".join(f"https://example.org/{number}.mp3\n" for number in range(50)).encode()
    bucket.blob("lists/urls.txt.gz").upload_from_string(gzip.compress(urls)[:-10])
    process = job.start({"lists": [f"gs://{bucket.name}/lists/urls.txt.gz"]})
    lines = ended(process)
    assert (process.returncode, lines[-1]["refusals"]) == (1, 1)
    assert len(job.found()) == lines[-1]["published"] > 0


def test_a_job_that_reads_nothing_fails(job: Job, site: Site) -> None:
    process = job.start({"pages": [site.url("/absent")]})
    lines = ended(process)
    assert (process.returncode, lines[-1]["refusals"]) == (1, 1)


def test_a_request_that_is_not_there_fails(job: Job) -> None:
    process = job.start("gs://no-such-bucket/lists/request.json")
    lines = ended(process)
    assert (process.returncode, lines[-1]["error"]) == (1, "SourceGone")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_a_list() -> None:
    short, full, long = (measured(lines) for lines in (10_000, 250_000, 1_000_000))
    assert [run.published for run in (short, full, long)] == [10_000, 250_000, 1_000_000]
    assert full.peak_mib < short.peak_mib + 40  # what is remembered, so that no link is published twice
    assert long.peak_mib < full.peak_mib + 5
