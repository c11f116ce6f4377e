"""When a round begins. Each row's message is also delivered by push, and that delivery is what starts a round.

A delivery is acknowledged only after a round that began later than it came, or while another delivery waits for such a
round, which then is not acknowledged itself. So whatever process dies, a delivery is left that comes again.
"""

import logging
import time
from collections.abc import Callable
from threading import Lock

from earshot.committing.commit_rows import Round
from earshot.errors import ComeAgain

log = logging.getLogger("earshot.committing")

USD_PER_BYTE = 6.25 / 2**40  # BigQuery on demand: 6.25 USD for each TiB that a statement is billed for
LONGEST_WAIT_S = 300.0  # of a delivery for its round; less than the request's own timeout


class Rounds:
    """Runs one round at a time; a pause after each bounds what rounds cost in an hour."""

    def __init__(
        self,
        run: Callable[[], Round],
        *,
        usd_per_hour: float,
        gather_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing runs yet.

        Args:
            run: one round.
            usd_per_hour: most that BigQuery's statements may cost while there is work all the time.
            gather_s: pause before each round, in which rows gather.
        """
        self.run = run
        self.usd_per_hour = usd_per_hour
        self.gather_s = gather_s
        self.clock = clock
        self.sleep = sleep
        self.awaited = Lock()
        self.running = Lock()
        self.not_before = 0.0

    def handle_delivery(self) -> None:
        """Return once the row of the delivery is committed, or another delivery waits for a round that commits it.

        Raises:
            ComeAgain: the round failed, or cannot begin in time.
        """
        if not self.awaited.acquire(blocking=False):
            return  # the delivery that holds the lock waits for a round that begins after this moment
        try:
            self._wait_for_turn()
        finally:
            self.awaited.release()
        try:
            self._run_until_empty()
        finally:
            self.running.release()

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
        while True:
            done = self.run()
            usd = done.billed_bytes * USD_PER_BYTE
            self.not_before = self.clock() + 3600 * usd / self.usd_per_hour
            fields = {"rows": done.rows, "rejected": done.rejected, "usd": round(usd, 6)}
            log.info("round", extra={"fields": fields | {"took_ms": round(1000 * (self.clock() - started))}})
            if done.rows == 0 or self.awaited.locked():
                return  # all is done, or another delivery waits for a round that begins after this one
            pause_s = max(self.gather_s, self.not_before - self.clock())
            if self.clock() + pause_s - started > LONGEST_WAIT_S:
                raise ComeAgain(f"more rows may wait, and the next round begins in {pause_s:.0f} s")
            self.sleep(pause_s)
