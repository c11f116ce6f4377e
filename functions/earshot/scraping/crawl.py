"""A crawl: pages are read, nearest first, and each distinct link to audio is handed on once.

A page that cannot be read is reported with its reason and does not stop the crawl.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from earshot.audio import AudioFound, clean, now
from earshot.errors import ComeAgain, GiveUp
from earshot.scraping.links import Extract, read_html
from earshot.scraping.media import is_audio_type, media_type
from earshot.scraping.request import CrawlReport, CrawlRequest, Refused
from earshot.urls import canonical, host

log = logging.getLogger("earshot.scraping")

PAGE_TYPES = ("text/html", "application/xhtml+xml", "")  # a server that declares nothing mostly means a page
MOST_NAMED = 10_000  # identities in a report, so that it stays far below the 32 MiB that Cloud Run answers with
FLUSH_EVERY = 1000  # messages, so that a long crawl neither hoards memory nor loses all at its end


class Answer(Protocol):
    """What a page answered."""

    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def blocks(self) -> Iterator[bytes]: ...


class Web(Protocol):
    """Asks safely; a 404 is a SourceGone, a 503 a ComeAgain."""

    def fetch(
        self, url: str, *, max_bytes: int, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Answer]: ...


class Topic(Protocol):
    """Where links go; `flush` returns when all have been accepted, or raises ComeAgain."""

    def publish(self, found: AudioFound) -> None: ...
    def flush(self) -> None: ...


def crawl(
    request: CrawlRequest,
    *,
    web: Web,
    topic: Topic,
    max_page_bytes: int,
    page_timeout_s: float,
    max_pages: int,
    progress: Callable[[CrawlReport], None] = lambda _: None,
) -> CrawlReport:
    """Read the pages asked for, and those they lead to, as far as the request goes.

    Args:
        max_pages: most pages read, whatever the request says.
        progress: told the report so far after each page.

    Raises:
        ComeAgain: a link could not be handed on. Links handed on before are harmless when handed on again.
    """
    report = CrawlReport(traceparent=request.traceparent)
    trace = {"traceparent": request.traceparent}
    known: set[str] = set()
    for page_url, extract in _pages(request, report, web, max_page_bytes, page_timeout_s, max_pages):
        fresh = [found for found in extract.found if found.source_url not in known]
        report.links_found += len(extract.found)
        for found in fresh:
            if found.source_url in known:
                continue
            if report.published == request.limit:
                report.limit_reached = True
                break
            known.add(found.source_url)
            topic.publish(found.model_copy(update={"found_at": now(), "traceparent": request.traceparent}))
            report.published += 1
            if report.published <= MOST_NAMED:
                report.recordings.append(found.audio_id)
            if report.published % FLUSH_EVERY == 0:
                topic.flush()
        log.info("page read", extra={"fields": trace | {"page_url": page_url, "links": len(extract.found)}})
        progress(report)
        if report.limit_reached:
            break
    topic.flush()
    counts = report.model_dump(include={"pages_read", "links_found", "published", "limit_reached"})
    log.info("crawled", extra={"fields": trace | counts | {"refused": len(report.refused)}})
    return report


def _pages(
    request: CrawlRequest,
    report: CrawlReport,
    web: Web,
    max_page_bytes: int,
    page_timeout_s: float,
    max_pages: int,
) -> Iterator[tuple[str, Extract]]:
    """Pages and what is on them, breadth first; refusals and counts go into the report."""
    ahead: deque[tuple[str, int]] = deque((page, 0) for page in request.pages)
    hosts = {_site(page) for page in _canonicals(request.pages)}
    asked: set[str] = set()
    while ahead:
        page, depth = ahead.popleft()
        try:
            url = canonical(page)
            if url in asked:
                continue
            if len(asked) == max_pages:
                report.limit_reached = True
                return
            asked.add(url)
            answered, extract = read(url, web=web, max_bytes=max_page_bytes, timeout_s=page_timeout_s)
        except (GiveUp, ComeAgain) as error:
            reason = error.reason if isinstance(error, GiveUp) else "come_again"
            report.refused.append(Refused(url=clean(page), reason=reason, detail=clean(str(error))))
            continue
        asked.add(answered)
        report.pages_read += 1
        yield url, extract
        if depth < request.depth:
            ahead.extend(
                (link, depth + 1)
                for link in extract.pages
                if link not in asked and (not request.same_site or _site(link) in hosts)
            )


def read(url: str, *, web: Web, max_bytes: int, timeout_s: float) -> tuple[str, Extract]:
    """The URL that answered, and what is on it; an address of audio itself is a link to audio.

    Raises:
        GiveUp, ComeAgain: as fetching does.
    """
    headers = {"Accept-Encoding": "gzip", "Accept": "text/html,application/xhtml+xml,*/*;q=0.5"}
    with web.fetch(url, max_bytes=max_bytes, timeout_s=timeout_s, headers=headers) as answer:
        declared = answer.headers.get("content-type")
        kind = media_type(declared)
        if is_audio_type(kind):
            itself = AudioFound(source_url=url, page_url=url, found_by="page", position=1, declared_type=kind)
            return answer.url, Extract(found=[itself])
        if kind not in PAGE_TYPES:
            return answer.url, Extract()
        return answer.url, read_html(b"".join(answer.blocks()), url=answer.url, charset=charset(declared))


def charset(declared: str | None) -> str | None:
    """The charset parameter of a Content-Type header."""
    for parameter in (declared or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(" \t\"'") or None
    return None


def _canonicals(pages: Iterable[str]) -> Iterator[str]:
    for page in pages:
        try:
            yield canonical(page)
        except GiveUp:
            continue


def _site(url: str) -> str:
    return host(url).removeprefix("www.")
