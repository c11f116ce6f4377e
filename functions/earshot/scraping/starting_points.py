"""Sources of a crawl (URL lists, searches, documents), each as a name and an iterator over its links."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from earshot.audio import AudioFound, now
from earshot.consent import Signal, for_links, from_headers
from earshot.errors import BadUrl, EarshotError, GiveUp, Unreadable
from earshot.scraping import freesound
from earshot.scraping.candidates import Candidate
from earshot.scraping.crawl_request import CrawlReport, CrawlRequest
from earshot.scraping.document_types import may_hold_links, read
from earshot.scraping.extracted_links import Extract
from earshot.scraping.frontier import Frontier, Step
from earshot.scraping.link_headers import licence_in_link
from earshot.scraping.media_types import is_audio_type, media_type
from earshot.scraping.renditions import recordings
from earshot.scraping.url_patterns import Patterns
from earshot.urls import canonical, without_credentials

log = logging.getLogger("earshot.scraping")

ACCEPTED = {
    "Accept-Encoding": "gzip",
    "Accept": "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,*/*;q=0.5",
}

Links = Iterator[tuple[AudioFound, Sequence[Signal]]]
"""Links to audio, each with the owner's preferences found in its document."""


class Answer(Protocol):
    """A response; `content` and `lines` (header name to its lines) may be read once."""

    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def lines(self) -> Mapping[str, Sequence[str]]: ...
    def content(self) -> bytes: ...


class Web(Protocol):
    """HTTP client that obeys robots.txt and rate limits.

    A 404 is a SourceGone, a 503 a ComeAgain, what robots.txt disallows a RobotsForbid.
    """

    def fetch(
        self, url: str, *, max_bytes: int, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Answer]: ...


class UrlListReader(Protocol):
    """Opens a list of URLs, however long; raises GiveUp or ComeAgain where there is none."""

    def lines(self, address: str) -> Iterator[str]: ...


class Settings(Protocol):
    """Settings of the scraper."""

    @property
    def max_page_bytes(self) -> int: ...
    @property
    def page_timeout_s(self) -> float: ...
    @property
    def max_pages(self) -> int: ...
    @property
    def crawl_timeout_s(self) -> float: ...
    @property
    def retention_s(self) -> float: ...
    @property
    def seconds_per_link(self) -> float: ...
    @property
    def archive_url(self) -> str: ...
    @property
    def freesound_url(self) -> str: ...
    @property
    def freesound_originals(self) -> bool: ...


def from_lists(request: CrawlRequest, report: CrawlReport, lists: UrlListReader) -> Iterator[tuple[str, Links]]:
    """Each line that is neither empty nor a comment is taken for a link to audio."""
    for address in request.lists:
        yield address, _lines(address, report, lists)


def from_searches(request: CrawlRequest, web: Web, settings: Settings) -> Iterator[tuple[str, Links]]:
    """The sounds of each Freesound search."""
    for search in request.freesound:
        sounds = freesound.search(
            search,
            web=web,
            api=settings.freesound_url,
            timeout_s=settings.page_timeout_s,
            originals=settings.freesound_originals,
        )
        yield f"freesound: {search.query} {search.filter}".strip(), ((sound, ()) for sound in sounds)


def from_documents(
    request: CrawlRequest, report: CrawlReport, web: Web, settings: Settings
) -> Iterator[tuple[str, Links]]:
    """Pages, feeds, sitemaps, playlists and items, and the documents they link to, breadth first."""
    frontier = Frontier(
        depth=request.depth,
        same_site=request.same_site,
        patterns=Patterns(request.include, request.exclude),
        most=settings.max_pages + 1,  # one more than is read, which shows that there is more
    )
    for document in request.documents(settings.archive_url):
        try:
            frontier.start(canonical(document))
        except BadUrl as error:
            report.refuse(document, error)
    for number, step in enumerate(frontier):
        if number >= settings.max_pages:
            report.stopped_by = "max_pages"
            return
        yield step.url, _links(step, frontier, report, web, settings)


def _lines(address: str, report: CrawlReport, lists: UrlListReader) -> Links:
    for number, line in enumerate(lists.lines(address), 1):
        words = line.split(maxsplit=1)
        if not words or words[0].startswith("#"):
            continue
        try:
            (found,) = recordings([Candidate(canonical(words[0]), "list", {})], first_position=number)
            yield found, ()
        except GiveUp as error:
            report.refuse(f"{address}: line {number}: {without_credentials(line.strip())}", error)


def _links(step: Step, frontier: Frontier, report: CrawlReport, web: Web, settings: Settings) -> Links:
    answered, extract = read_document(
        step.url, web=web, max_bytes=settings.max_page_bytes, timeout_s=settings.page_timeout_s
    )
    report.pages_read += 1
    frontier.grow(step, answered, extract)
    for passed_over in extract.left_out(answered):
        report.pass_over(passed_over)
    for found in extract.found:
        yield found, extract.signals


def read_document(url: str, *, web: Web, max_bytes: int, timeout_s: float) -> tuple[str, Extract]:
    """Fetch and read one document: the URL that answered and its links. A URL that answers audio is itself a link.

    Raises:
        GiveUp, ComeAgain: as fetching does.
        Unreadable: a parser failed on it in a way that nobody foresaw; the other documents are read all the same.
    """
    try:
        return _fetch_and_read(url, web=web, max_bytes=max_bytes, timeout_s=timeout_s)
    except EarshotError:
        raise
    except Exception as error:
        log.exception("document not readable", extra={"fields": {"url": url}})
        raise Unreadable(f"{url}: {type(error).__name__}: {error}") from error


def _fetch_and_read(url: str, *, web: Web, max_bytes: int, timeout_s: float) -> tuple[str, Extract]:
    with web.fetch(url, max_bytes=max_bytes, timeout_s=timeout_s, headers=ACCEPTED) as answer:
        declared = answer.headers.get("content-type")
        if is_audio_type(declared):
            columns = {"page_url": url, "declared_type": media_type(declared)}
            return answer.url, Extract(found=recordings([Candidate(url, "page", columns)]))
        if not may_hold_links(declared):
            return answer.url, Extract()
        at = now()
        extract = read(
            answer.content(),
            url=answer.url,
            at=at,
            max_bytes=max_bytes,
            declared=declared,
            licence=licence_in_link(answer.headers.get("link")),
        )
        extract.signals += for_links(from_headers(answer.lines(), where=answer.url, at=at))
        return answer.url, extract
