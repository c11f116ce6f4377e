"""Polite fetching: robots.txt at each hop, a pause between two requests to a host, patience when it is busy.

The signals of owners about the use of their bytes are collected on the way and come with the response.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Protocol, Self

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_any,
    stop_before_delay,
    wait_random_exponential,
)

from earshot.adapters.host_pacing import HostPacing
from earshot.adapters.ip_addresses import is_loopback
from earshot.adapters.resumed_transfer import ResumedTransfer
from earshot.adapters.robots import Robots
from earshot.adapters.streamed_response import StreamedResponse
from earshot.adapters.web import Settings as WebSettings
from earshot.adapters.web import Web
from earshot.audio import now
from earshot.consent import Respect, Signal, decide, from_headers
from earshot.errors import ComeAgain, SourceAsksToWait
from earshot.urls import host

ATTEMPTS = 4
BUSY_PAUSE_S = 60.0  # for a host that is busy and does not say how long
BACKOFF = wait_random_exponential(multiplier=1, max=30)  # seconds, full jitter


class RequestQuota(Protocol):
    """A number of requests that all instances share; `take` spends one or raises SourceAsksToWait."""

    def take(self) -> None: ...


class Settings(WebSettings, Protocol):
    """What a function's settings say about politeness."""

    @property
    def respect(self) -> Respect: ...
    @property
    def host_delay_s(self) -> float: ...
    @property
    def longest_delay_s(self) -> float: ...
    @property
    def patience_s(self) -> float: ...


class PoliteWeb:
    """Fetches as `Web` does, and as the owners wish; may be shared by threads."""

    def __init__(
        self,
        web: Web,
        *,
        respect: Respect = Respect.ALL,
        host_delay_s: float = 1.0,
        longest_delay_s: float = 60.0,
        patience_s: float = 60.0,
        holds: bool = False,
        quotas: Mapping[str, RequestQuota] | None = None,
        pace: HostPacing | None = None,
        robots: Robots | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Wrap a web.

        Args:
            web: makes the requests.
            respect: whether robots.txt is obeyed; other signals are collected for the function to decide upon.
            host_delay_s: between two requests to a host, unless its robots.txt asks for more.
            longest_delay_s: most that a robots.txt gets; the rest of a longer Crawl-delay is not waited for.
            patience_s: most seconds spent on trying again, within one fetch.
            holds: return from a fetch only when the host may be asked again, so that another instance need not know;
                and ask a host that is busy nothing for a minute at least.
            quotas: URL prefix of an API that has given us a key, to the quota of requests there; such an API is
                asked under its own terms, not under robots.txt.
            pace: the pauses of hosts, if they are shared.
            robots: the rules of sites, if they are shared.
            sleep: waits some seconds.
        """
        self.web, self.respect = web, respect
        self.host_delay_s, self.longest_delay_s, self.patience_s = host_delay_s, longest_delay_s, patience_s
        self.holds, self.quotas, self.sleep = holds, dict(quotas or {}), sleep
        self.pace = pace or HostPacing(sleep=sleep)
        self.robots = robots or Robots(web)

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        *,
        holds: bool = False,
        keys: Mapping[str, str] | None = None,
        quotas: Mapping[str, RequestQuota] | None = None,
    ) -> Self:
        """Built from a function's settings."""
        return cls(
            Web.from_settings(settings, keys),
            respect=settings.respect,
            host_delay_s=settings.host_delay_s,
            longest_delay_s=settings.longest_delay_s,
            patience_s=settings.patience_s,
            holds=holds,
            quotas=quotas,
        )

    @contextmanager
    def fetch(
        self, url: str, *, max_bytes: int, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> Iterator[ResumedTransfer]:
        """As `Web.fetch`, with `signals` on the response; a broken transfer is resumed.

        Raises:
            RobotsForbid: robots.txt disallows one of the hops.
            GiveUp, ComeAgain: as `Web.fetch`.
        """
        started = time.monotonic()

        def ask(more: Mapping[str, str], received: int) -> StreamedResponse:
            left_s = timeout_s - (time.monotonic() - started) if received else timeout_s
            signals: list[Signal] = []
            response: StreamedResponse = stack.enter_context(
                self.web.fetch(
                    url,
                    max_bytes=max_bytes - received,
                    timeout_s=left_s,
                    headers={**(headers or {}), **more},
                    before_hop=lambda hop: signals.extend(self._ready(hop)),
                )
            )
            response.signals = overridden(signals, from_headers(response.lines(), where=response.url, at=now()))
            return response

        try:
            with ExitStack() as stack:
                yield ResumedTransfer(self._patiently(ask, url), ask, sleep=self.sleep)
        finally:
            if self.holds:
                self.pace.hold(host(url))

    def _patiently(self, ask: Callable[[Mapping[str, str], int], StreamedResponse], url: str) -> StreamedResponse:
        again = Retrying(
            retry=retry_if_exception_type(ComeAgain),
            wait=_as_asked,
            stop=stop_any(stop_after_attempt(ATTEMPTS), stop_before_delay(self.patience_s)),
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return again(ask, {}, 0)
        except SourceAsksToWait as error:
            pause_s = error.retry_after_s or (BUSY_PAUSE_S if self.holds else 0.0)
            if pause_s:
                self.pace.pause(host(url), pause_s)
            raise

    def _ready(self, url: str) -> list[Signal]:
        """Return when the URL may be requested, with the signals of its site about it."""
        for prefix, quota in self.quotas.items():
            if url.startswith(prefix):
                quota.take()
                return []
        rules = self.robots.rules(url)
        signals = rules.signals(url)
        decide(signals[:1], self.respect)
        wanted_s = min(rules.delay_s(), self.longest_delay_s)
        self.pace.wait(host(url), wanted_s if is_loopback(host(url)) else max(wanted_s, self.host_delay_s))
        return signals


def overridden(of_site: list[Signal], of_response: list[Signal]) -> list[Signal]:
    """All signals; a TDM header is about its own resource, so it overrides the site's tdmrep.json, as TDMRep says."""
    if any(one.signal == "tdm-reservation" for one in of_response):
        of_site = [replace(one, denies=False) if one.signal == "tdm-reservation" else one for one in of_site]
    return list(dict.fromkeys([*of_site, *of_response]))


def _as_asked(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked_s = error.retry_after_s if isinstance(error, ComeAgain) else None
    return asked_s if asked_s is not None else float(BACKOFF(state))
