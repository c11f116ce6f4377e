"""Connections that only reach allowed addresses and do not outlive their deadline: a `requests` transport.

The name is resolved once, checked, and the very address that was checked is connected to, so that a resolver
which answers differently a moment later (DNS rebinding) gains nothing. Host header, SNI and certificate keep
the name.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from earshot.adapters.ip_addresses import Resolver, allowed_addresses

_CURRENT = threading.local()  # the deadline of the request that this thread is making


class Deadline:
    """A moment after which a request is over, even if bytes still arrive."""

    def __init__(self, timeout_s: float) -> None:
        self.started = time.monotonic()
        self.at = self.started + timeout_s
        self.sockets: list[socket.socket] = []
        self.timer = threading.Timer(timeout_s, self._hang_up)
        self.timer.daemon = True

    def left_s(self) -> float:
        """Seconds that remain; negative once it is over."""
        return self.at - time.monotonic()

    def taken_s(self) -> float:
        """Seconds since it was set."""
        return time.monotonic() - self.started

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch the sockets of this thread's requests; on leaving, watch them no longer."""
        outer = getattr(_CURRENT, "deadline", None)  # a robots.txt is fetched in the middle of another request
        _CURRENT.deadline = self
        self.timer.start()
        try:
            yield
        finally:
            _CURRENT.deadline = outer
            self.timer.cancel()
            self.sockets.clear()

    def _hang_up(self) -> None:
        for watched in list(self.sockets):
            try:
                socket.socket.shutdown(watched, socket.SHUT_RDWR)  # wakes the reader, which sees the end
            except OSError:
                continue  # closed already


class _Checked:
    """Mixed into urllib3's connections: resolve, check, connect to what was checked, register with the deadline."""

    resolve: Resolver
    private: bool

    def _new_conn(self: Any) -> socket.socket:
        found = allowed_addresses(self._dns_host, self.port, private=self.private, resolve=self.resolve)
        failure: OSError | None = None
        for address in found[:4]:  # a name with a hundred dead addresses would cost a hundred timeouts
            try:
                return create_connection((address, self.port), self.timeout, socket_options=self.socket_options)
            except TimeoutError as error:
                raise ConnectTimeoutError(self, f"{self.host} at {address}: no answer in time") from error
            except OSError as error:
                failure = error
        raise NewConnectionError(self, f"{self.host} at {', '.join(found[:4])}: {failure}") from failure

    def getresponse(self: Any) -> Any:
        deadline: Deadline | None = getattr(_CURRENT, "deadline", None)
        if deadline is not None and self.sock is not None:
            deadline.sockets.append(self.sock)
        return super().getresponse()  # type: ignore[misc]


class _CheckedHTTP(_Checked, HTTPConnection):
    pass


class _CheckedHTTPS(_Checked, HTTPSConnection):
    pass


class _CheckedPools(PoolManager):
    """Pools whose connections are checked; keyed by host and port, so one is reused for its host only."""

    def __init__(self, *, resolve: Resolver, private: bool, **kwargs: Any) -> None:
        self.resolve, self.private = resolve, private
        super().__init__(**kwargs)

    def _new_pool(self, scheme: str, host: str, port: int, request_context: Any = None) -> HTTPConnectionPool:
        pool = super()._new_pool(scheme, host, port, request_context)
        made = _CheckedHTTPS if scheme == "https" else _CheckedHTTP
        bound = {"resolve": staticmethod(self.resolve), "private": self.private}
        pool.ConnectionCls = type(made.__name__, (made,), bound)
        return pool


class CheckedTransport(HTTPAdapter):
    """What a `requests.Session` mounts to reach allowed addresses only.

    Raises, from within a request: ForbiddenAddress, HostUnknown, ComeAgain as `allowed_addresses` does.
    """

    def __init__(self, *, resolve: Resolver, private: bool, hosts: int = 64, per_host: int = 32) -> None:
        self.resolve, self.private = resolve, private
        super().__init__(pool_connections=hosts, pool_maxsize=per_host, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        """Called by `requests` while it builds the adapter."""
        self.poolmanager = _CheckedPools(
            resolve=self.resolve,
            private=self.private,
            num_pools=connections,
            maxsize=maxsize,
            block=block,
            **pool_kwargs,
        )
