"""When a round begins. Each row's message is also delivered by push, and that delivery is what starts a round.

A delivery is acknowledged only after a round that began later than it came, or while another delivery waits for such a
round, which then is not acknowledged itself. So whatever process dies, a delivery is left that comes again.
"""

import logging
import os
import time
from collections.abc import Callable
from threading import Lock

from earshot.committing.commit_rows import Round
from earshot.errors import ComeAgain

log = logging.getLogger("earshot.committing")

USD_PER_BYTE = 6.25 / 2**40  # BigQuery on demand: 6.25 USD for each TiB that a statement is billed for
REMEMBERED = 10_000  # acknowledged messages, the latest
EMPTY_PAUSE_S = 1.0  # between rounds that find nothing, while a dead process may have rows leased
LONGEST_WAIT_S = 300.0  # of a delivery for its round; less than the request's own timeout


class Rounds:
    """Runs one round at a time; a pause after each bounds what rounds cost in an hour."""

    def __init__(
        self,
        run: Callable[[], Round],
        *,
        usd_per_hour: float,
        gather_s: float,
        lease_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing runs yet.

        Args:
            run: one round.
            usd_per_hour: most that BigQuery's statements may cost while there is work all the time.
            gather_s: pause before each round, in which rows gather.
            lease_s: how long rows that a process had pulled when it died do not come again.
        """
        self.run = run
        self.usd_per_hour = usd_per_hour
        self.gather_s = gather_s
        self.lease_s = lease_s
        self.process = 0
        self.leases_end = 0.0
        self.clock = clock
        self.sleep = sleep
        self.state = Lock()  # of the two that follow
        self.handled: set[str] = set()
        self.done: dict[str, None] = {}
        self.awaited = Lock()
        self.running = Lock()
        self.not_before = 0.0

    def handle_delivery(self, message_id: str) -> None:
        """Return once the row of the delivery is committed, or another delivery waits for a round that commits it.

        Args:
            message_id: the same for each delivery of one message. A second one must not be acknowledged while the first
                waits: what others rely on would not come again.

        Raises:
            ComeAgain: the round failed, or cannot begin in time; or this message is being handled already.
        """
        with self.state:
            if message_id in self.done:
                return
            if message_id in self.handled:
                raise ComeAgain(f"message {message_id} is being handled already")
            if not self.awaited.acquire(blocking=False):
                self._remember(message_id)
                return  # the delivery that holds the lock waits for a round that begins after this moment
            self.handled.add(message_id)
        try:
            try:
                self._wait_for_turn()
            finally:
                self.awaited.release()
            try:
                self._run_until_empty()
            finally:
                self.running.release()
        finally:
            with self.state:
                self.handled.discard(message_id)
        with self.state:
            self._remember(message_id)

    def _remember(self, message_id: str) -> None:
        """Note an acknowledged message: a late second delivery of it would not come again, so none may rely on it."""
        self.done[message_id] = None
        while len(self.done) > REMEMBERED:
            del self.done[next(iter(self.done))]

    def _wait_for_turn(self) -> None:
        """Hold the lock `running` at the end, once it is time for a round."""
        end = self.clock() + LONGEST_WAIT_S
        if not self.running.acquire(timeout=LONGEST_WAIT_S):
            raise ComeAgain(f"another round has run for {LONGEST_WAIT_S:.0f} s")
        wait_s = max(self.gather_s, self.not_before - self.clock())
        if self.clock() + wait_s > end:
            self.running.release()
            raise ComeAgain(f"the next round begins in {wait_s:.0f} s, so that rounds cost no more than they may")
        self.sleep(wait_s)

    def _run_until_empty(self) -> None:
        """Run rounds until one finds no rows: a key's next message may come only once the last is acknowledged."""
        started = self.clock()
        if self.process != os.getpid():  # the one before may have died with rows leased
            self.process, self.leases_end = os.getpid(), started + self.lease_s
        while True:
            done = self.run()
            usd = done.billed_bytes * USD_PER_BYTE
            self.not_before = self.clock() + 3600 * usd / self.usd_per_hour
            fields = {"rows": done.rows, "rejected": done.rejected, "usd": round(usd, 6)}
            log.info("round", extra={"fields": fields | {"took_ms": round(1000 * (self.clock() - started))}})
            if self.awaited.locked():
                return  # another delivery waits for a round that begins after this one
            if done.rows == 0 and self.clock() >= self.leases_end:
                return
            pause_s = max(self.gather_s, self.not_before - self.clock(), 0.0 if done.rows else EMPTY_PAUSE_S)
            if self.clock() + pause_s - started > LONGEST_WAIT_S:
                raise ComeAgain(f"more rows may wait, and the next round begins in {pause_s:.0f} s")
            self.sleep(pause_s)
