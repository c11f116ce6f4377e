"""The design before: a request measures its file, then waits until its instance has merged its row."""

import heapq
from collections import deque
from random import Random

from tests.simulation import limits
from tests.simulation.loads import Load, lognormal
from tests.simulation.report import Report

MOST_ROWS = 500
RETRY_S = 5.0  # after which a refused statement is sent again


class _Instance:
    def __init__(self) -> None:
        self.open = self.measuring = 0
        self.to_measure: deque[float] = deque()
        self.measured: list[float] = []
        self.is_merging = False


def simulate(load: Load) -> Report:
    """Run the design on a backlog that never ends: instances take a new file for each that they have done."""
    dice, report = Random(load.seed), Report(load)
    instances = [_Instance() for _ in range(load.instances)]
    events: list[tuple[float, int, str, _Instance, list[float]]] = []
    running: int = 0
    queued: deque[tuple[_Instance, list[float]]] = deque()
    count = 0

    def at(moment: float, what: str, instance: _Instance, batch: list[float]) -> None:
        nonlocal count
        count += 1
        heapq.heappush(events, (moment, count, what, instance, batch))

    def fill(now: float, instance: _Instance) -> None:
        while instance.open < load.requests:
            instance.open += 1
            instance.to_measure.append(now)
        while instance.measuring < load.vcpus and instance.to_measure:
            instance.measuring += 1
            at(now + lognormal(dice, load.measure_median_s), "measured", instance, [instance.to_measure.popleft()])

    def send(now: float, instance: _Instance, batch: list[float]) -> None:
        nonlocal running
        report.statement_at.append(now)
        if running < limits.MUTATING_AT_ONCE:
            running += 1
            at(now + lognormal(dice, load.statement_median_s), "merged", instance, batch)
        elif len(queued) < limits.MUTATING_QUEUED:
            queued.append((instance, batch))
        else:
            report.refused += 1
            at(now + RETRY_S, "send", instance, batch)

    def merge(now: float, instance: _Instance) -> None:
        if instance.measured and not instance.is_merging:
            instance.is_merging = True
            batch, instance.measured = instance.measured[:MOST_ROWS], instance.measured[MOST_ROWS:]
            send(now, instance, batch)

    for instance in instances:
        fill(0.0, instance)
    while events and events[0][0] < load.duration_s:
        now, _, what, instance, batch = heapq.heappop(events)
        if what == "measured":
            instance.measuring -= 1
            instance.measured += batch
        elif what == "send":
            send(now, instance, batch)
        else:
            running -= 1
            instance.is_merging = False
            instance.open -= len(batch)
            report.committed([now - begun for begun in batch], now)
            partition = load.row_bytes * load.table_rows // limits.PARTITIONS
            touched = len({dice.randrange(limits.PARTITIONS) for _ in batch})
            report.billed_bytes += 2 * max(limits.LEAST_BYTES, touched * partition)  # history too
            if queued:
                other, rows = queued.popleft()
                running += 1
                at(now + lognormal(dice, load.statement_median_s), "merged", other, rows)
        merge(now, instance)
        fill(now, instance)
    report.pay_for_instances(load.duration_s)
    return report
