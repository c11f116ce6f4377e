"""Queue of the documents that a crawl has still to read: breadth first, each URL once, within its sites and depth."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from earshot.scraping.extracted_links import Extract
from earshot.scraping.url_patterns import Patterns
from earshot.urls import host


@dataclass(frozen=True)
class Step:
    """A URL to read, and its distance in links from the first ones."""

    url: str
    depth: int


class Frontier:
    """Iterates over steps; steps may be added during the iteration."""

    def __init__(self, *, depth: int, same_site: bool, patterns: Patterns, most: int) -> None:
        """Create an empty queue.

        Args:
            most: largest number of steps taken from the queue; URLs beyond it are not stored.
        """
        self.depth, self.same_site, self.patterns = depth, same_site, patterns
        self._left = most
        self._ahead: deque[Step] = deque()
        self._known: set[str] = set()
        self._sites: set[str] = set()

    def __iter__(self) -> Iterator[Step]:
        while self._ahead:
            yield self._ahead.popleft()

    def start(self, url: str) -> None:
        """Add a first URL; links to its site are followed too."""
        self._sites.add(_site(url))
        self._add([url], 0)

    def grow(self, step: Step, answered: str, extract: Extract) -> None:
        """Add what a document links to: its parts at its own depth, its pages one deeper."""
        self._known.add(answered)
        self._add(self._ours(extract.parts), step.depth)
        for url in extract.moved:
            if not self.patterns.excludes(url):
                self._sites.add(_site(url))
                self._add([url], step.depth)
        if step.depth < self.depth:
            self._add(self._ours(extract.pages), step.depth + 1)

    def _add(self, urls: Iterable[str], depth: int) -> None:
        for url in urls:
            if self._left <= 0:
                return
            if url not in self._known:
                self._left -= 1
                self._known.add(url)
                self._ahead.append(Step(url, depth))

    def _ours(self, urls: Iterable[str]) -> Iterator[str]:
        for url in urls:
            if not self.patterns.excludes(url) and (not self.same_site or _site(url) in self._sites):
                yield url


def _site(url: str) -> str:
    return host(url).removeprefix("www.")
