"""The web: a URL in, an answer whose bytes can be read in blocks out, within limits of address, time, size.

200 and other 2xx, 304 to a conditional request   an answer
404, 410                                          SourceGone
408, 425, 429, 5xx, any fault on the way          ComeAgain, with the seconds that Retry-After asked for
any other status                                  SourceRefuses
a host name that does not exist                   HostUnknown: resolvers that are only busy say so differently
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol, Self

import requests
import urllib3

from earshot.adapters.addresses import Resolver, system_resolver
from earshot.adapters.connections import CheckedTransport, Deadline
from earshot.errors import ComeAgain, SourceGone, SourceRefuses, TlsUntrusted, TooLarge, TooManyRedirects
from earshot.urls import canonical

BLOCK_BYTES = 64 * 1024
REDIRECTS = (301, 302, 303, 307, 308)
GONE = (404, 410)
LATER = (408, 425, 429)
MAX_WAIT_S = 86_400.0  # a Retry-After beyond a day is read as a day


class Told(Protocol):
    """What a room's settings say about asking the web."""

    @property
    def user_agent(self) -> str: ...
    @property
    def connect_timeout_s(self) -> float: ...
    @property
    def read_timeout_s(self) -> float: ...
    @property
    def max_redirects(self) -> int: ...
    @property
    def allow_private_addresses(self) -> bool: ...


class Answer:
    """What a URL answered; its bytes are still on the way."""

    def __init__(
        self, url: str, response: requests.Response, deadline: Deadline, max_bytes: int, hops: list[str]
    ) -> None:
        self.url = url
        """Canonical URL that answered, after redirects."""
        self.hops = hops
        """URLs asked, in order; the last is `url`."""
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        """By name in any case; repeated ones joined by ", "."""
        self._response, self._deadline, self._max_bytes = response, deadline, max_bytes

    def blocks(self) -> Iterator[bytes]:
        """The content, with any Content-Encoding undone, in blocks of at most 64 KiB; can be read once.

        Raises:
            TooLarge: more than `max_bytes`, counted after decoding.
            ComeAgain: the connection broke, the time is over, or fewer bytes came than were announced.
        """
        counted = 0
        raw = self._response.raw
        while True:
            try:
                block = raw.read1(BLOCK_BYTES, decode_content=True)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise ComeAgain(f"{self.url} broke off after {counted} bytes: {error}") from error
            if self._deadline.left_s() < 0:
                raise ComeAgain(f"{self.url} had sent {counted} bytes when its time was over")
            if not block:
                return
            counted += len(block)
            if counted > self._max_bytes:
                raise TooLarge(f"{self.url} is over {self._max_bytes} bytes")
            yield block

    def content(self) -> bytes:
        """All of it, for pages; raises as `blocks` does."""
        return b"".join(self.blocks())


class _OneAnswer(requests.Session):
    """Never looks where an answer redirects to: `requests` would read the whole body of it, however large."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - the signature is theirs
        return None


class Web:
    """Asks the web; may be shared by threads."""

    def __init__(
        self,
        *,
        user_agent: str,
        connect_timeout_s: float = 10.0,
        read_timeout_s: float = 30.0,
        max_redirects: int = 5,
        allow_private_addresses: bool = False,
        resolve: Resolver = system_resolver,
    ) -> None:
        self.timeout_s = (connect_timeout_s, read_timeout_s)
        self.max_redirects = max_redirects
        self.session = _OneAnswer()
        self.session.trust_env = False  # a proxy would connect past our check; .netrc holds passwords
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # none kept, none sent
        self.session.headers.update({"User-Agent": user_agent, "Accept": "*/*"})
        transport = CheckedTransport(resolve=resolve, private=allow_private_addresses)
        self.session.mount("http://", transport)
        self.session.mount("https://", transport)

    @classmethod
    def told(cls, settings: Told) -> Self:
        """Built from a room's settings."""
        return cls(
            user_agent=settings.user_agent,
            connect_timeout_s=settings.connect_timeout_s,
            read_timeout_s=settings.read_timeout_s,
            max_redirects=settings.max_redirects,
            allow_private_addresses=settings.allow_private_addresses,
        )

    @contextmanager
    def fetch(
        self,
        url: str,
        *,
        max_bytes: int,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
        before_hop: Callable[[str], None] | None = None,
    ) -> Iterator[Answer]:
        """Ask for a URL, following redirects.

        Args:
            max_bytes: most bytes of content.
            timeout_s: for everything together, redirects and the reading of all blocks included.
            headers: sent with each hop; the default asks for bytes as they are (`Accept-Encoding: identity`).
            before_hop: told each URL before it is asked; what it raises ends the fetch.

        Raises:
            BadUrl, ForbiddenAddress, HostUnknown, TlsUntrusted, SourceGone, SourceRefuses, TooManyRedirects,
            TooLarge: never better on another try.
            ComeAgain: may be.
        """
        asked = {"Accept-Encoding": "identity", **(headers or {})}
        deadline = Deadline(timeout_s)
        hops: list[str] = []
        with deadline.running():
            target: str | None = canonical(url)
            while target is not None:
                if target in hops or len(hops) > self.max_redirects:
                    raise TooManyRedirects(f"{url} redirects {len(hops)} times, last to {target}")
                hops.append(target)
                if before_hop:
                    before_hop(target)
                response = self._ask(target, asked, deadline)
                with response:
                    target = _redirect(response, target)
                    if target is None:
                        _settle(response, hops[-1], asked)
                        _check_length(response, hops[-1], max_bytes)
                        yield Answer(hops[-1], response, deadline, max_bytes, hops)

    def _ask(self, url: str, headers: Mapping[str, str], deadline: Deadline) -> requests.Response:
        try:
            return self.session.get(url, headers=headers, stream=True, allow_redirects=False, timeout=self.timeout_s)
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise TlsUntrusted(f"{url}: {error}") from error
            raise ComeAgain(f"{url}: {error}") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            late = " (its time was over)" if deadline.left_s() < 0 else ""
            raise ComeAgain(f"{url}{late}: {error}") from error


def retry_after_s(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, from either of its forms; None without a readable one."""
    if not value:
        return None
    try:
        seconds = float(value) if value.strip().isdigit() else _seconds_until(value)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_WAIT_S)


def _seconds_until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()


def _redirect(response: requests.Response, url: str) -> str | None:
    location = response.headers.get("Location")
    if response.status_code not in REDIRECTS or location is None:
        return None
    # requests hands headers over as latin-1; sites send UTF-8 in Location all the same
    return canonical(location.encode("latin-1", "ignore").decode("utf-8", "replace"), base=url)


def _settle(response: requests.Response, url: str, asked: Mapping[str, str]) -> None:
    status = response.status_code
    conditional = any(name.lower() in ("if-none-match", "if-modified-since") for name in asked)
    if 200 <= status < 300 or (status == 304 and conditional):
        return
    if status in GONE:
        raise SourceGone(f"{url} answers {status}", final_url=url, http_status=status)
    if status in LATER or status >= 500:
        wait_s = retry_after_s(response.headers.get("Retry-After"))
        raise ComeAgain(f"{url} answers {status}", retry_after_s=wait_s)
    raise SourceRefuses(f"{url} answers {status}", final_url=url, http_status=status)


def _check_length(response: requests.Response, url: str, max_bytes: int) -> None:
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise TooLarge(f"{url} is {announced} bytes, limit is {max_bytes}")
