"""What every request passes: the host and the origin it names, who asks, how often, and the headers of its answer.

An ASGI middleware rather than one of HTTP alone, so that a WebSocket passes it too.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from earshot.errors import ComeAgain, NotAllowed

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_REMEMBERED = 10_000  # persons and addresses whose changes are counted
MINUTE_S = 60.0
HEALTH = "/health"
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:;"
    " media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
}


class Guard:
    """Wraps the application; refused requests do not reach it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        identity: Callable[[Mapping[str, str]], str],
        hosts: str,
        changes_per_minute: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`hosts` are names without ports, separated by commas; empty admits any."""
        self._app, self._identity, self._clock = app, identity, clock
        self._hosts = frozenset(filter(None, hosts.split(",")))
        self._most = changes_per_minute
        self._changes: OrderedDict[str, list[float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket") or scope["path"] == HEALTH:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE
        status, why = self._refused(headers, changes)
        if not status:
            try:
                scope["state"] = scope.get("state", {}) | {"person": self._identity(headers)}
            except NotAllowed as error:
                status, why = 403, str(error)
            except ComeAgain:
                status, why = 503, "who asks cannot be verified just now"
        if not status and changes and self._too_often(scope):
            status, why = 429, "too many changes in a minute; wait one"
        if status:
            await self._refuse(status, why, scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope["state"]["nonce"] = nonce

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
                answer.setdefault("content-security-policy", POLICY.format(nonce=nonce))
                answer.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, sent)

    def _refused(self, headers: Headers, changes: bool) -> tuple[int, str]:
        host = headers.get("host", "")
        if self._hosts and host_name(host) not in self._hosts:
            return 421, "this page is not reached under that host name"
        origin = headers.get("origin")
        if changes and (origin is None or urlsplit(origin).netloc.lower() != host.lower()):
            return 403, "a change comes from this page only: the Origin of the request is another"
        return 0, ""

    def _too_often(self, scope: Scope) -> bool:
        now = self._clock()
        client = scope.get("client") or ("", 0)
        who = f"{scope['state']['person']} {client[0]}"
        recent = [moment for moment in self._changes.get(who, []) if now - moment < MINUTE_S]
        self._changes[who] = [*recent, now][-self._most - 1 :]
        self._changes.move_to_end(who)
        while len(self._changes) > MOST_REMEMBERED:
            self._changes.popitem(last=False)
        return len(recent) >= self._most

    async def _refuse(self, status: int, why: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": why[:120]})
            return
        await PlainTextResponse(why + "\n", status, headers={"x-content-type-options": "nosniff"})(scope, receive, send)


def host_name(host: str) -> str:
    """`127.0.0.1:8080` -> `127.0.0.1`, `[::1]:80` -> `[::1]`."""
    return host.lower().rsplit("]", 1)[0] + "]" if host.startswith("[") else host.lower().split(":")[0]


def person(request: Any) -> str:
    """Who asks, as verified."""
    return str(request.state.person)
