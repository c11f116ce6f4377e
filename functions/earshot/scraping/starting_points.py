"""Where a crawl looks: lists, searches, carriers, each as a name and the links behind it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from earshot.audio import AudioFound, now
from earshot.consent import Signal, from_headers
from earshot.errors import BadUrl, GiveUp
from earshot.scraping import freesound
from earshot.scraping.crawl_request import CrawlReport, CrawlRequest
from earshot.scraping.document_types import licence_in_link, may_carry, read
from earshot.scraping.extracted_links import Extract
from earshot.scraping.frontier import Frontier, Step
from earshot.scraping.media_types import is_audio_type, media_type
from earshot.scraping.url_patterns import Patterns
from earshot.urls import canonical

ACCEPTED = {
    "Accept-Encoding": "gzip",
    "Accept": "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,*/*;q=0.5",
}

Links = Iterator[tuple[AudioFound, Sequence[Signal]]]
"""Links to audio, each with what its carrier says about the use of what it links to."""


class Answer(Protocol):
    """What a carrier answered; `content` and `lines` (header name to its lines) may be asked for once."""

    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def lines(self) -> Mapping[str, Sequence[str]]: ...
    def content(self) -> bytes: ...


class Web(Protocol):
    """Asks politely and safely; a 404 is a SourceGone, a 503 a ComeAgain, what robots.txt disallows a RobotsForbid."""

    def fetch(
        self, url: str, *, max_bytes: int, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Answer]: ...


class UrlListReader(Protocol):
    """Opens a list of URLs, however long; raises GiveUp or ComeAgain where there is none."""

    def lines(self, address: str) -> Iterator[str]: ...


class Settings(Protocol):
    """What the scraper's settings say."""

    @property
    def max_page_bytes(self) -> int: ...
    @property
    def page_timeout_s(self) -> float: ...
    @property
    def max_pages(self) -> int: ...
    @property
    def crawl_timeout_s(self) -> float: ...
    @property
    def archive_url(self) -> str: ...
    @property
    def freesound_url(self) -> str: ...
    @property
    def freesound_originals(self) -> bool: ...


def of_lists(request: CrawlRequest, report: CrawlReport, lists: UrlListReader) -> Iterator[tuple[str, Links]]:
    """Each line that is neither empty nor a comment is a link to audio: being in the list is what says so."""
    for address in request.lists:
        yield address, _lines(address, report, lists)


def of_searches(request: CrawlRequest, web: Web, told: Settings) -> Iterator[tuple[str, Links]]:
    """The sounds of each Freesound search."""
    for search in request.freesound:
        sounds = freesound.search(
            search,
            web=web,
            api=told.freesound_url,
            timeout_s=told.page_timeout_s,
            originals=told.freesound_originals,
        )
        yield f"freesound: {search.query} {search.filter}".strip(), ((sound, ()) for sound in sounds)


def of_documents(request: CrawlRequest, report: CrawlReport, web: Web, told: Settings) -> Iterator[tuple[str, Links]]:
    """Pages, feeds, sitemaps, playlists and items, and what they lead to, nearest first."""
    frontier = Frontier(
        depth=request.depth,
        same_site=request.same_site,
        patterns=Patterns(request.include, request.exclude),
        most=told.max_pages + 1,  # one more than is read, which shows that there is more
    )
    for carrier in request.carriers(told.archive_url):
        try:
            frontier.start(canonical(carrier))
        except BadUrl as error:
            report.refuse(carrier, error)
    for step in frontier:
        if report.pages_read + report.refusals >= told.max_pages:
            report.stopped_by = "max_pages"
            return
        yield step.url, _links(step, frontier, report, web, told)


def _lines(address: str, report: CrawlReport, lists: UrlListReader) -> Links:
    for number, line in enumerate(lists.lines(address), 1):
        words = line.split(maxsplit=1)
        if not words or words[0].startswith("#"):
            continue
        try:
            yield AudioFound(source_url=canonical(words[0]), found_by="list", position=number), ()
        except GiveUp as error:
            report.refuse(words[0], error)


def _links(step: Step, frontier: Frontier, report: CrawlReport, web: Web, told: Settings) -> Links:
    answered, extract = look(step.url, web=web, max_bytes=told.max_page_bytes, timeout_s=told.page_timeout_s)
    report.pages_read += 1
    frontier.grow(step, answered, extract)
    for found in extract.found:
        yield found, extract.signals


def look(url: str, *, web: Web, max_bytes: int, timeout_s: float) -> tuple[str, Extract]:
    """The URL that answered, and what is on it; an address of audio itself is a link to audio.

    Raises:
        GiveUp, ComeAgain: as fetching does.
    """
    with web.fetch(url, max_bytes=max_bytes, timeout_s=timeout_s, headers=ACCEPTED) as answer:
        declared = answer.headers.get("content-type")
        if is_audio_type(declared):
            itself = AudioFound(source_url=url, page_url=url, found_by="page", declared_type=media_type(declared))
            return answer.url, Extract(found=[itself])
        if not may_carry(declared):
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
        extract.signals += from_headers(answer.lines(), where=answer.url, at=at)
        return answer.url, extract
