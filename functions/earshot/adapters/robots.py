"""The rules of a site for robots: a URL in, the signals of its robots.txt and tdmrep.json and its delay out.

RFC 9309: one robots.txt a scheme, host and port; 2xx is obeyed, 4xx means there are no rules, 5xx and silence mean
wait; kept for at most a day (2.4); at least 500 KiB of it are read (2.5).
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from earshot.adapters.path_patterns import path_of
from earshot.adapters.robots_txt import OurRules, read
from earshot.adapters.site_preferences import Reservations, in_robots, in_tdmrep, read_tdmrep
from earshot.adapters.web import Web
from earshot.audio import now
from earshot.consent import OUR_NAME, Signal
from earshot.errors import BadUrl, ForbiddenAddress, SourceGone, SourceRefuses, TooManyRedirects
from earshot.urls import origin

READ_BYTES = 512 * 1024
KEPT_FOR = timedelta(hours=24)
KEPT_ORIGINS = 4096
KEPT_CHARS = 3 * 1024 * 1024  # of them all; what is for us takes up to some 40 times as much once parsed
NO_RULES = (SourceGone, SourceRefuses, TooManyRedirects, BadUrl, ForbiddenAddress)


@dataclass(frozen=True)
class Rules:
    """The rules of an origin, as read at a time."""

    origin: str
    robots: OurRules
    reservations: Reservations
    chars: int
    """How long its texts were."""
    at: datetime

    def signals(self, url: str) -> list[Signal]:
        """All signals about a URL; the first is always whether robots.txt allows it."""
        where = f"{self.origin}/robots.txt"
        allowed = self.robots.allows(path_of(url))
        return [
            Signal("robots.txt", "allow" if allowed else "disallow", where, self.at, denies=not allowed),
            *in_robots(self.robots, url, where=where, at=self.at),
            *in_tdmrep(self.reservations, url, where=f"{self.origin}/.well-known/tdmrep.json", at=self.at),
        ]

    def delay_s(self) -> float:
        """Seconds it wants between two requests: Crawl-delay or Request-rate; 0 if it names none."""
        return self.robots.delay_s


class Robots:
    """Keeps the rules of the origins requested last; may be shared by threads."""

    def __init__(self, web: Web, *, timeout_s: float = 20.0, kept_for: timedelta = KEPT_FOR) -> None:
        self.web = web
        self.timeout_s = timeout_s
        self.kept_for = kept_for
        self._kept: OrderedDict[str, Rules] = OrderedDict()
        self._chars = 0
        self._lock = threading.Lock()

    def rules(self, url: str) -> Rules:
        """Rules of the URL's origin, requested unless known.

        Raises:
            SourceAsksToWait, SourceFails: the origin does not say (429, 5xx, no answer), so it is not crawled now.
            HostUnknown, TlsUntrusted: there is no such origin.
        """
        site = origin(url)
        with self._lock:
            known = self._kept.get(site)
            if known and now() - known.at < self.kept_for:
                self._kept.move_to_end(site)
                return known
        robots = self._read(f"{site}/robots.txt")
        tdmrep = self._read(f"{site}/.well-known/tdmrep.json")
        fresh = Rules(site, read(robots, OUR_NAME), read_tdmrep(tdmrep), len(robots) + len(tdmrep), now())
        with self._lock:
            before = self._kept.pop(site, None)
            self._chars += fresh.chars - (before.chars if before else 0)
            self._kept[site] = fresh
            while len(self._kept) > KEPT_ORIGINS or self._chars > KEPT_CHARS:
                self._chars -= self._kept.popitem(last=False)[1].chars
        return fresh

    def _read(self, url: str) -> str:
        try:
            with self.web.fetch(url, max_bytes=1 << 40, timeout_s=self.timeout_s) as answer:
                return _start(answer.blocks()).decode("utf-8-sig", "replace")
        except NO_RULES:
            return ""


def _start(blocks: Iterator[bytes]) -> bytes:
    """The first `READ_BYTES`; no more is read."""
    start = bytearray()
    for block in blocks:
        start += block
        if len(start) >= READ_BYTES:
            break
    return bytes(start[:READ_BYTES])
