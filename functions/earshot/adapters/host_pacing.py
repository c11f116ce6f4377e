"""Hosts are not hurried: a host in, a wait out.

Within a process each request to a host takes the next free moment. Over all instances the ordering key sees to it
that one delivery for a host is out at a time; `hold` keeps that delivery back until the host may be asked again.
"""

import threading
import time
from collections.abc import Callable

from earshot.errors import ComeAgain

REMEMBERED = 10_000  # hosts; those whose moment has passed are forgotten beyond that


class HostPacing:
    """The next moment of each host; may be shared by threads."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self._free_at: dict[str, float] = {}
        self._resting: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, delay_s: float) -> None:
        """Sleep until the host may be asked, and book it for `delay_s` from then.

        Raises:
            ComeAgain: the host has asked for rest; it is left alone until that is over.
        """
        with self._lock:
            moment = self.clock()
            rest_s = self._resting.get(host, moment) - moment
            if rest_s > 0:
                raise ComeAgain(f"{host} has asked for rest, {rest_s:.0f} s more", retry_after_s=rest_s)
            turn = max(moment, self._free_at.get(host, moment))
            self._free_at[host] = turn + delay_s
            self._forget(moment)
        if turn > moment:
            self.sleep(turn - moment)

    def rest(self, host: str, seconds: float) -> None:
        """Leave the host alone for so long: it said so (Retry-After)."""
        with self._lock:
            self._resting[host] = max(self._resting.get(host, 0.0), self.clock() + seconds)

    def hold(self, host: str) -> None:
        """Sleep until the host may be asked again, without booking it."""
        with self._lock:
            left_s = self._free_at.get(host, 0.0) - self.clock()
        if left_s > 0:
            self.sleep(left_s)

    def _forget(self, moment: float) -> None:
        for known in (self._free_at, self._resting):
            if len(known) > REMEMBERED:
                for host in [host for host, at in known.items() if at < moment]:
                    del known[host]
