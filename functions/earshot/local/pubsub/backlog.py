"""Messages of one subscription: waiting, leased, due again later, or published as dead letters."""

import heapq
import itertools
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from google.pubsub_v1.types import PubsubMessage, Subscription

from earshot.local.pubsub.filters import compile_filter

ACK_DEADLINE_S = 10  # of a subscription that names none, as in the service
MAX_ATTEMPTS = 5  # before a dead letter, where the policy names no number, as in the service
BACKOFF_S = (10.0, 600.0)  # of a retry policy that leaves a bound open, as in the service
PUSH_BACKOFF_S = (0.1, 60.0)  # of a push subscription without a retry policy, as in the service


@dataclass
class Delivery:
    """A message on its way through one subscription."""

    message: PubsubMessage
    key: str
    attempt: int = 0
    not_before: float = 0.0


@dataclass(frozen=True)
class Lease:
    """A delivery that somebody holds until `deadline`, monotonic seconds."""

    ack_id: str
    delivery: Delivery
    deadline: float


Bury = Callable[[Subscription, Delivery], bool]


class Backlog:
    """Messages of one subscription. Every method expects the broker's lock to be held.

    With ordering, a key's messages leave one at a time, in the order they came, and one that fails is the
    next of its key again; keys take turns, so a long queue behind one host holds up no other.
    """

    def __init__(self, config: Subscription, bury: Bury) -> None:
        self.config = config
        self._wants = compile_filter(config.filter)
        self._bury = bury
        self._ready: deque[Delivery] = deque()
        self._later: list[tuple[float, int, Delivery]] = []
        self._tie = itertools.count()
        self._lanes: dict[str, deque[Delivery]] = {}
        self._leases: dict[str, Lease] = {}

    @property
    def size(self) -> int:
        """Messages that are not acknowledged yet, those under way included."""
        lanes = sum(len(lane) for lane in self._lanes.values())
        return len(self._ready) + len(self._later) + len(self._leases) + lanes

    def add(self, message: PubsubMessage) -> None:
        """Take a published message in, unless the filter does not want it."""
        if not self._wants(message.attributes):
            return
        key = message.ordering_key if self.config.enable_message_ordering else ""
        delivery = Delivery(message, key)
        (self._lanes.setdefault(key, deque()) if key else self._ready).append(delivery)

    def lease(self, limit: int, deadline_s: float = 0) -> list[Lease]:
        """Lease up to `limit` messages for `deadline_s` (the subscription's own deadline if 0)."""
        now = time.monotonic()
        self._expire(now)
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[2])
        taken = self._from_lanes(limit, now)
        while self._ready and len(taken) < limit:
            taken.append(self._ready.popleft())
        deadline = now + (deadline_s or self.config.ack_deadline_seconds or ACK_DEADLINE_S)
        leases = []
        for delivery in taken:
            delivery.attempt += 1
            leases.append(Lease(uuid.uuid4().hex, delivery, deadline))
        self._leases.update((lease.ack_id, lease) for lease in leases)
        return leases

    def acknowledge(self, ack_ids: Iterable[str]) -> None:
        """Forget these messages; an id whose lease ran out is ignored, and its message comes again."""
        for ack_id in ack_ids:
            self._leases.pop(ack_id, None)

    def extend(self, ack_id: str, seconds: float) -> None:
        """Let a lease end `seconds` from now; 0 gives the message back at once."""
        lease = self._leases.pop(ack_id, None)
        if lease is not None and seconds > 0:
            self._leases[ack_id] = Lease(ack_id, lease.delivery, time.monotonic() + seconds)
        elif lease is not None:
            self._again(lease.delivery)

    def held(self, ack_ids: set[str]) -> set[str]:
        """Those of the ids whose lease still runs."""
        return ack_ids & self._leases.keys()

    def due_s(self) -> float | None:
        """Seconds until a lease or a backoff ends; None if neither runs."""
        moments = [lease.deadline for lease in self._leases.values()]
        moments += [moment for moment, _, _ in self._later[:1]]
        moments += [lane[0].not_before for lane in self._lanes.values() if lane[0].not_before]
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _from_lanes(self, limit: int, now: float) -> list[Delivery]:
        busy = {lease.delivery.key for lease in self._leases.values()}
        taken: list[Delivery] = []
        for key in list(self._lanes):
            lane = self._lanes[key]
            if len(taken) >= limit or key in busy or lane[0].not_before > now:
                continue
            taken.append(lane.popleft())
            del self._lanes[key]  # and in again at the end: keys take turns
            if lane:
                self._lanes[key] = lane
        return taken

    def _expire(self, now: float) -> None:
        for lease in [lease for lease in self._leases.values() if lease.deadline <= now]:
            del self._leases[lease.ack_id]
            self._again(lease.delivery)

    def _again(self, delivery: Delivery) -> None:
        policy = self.config.dead_letter_policy
        spent = delivery.attempt >= (policy.max_delivery_attempts or MAX_ATTEMPTS)
        if policy.dead_letter_topic and spent and self._bury(self.config, delivery):
            return
        delivery.not_before = time.monotonic() + self._backoff_s(delivery.attempt)
        if delivery.key:
            self._lanes.setdefault(delivery.key, deque()).appendleft(delivery)
        else:
            heapq.heappush(self._later, (delivery.not_before, next(self._tie), delivery))

    def _backoff_s(self, attempt: int) -> float:
        if "retry_policy" in self.config:
            policy = self.config.retry_policy
            least = policy.minimum_backoff.total_seconds() if policy.minimum_backoff else BACKOFF_S[0]
            most = policy.maximum_backoff.total_seconds() if policy.maximum_backoff else BACKOFF_S[1]
        elif self.config.push_config.push_endpoint:
            least, most = PUSH_BACKOFF_S
        else:
            return 0.0
        return float(min(most, least * 2 ** min(attempt - 1, 30)))
