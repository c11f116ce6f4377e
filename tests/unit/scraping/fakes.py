"""A web of a few pages, a topic in memory, lists in memory, and settings, for tests of the crawl."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from earshot.audio import AudioFound
from earshot.errors import ComeAgain, EarshotError, SourceGone


@dataclass
class PageResponse:
    """Response of a page."""

    body: bytes
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "text/html"})

    def content(self) -> bytes:
        return self.body

    def lines(self) -> Mapping[str, Sequence[str]]:
        return {name.lower(): [value] for name, value in self.headers.items()}


@dataclass
class FakeWeb:
    """URL to what it answers, or to the error that fetching it raises."""

    pages: Mapping[str, str | bytes | EarshotError | PageResponse]
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def fetch(self, url: str, **_: Any) -> Iterator[PageResponse]:
        self.asked.append(url)
        page = self.pages.get(url, SourceGone(f"{url} answers 404"))
        if isinstance(page, EarshotError):
            raise page
        got = (
            page if isinstance(page, PageResponse) else PageResponse(page if isinstance(page, bytes) else page.encode())
        )
        got.url = got.url or url
        yield got


@dataclass
class PublishedLinks:
    """A topic in memory: what was published, and how much of it had been accepted at the last flush."""

    found: list[AudioFound] = field(default_factory=list)
    flushed: int = 0
    breaks_at: int | None = None

    def publish(self, found: AudioFound) -> None:
        self.found.append(found)

    def flush(self) -> None:
        if self.breaks_at is not None and len(self.found) >= self.breaks_at:
            raise ComeAgain("Pub/Sub is not there")
        self.flushed = len(self.found)


@dataclass
class UrlLists:
    """Lists of URLs, by their address."""

    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def lines(self, address: str) -> Iterator[str]:
        if address not in self.texts:
            raise SourceGone(f"{address}: there is no such list")
        yield from self.texts[address]


@dataclass(frozen=True)
class ScraperSettings:
    """The scraper's settings."""

    max_page_bytes: int = 100_000
    page_timeout_s: float = 10
    max_pages: int = 100
    crawl_timeout_s: float = 600
    retention_s: float = 7 * 86_400
    seconds_per_link: float = 2
    archive_url: str = "https://archive.example/"
    freesound_url: str = "https://freesound.example/apiv2/"
    freesound_originals: bool = False
