"""Cookies of one fetch: some sites set one and redirect to the same URL, and answer only who sends it back.

They live for one fetch, go back to the site that set them, and are never stored.
"""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import Request

import requests

MAX_HEADER_CHARACTERS = 4096  # of a Set-Cookie: what browsers take of one
MAX_HEADERS = 20  # of a response


class FetchCookies:
    """The cookies that the responses of one fetch have set so far."""

    def __init__(self) -> None:
        self._jar = CookieJar(DefaultCookiePolicy(rfc2965=False, netscape=True, strict_ns_domain=strict()))

    def header(self, url: str) -> str | None:
        """The Cookie header for a request of this URL; None without any."""
        asked = Request(url)  # noqa: S310 - describes a request to the jar; nothing is opened
        self._jar.add_cookie_header(asked)
        return asked.get_header("Cookie")

    def keep(self, response: requests.Response, url: str) -> None:
        """Take over what a response sets."""
        lines = response.raw.headers.getlist("Set-Cookie")[:MAX_HEADERS]
        kept = [line for line in lines if len(line) <= MAX_HEADER_CHARACTERS]
        if kept:
            self._jar.extract_cookies(_Headers(kept), Request(url))  # type: ignore[arg-type]  # noqa: S310 - as above


class _Headers:
    """As much of a response as a CookieJar reads."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def info(self) -> "_Headers":
        return self

    def get_all(self, name: str, default: Any = None) -> Any:
        return self._lines if name.lower() == "set-cookie" else default


def strict() -> int:
    """No cookie for a whole domain of others: it must name a host of two labels or more, and its own."""
    return DefaultCookiePolicy.DomainStrictNoDots | DefaultCookiePolicy.DomainStrictNonDomain
