"""The web: a URL in, a response whose bytes can be read in blocks out, within limits of address, port, time, size.

200 and other 2xx, 304 to a conditional request   a response
404, 410                                          SourceGone
408, 425, 429, 503, any 5xx with a Retry-After    SourceAsksToWait, with the seconds that Retry-After asked for
any other 5xx, any fault on the way               SourceFails
any other status                                  SourceRefuses
a host name that does not exist                   HostUnknown; a resolver that fails to answer is a SourceFails
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol, Self

import requests
import urllib3

from earshot.adapters.blocked_ports import check_port
from earshot.adapters.checked_connections import CheckedTransport, Deadline
from earshot.adapters.cookies import FetchCookies
from earshot.adapters.ip_addresses import Resolver, system_resolver
from earshot.adapters.streamed_response import SLOW_START_S, StreamedResponse
from earshot.errors import (
    SourceAsksToWait,
    SourceFails,
    SourceGone,
    SourceRefuses,
    TlsUntrusted,
    TooLarge,
    TooManyRedirects,
)
from earshot.urls import canonical

REDIRECTS = (301, 302, 303, 307, 308)
GONE = (404, 410)
LATER = (408, 425, 429, 503)
DIGITS = 19  # of a length in bytes; Python refuses to read numbers of more than 4300
RETRY_AFTER_CHARACTERS = 100  # of which the longest form has 35
MAX_WAIT_S = 86_400.0  # a Retry-After beyond a day is read as a day


class Settings(Protocol):
    """What a function's settings say about requests to the web."""

    @property
    def user_agent(self) -> str: ...
    @property
    def connect_timeout_s(self) -> float: ...
    @property
    def read_timeout_s(self) -> float: ...
    @property
    def max_redirects(self) -> int: ...
    @property
    def least_bytes_per_s(self) -> float: ...
    @property
    def allow_private_addresses(self) -> bool: ...


class _OneResponse(requests.Session):
    """Never looks where a response redirects to: `requests` would read the whole body of it, however large."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - the signature is theirs
        return None


class Web:
    """Fetches URLs; may be shared by threads."""

    def __init__(
        self,
        *,
        user_agent: str,
        connect_timeout_s: float = 10.0,
        read_timeout_s: float = 30.0,
        max_redirects: int = 5,
        least_bytes_per_s: float = 0.0,
        slow_start_s: float = SLOW_START_S,
        allow_private_addresses: bool = False,
        keys: Mapping[str, str] | None = None,
        resolve: Resolver = system_resolver,
    ) -> None:
        """Prepare the session; nothing is connected yet.

        Args:
            user_agent: name and contact, sent with each request.
            connect_timeout_s: for the connection, in seconds.
            read_timeout_s: between two bytes, in seconds.
            max_redirects: of one fetch.
            least_bytes_per_s: a source slower than this, in the mean since the request, is given up.
            slow_start_s: seconds before that is looked at.
            allow_private_addresses: also loopback and private networks, for local tests.
            resolve: host name and port to addresses.
            keys: URL prefix, ending in a slash, to the Authorization header sent there and nowhere else.
        """
        self.timeout_s = (connect_timeout_s, read_timeout_s)
        self.max_redirects = max_redirects
        self.least_bytes_per_s, self.slow_start_s = least_bytes_per_s, slow_start_s
        self.keys = dict(keys or {})
        self.session = _OneResponse()
        self.session.trust_env = False  # a proxy would connect past our check; .netrc holds passwords
        self.session.cookies.set_policy(
            DefaultCookiePolicy(allowed_domains=[])
        )  # none kept, none sent; those of one fetch are apart
        self.session.headers.update({"User-Agent": user_agent, "Accept": "*/*"})
        transport = CheckedTransport(resolve=resolve, private=allow_private_addresses)
        self.session.mount("http://", transport)
        self.session.mount("https://", transport)

    @classmethod
    def from_settings(cls, settings: Settings, keys: Mapping[str, str] | None = None) -> Self:
        """Built from a function's settings."""
        return cls(
            user_agent=settings.user_agent,
            connect_timeout_s=settings.connect_timeout_s,
            read_timeout_s=settings.read_timeout_s,
            max_redirects=settings.max_redirects,
            least_bytes_per_s=settings.least_bytes_per_s,
            allow_private_addresses=settings.allow_private_addresses,
            keys=keys,
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
    ) -> Iterator[StreamedResponse]:
        """Request a URL, following redirects; cookies live for this fetch.

        Args:
            url: http or https; made canonical.
            max_bytes: most bytes of content.
            timeout_s: for everything together, redirects and the reading of all blocks included.
            headers: sent with each hop; the default asks for bytes as they are (`Accept-Encoding: identity`).
            before_hop: called with each URL before it is requested; what it raises ends the fetch, the time that it
                takes does not count.

        Raises:
            GiveUp: never better on another try: BadUrl, ForbiddenAddress, HostUnknown, TlsUntrusted, SourceGone,
                SourceRefuses, TooManyRedirects or TooLarge.
            ComeAgain: may be better later: SourceAsksToWait or SourceFails.
        """
        sent = {"Accept-Encoding": "identity", **(headers or {})}
        hops: list[str] = []
        seen: set[tuple[str, str | None]] = set()
        cookies = FetchCookies()
        target: str | None = canonical(url)
        while target is not None:
            cookie = cookies.header(target)
            if (target, cookie) in seen or len(hops) > self.max_redirects:
                raise TooManyRedirects(f"{url} redirects {len(hops)} times, last to {target}", final_url=target)
            seen.add((target, cookie))
            hops.append(target)
            check_port(target)
            if before_hop:
                before_hop(target)
            deadline = Deadline(timeout_s)
            with_cookie = sent | ({"Cookie": cookie} if cookie else {})
            with deadline.running(), self._request(target, with_cookie, deadline) as response:
                cookies.keep(response, target)
                target = _redirect(response, target)
                if target is None:
                    _raise_for_status(response, hops[-1], sent)
                    _check_length(response, hops[-1], max_bytes)
                    limits = (max_bytes, self.least_bytes_per_s, self.slow_start_s)
                    yield StreamedResponse(hops, response, deadline, *limits, with_range="Range" in sent)
            timeout_s = deadline.left_s()

    def _request(self, url: str, headers: Mapping[str, str], deadline: Deadline) -> requests.Response:
        if deadline.left_s() <= 0:
            raise SourceFails(f"{url} was not requested: the time was over")
        sent = dict(headers)
        for prefix, key in self.keys.items():
            if url.startswith(prefix):
                sent["Authorization"] = key
        try:
            return self.session.get(url, headers=sent, stream=True, allow_redirects=False, timeout=self.timeout_s)
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise TlsUntrusted(f"{url}: {error}") from error
            raise SourceFails(f"{url}: {error}") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            late = " (its time was over)" if deadline.left_s() < 0 else ""
            raise SourceFails(f"{url}{late}: {error}") from error


def retry_after_s(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, from either of its forms; None without a readable one."""
    if not value or len(value) > RETRY_AFTER_CHARACTERS:
        return None
    try:
        seconds = float(value) if value.strip().isdecimal() else _seconds_until(value)
    except (ValueError, OverflowError, TypeError, IndexError):  # what email.utils lets out
        return None
    return min(max(seconds, 0.0), MAX_WAIT_S)


def _seconds_until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()


def _redirect(response: requests.Response, url: str) -> str | None:
    location = response.headers.get("Location")
    if response.status_code not in REDIRECTS or location is None:
        return None
    octets = location.encode("latin-1", "replace")  # as http.client decodes headers
    try:
        text = octets.decode("utf-8")  # not allowed, yet common
    except UnicodeDecodeError:
        text = "".join(chr(octet) if octet < 128 else f"%{octet:02X}" for octet in octets)  # the site's own charset
    return canonical(text, base=url)


def _raise_for_status(response: requests.Response, url: str, sent: Mapping[str, str]) -> None:
    status = response.status_code
    conditional = any(name.lower() in ("if-none-match", "if-modified-since") for name in sent)
    if 200 <= status < 300 or (status == 304 and conditional):
        return
    if status in GONE:
        raise SourceGone(f"{url} answers {status}", final_url=url, http_status=status)
    if status in LATER or status >= 500:
        wait_s = retry_after_s(response.headers.get("Retry-After"))
        asks_to_wait = status in LATER or wait_s is not None
        raise (SourceAsksToWait if asks_to_wait else SourceFails)(f"{url} answers {status}", retry_after_s=wait_s)
    raise SourceRefuses(f"{url} answers {status}", final_url=url, http_status=status)


def _check_length(response: requests.Response, url: str, max_bytes: int) -> None:
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and (len(announced) > DIGITS or int(announced) > max_bytes):
        raise TooLarge(f"{url} is {announced[:DIGITS]} bytes, limit is {max_bytes}")
