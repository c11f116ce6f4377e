"""What a crawl has still to read: nearest first, each address once, within its sites and its depth."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from earshot.scraping.extracted_links import Extract
from earshot.scraping.url_patterns import Patterns
from earshot.urls import host


@dataclass(frozen=True)
class Step:
    """An address to read, and how many links away from the first ones it is."""

    url: str
    depth: int


class Frontier:
    """Iterates over steps; may grow meanwhile."""

    def __init__(self, *, depth: int, same_site: bool, patterns: Patterns, most: int) -> None:
        """Args:
        most: steps that will ever be asked for; what is further behind is not remembered.
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
        """A first address: its site is one of ours."""
        self._sites.add(_site(url))
        self._add([url], 0)

    def grow(self, step: Step, answered: str, extract: Extract) -> None:
        """What a step led to: its parts are as near as itself, its pages one further."""
        self._known.add(answered)
        self._add(self._ours(extract.parts), step.depth)
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
