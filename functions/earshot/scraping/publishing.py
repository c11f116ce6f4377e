"""Publishes each wanted recording once, with discovery time, trace and the owner's preferences."""

from collections.abc import Sequence
from typing import Protocol

from earshot.audio import AudioFound, now
from earshot.consent import Signal, evidence, from_evidence
from earshot.errors import ComeAgain
from earshot.scraping.crawl_request import CrawlReport, CrawlRequest
from earshot.scraping.licences import UNKNOWN
from earshot.scraping.links_per_host import LinksPerHost
from earshot.scraping.recently_seen import RecentlySeen
from earshot.scraping.url_patterns import Patterns
from earshot.urls import host

MOST_NAMED = 10_000  # identities in a report, so that it stays far below the 32 MiB that Cloud Run answers with
FLUSH_EVERY = 1000  # messages, so that a long crawl neither hoards memory nor loses all at its end


def _key(found: AudioFound) -> str:
    """What two links to one recording share: its identity without the scheme."""
    return (found.identity_url or found.source_url).partition("://")[2]


class Topic(Protocol):
    """Destination of links; `flush` returns when all have been accepted, or raises ComeAgain."""

    def publish(self, found: AudioFound) -> None: ...
    def flush(self) -> None: ...


class NotAccepted(ComeAgain):
    """Published links were not accepted; their source is not at fault."""


class AudioFoundPublisher:
    """Publishes until the limit is reached; counts in the report."""

    def __init__(
        self, request: CrawlRequest, report: CrawlReport, topic: Topic, links_per_host: LinksPerHost | None = None
    ) -> None:
        self.request, self.report, self.topic, self.links_per_host = request, report, topic, links_per_host
        self.patterns = Patterns(request.include, request.exclude)
        self._published = RecentlySeen()

    @property
    def is_full(self) -> bool:
        """The limit is reached."""
        return self.report.published >= self.request.limit

    def flush(self) -> None:
        """Wait until everything published has been accepted.

        Raises:
            NotAccepted: it was not.
        """
        try:
            self.topic.flush()
        except ComeAgain as error:
            raise NotAccepted(str(error)) from error

    def offer(self, found: AudioFound, signals: Sequence[Signal] = ()) -> None:
        """Publish a link, unless it was published recently, is excluded by the patterns, or exceeds the limit.

        Memory is bounded although lists may have millions of lines: a link that is repeated after a hundred thousand
        others is published again, which costs a message and changes nothing.

        Args:
            signals: the owner's preferences found in its document.
        """
        self.report.links_found += 1
        if not self.patterns.wants(found.source_url) or not self._published.is_new(_key(found)):
            return
        if self.is_full:
            self.report.stopped_by = "limit"
            return
        if self._is_beyond_its_host(found):
            return
        signals = [*from_evidence(found.consent), *signals]
        self.topic.publish(
            found.model_copy(
                update={
                    "found_at": now(),
                    "traceparent": self.request.traceparent,
                    "license": found.license or UNKNOWN,
                    "consent": evidence(signals),
                }
            )
        )
        self.report.published += 1
        if len(self.report.recordings) < MOST_NAMED:
            self.report.recordings.append(found.audio_id)
        if self.report.published % FLUSH_EVERY == 0:
            self.flush()

    def _is_beyond_its_host(self, found: AudioFound) -> bool:
        if self.links_per_host is None:
            return False
        name = host(found.source_url)
        error = self.links_per_host.add(name)
        if error is None:
            return False
        if self.links_per_host.is_first_beyond(name):
            self.report.refuse(found.source_url, error)
        else:
            self.report.refusals += 1
        return True
