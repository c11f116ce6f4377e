"""The pace of requests to each host: a host in, a wait out.

Within a process each request to a host takes the next free moment. Over all instances the ordering key lets one
delivery for a host be out at a time; `hold` delays the end of that delivery until the host may be asked again.
"""

import threading
import time
from collections.abc import Callable

from earshot.errors import SourceAsksToWait

REMEMBERED = 10_000  # hosts; those whose moment has passed are forgotten beyond that


class HostPacing:
    """The next free moment of each host; may be shared by threads."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self._free_at: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, delay_s: float) -> None:
        """Sleep until the host may be asked, and reserve it for `delay_s` seconds from then.

        Raises:
            SourceAsksToWait: the host has asked for a pause, which is not over.
        """
        with self._lock:
            moment = self.clock()
            left_s = self._paused_until.get(host, moment) - moment
            if left_s > 0:
                raise SourceAsksToWait(f"{host} has asked for a pause, {left_s:.0f} s more", retry_after_s=left_s)
            turn = max(moment, self._free_at.get(host, moment))
            self._free_at[host] = turn + delay_s
            self._forget(moment)
        if turn > moment:
            self.sleep(turn - moment)

    def pause(self, host: str, seconds: float) -> None:
        """Ask the host nothing for so long, as it has asked (Retry-After)."""
        with self._lock:
            self._paused_until[host] = max(self._paused_until.get(host, 0.0), self.clock() + seconds)

    def hold(self, host: str) -> None:
        """Sleep until the host may be asked again, without reserving it."""
        with self._lock:
            left_s = self._free_at.get(host, 0.0) - self.clock()
        if left_s > 0:
            self.sleep(left_s)

    def _forget(self, moment: float) -> None:
        for known in (self._free_at, self._paused_until):
            if len(known) > REMEMBERED:
                for host in [host for host, at in known.items() if at < moment]:
                    del known[host]
