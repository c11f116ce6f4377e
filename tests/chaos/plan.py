"""Which fault strikes where, decided from a seed.

A decision follows from the seed, the kind of fault, what it would strike and how often that has come by: not from the
clock or the order of threads. The same seed makes the same decisions for the same requests; which requests come again
does depend on timing.
"""

from collections import Counter
from random import Random
from threading import Lock

RATES = {
    # deliveries
    "delivery twice at once": 0.05,
    "delivery late": 0.05,
    "delivery lost": 0.04,
    "acknowledgement lost": 0.05,
    # the web
    "source 429": 0.08,
    "source 500": 0.08,
    "source hangs": 0.1,
    "source cut short": 0.12,
    # Cloud Storage and BigQuery, before or after they have done what was requested
    "storage 429": 0.006,
    "storage 503 before": 0.006,
    "storage 503 after": 0.006,
    "upload done, answer lost": 0.12,
    "storage hangs up": 0.006,
    "warehouse conflict": 0.12,
    "warehouse 503 after": 0.12,
    "warehouse hangs up": 0.12,
    # the process is killed
    "killed mid-upload": 0.15,
    "killed after upload": 0.16,
    "killed after refusal": 0.6,
    "killed before load": 0.05,
    "killed after load": 0.05,
    "killed before MERGE": 0.06,
    "killed during MERGE": 0.06,
    "killed after MERGE": 0.06,
    "killed before acknowledgement": 0.05,
}
LEAST_SHARE = 0.7  # of the strikes that the rates give on average; a run of luck does not go below
MOST = 2  # times that one kind strikes one thing: whatever is tried long enough must succeed


class Plan:
    """Strikes by its rates; may be shared by threads. Without a seed it never strikes."""

    def __init__(self, seed: int | None) -> None:
        self.seed = seed
        self.struck: Counter[str] = Counter()
        self.deliveries = 0
        self.seen: Counter[str] = Counter()
        """Faults that nobody planned, but that follow from the others: a 412, a dead letter."""
        self._came: Counter[tuple[str, str]] = Counter()
        self._chances: Counter[str] = Counter()
        self._hit: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def strikes(self, kind: str, thing: str) -> bool:
        """Whether this fault strikes this thing, this time."""
        if self.seed is None:
            return False
        with self._lock:
            self._came[kind, thing] += 1
            self._chances[kind] += 1
            dice = Random(f"{self.seed} {kind} {thing} {self._came[kind, thing]}")
            is_due = self.struck[kind] < int(self._chances[kind] * RATES[kind] * LEAST_SHARE)
            if not (is_due or dice.random() < RATES[kind]) or self._hit[kind, thing] >= MOST:
                return False
            self._hit[kind, thing] += 1
            self.struck[kind] += 1
            return True

    def delay_s(self, thing: str) -> float:
        """How late something late is."""
        return Random(f"{self.seed} late {thing}").uniform(0.1, 1.0)

    def delivered(self) -> None:
        """Count a delivery."""
        with self._lock:
            self.deliveries += 1

    def saw(self, kind: str) -> None:
        """Count what followed by itself."""
        with self._lock:
            self.seen[kind] += 1
