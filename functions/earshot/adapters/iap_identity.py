"""Who asks: the address that Identity-Aware Proxy signed for, or the person at this machine where there is no proxy.

Source: https://cloud.google.com/iap/docs/signed-headers-howto
"""

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from earshot.errors import ComeAgain, NotAllowed

HEADER = "x-goog-iap-jwt-assertion"
KEYS = "https://www.gstatic.com/iap/verify/public_key"
ISSUER = "https://cloud.google.com/iap"
KEYS_S = 3600.0
SKEW_S = 30
ADDRESS = re.compile(r"^[^\s@\x00-\x1f]{1,100}@[^\s@\x00-\x1f]{1,98}$")

Identity = Callable[[Mapping[str, str]], str]


class Settings(Protocol):
    """What decides how people are known."""

    @property
    def iap_audience(self) -> str: ...
    @property
    def local_annotator(self) -> str: ...


def fetched_keys() -> Mapping[str, str]:
    """Google's public keys by their ids.

    Raises:
        ComeAgain: they cannot be had now.
    """
    import requests

    try:
        answer = requests.get(KEYS, timeout=10)
        answer.raise_for_status()
        keys: dict[str, str] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ComeAgain(f"{KEYS}: {error}") from error
    return keys


class SignedByProxy:
    """Reads the signed header; all other headers about persons can be forged and are not looked at."""

    def __init__(self, audience: str, keys: Callable[[], Mapping[str, str]] = fetched_keys) -> None:
        """`audience` is what the proxy of this service signs for: /projects/NUMBER/locations/REGION/services/NAME."""
        self._audience, self._fetch = audience, keys
        self._lock = threading.Lock()
        self._keys: Mapping[str, str] = {}
        self._read_at = -KEYS_S

    def __call__(self, headers: Mapping[str, str]) -> str:
        """The person's address.

        Raises:
            NotAllowed: no token, or one that is not of this proxy, for this service, and of now.
        """
        from google.auth import exceptions, jwt

        token = headers.get(HEADER, "")
        if not token:
            raise NotAllowed("this page is reached through Identity-Aware Proxy only")
        try:
            claims: Mapping[str, Any] = jwt.decode(  # type: ignore[no-untyped-call]
                token, certs=self._current_keys(), audience=self._audience, clock_skew_in_seconds=SKEW_S
            )
        except (ValueError, exceptions.GoogleAuthError) as error:
            raise NotAllowed("the token of Identity-Aware Proxy does not hold") from error
        if claims.get("iss") != ISSUER:
            raise NotAllowed("the token is not of Identity-Aware Proxy")
        email = str(claims.get("email", "")).rpartition(":")[2]  # before it, where the address is known from
        if not ADDRESS.match(email):
            raise NotAllowed("the token names nobody")
        return email

    def _current_keys(self) -> Mapping[str, str]:
        with self._lock:
            if time.monotonic() - self._read_at > KEYS_S:
                self._keys, self._read_at = self._fetch(), time.monotonic()
            return self._keys


def identity_from(settings: Settings) -> Identity:
    """By the proxy where its audience is set; else everybody is the person at this machine."""
    if settings.iap_audience:
        return SignedByProxy(settings.iap_audience)
    return lambda _headers: settings.local_annotator
