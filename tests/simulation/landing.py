"""Rows by Pub/Sub to one committer: files wait for a vCPU, rows for the next round, and nobody for anybody else."""

import heapq
from random import Random

from earshot.adapters.table import FEW
from earshot.committing.commit_rows import MOST_ROWS
from tests.simulation import limits
from tests.simulation.loads import Load, lognormal
from tests.simulation.report import Report

KEY_BYTES = 8  # of the column that is read to find known keys
PUSH_S = 0.3  # a message's way from one service to the next
TABLES = 2  # audio_metadata and analyses, whose statements run beside each other


def simulate(load: Load) -> Report:
    """Run the design under a load."""
    dice = Random(load.seed)
    report = Report(load)
    waiting = _measured(load, dice, report)
    position, not_before, end = 0, 0.0, 0.0
    while position < len(waiting):
        start = max(waiting[position][0] + PUSH_S + load.gather_s, not_before, end + load.gather_s)
        upto = position
        while upto < len(waiting) and waiting[upto][0] <= start and upto - position < MOST_ROWS:
            upto += 1
        batch = waiting[position:upto]
        took_s, billed = _round(load, dice, len(batch), load.table_rows + position)
        end = start + took_s
        not_before = end + 3600 * billed * limits.USD_PER_TIB / limits.TIB / load.usd_per_hour
        report.committed([end - arrival for _, arrival in batch], end)
        report.billed_bytes += billed
        report.committer_s += end - waiting[position][0]
        report.statement_at.append(start)
        position = upto
    report.pay_for_landing(end)
    return report


def _measured(load: Load, dice: Random, report: Report) -> list[tuple[float, float]]:
    """Moments at which rows are published and their files arrived: first come, first measured."""
    free = [0.0] * (load.instances * load.vcpus)
    rows, now = [], 0.0
    while (now := now + dice.expovariate(load.rows_per_s)) < load.duration_s:
        begun = max(now + PUSH_S, heapq.heappop(free))
        seconds = lognormal(dice, load.measure_median_s)
        done = begun + seconds
        report.measuring_s += seconds
        heapq.heappush(free, done)
        rows.append((done, now))
    return sorted(rows)


def _round(load: Load, dice: Random, rows: int, table_rows: int) -> tuple[float, int]:
    """Seconds and billed bytes of one round over both tables."""
    partition = load.row_bytes * table_rows // limits.PARTITIONS
    took, billed = [], 0
    for table in range(TABLES):
        seconds = lognormal(dice, load.load_median_s)
        if rows <= FEW:
            touched = len({dice.randrange(limits.PARTITIONS) for _ in range(rows)})
            steps = [touched * partition]
        else:
            known = (
                sum(dice.random() < load.known_share for _ in range(rows)) if table == 0 else 0
            )  # history only grows
            touched = len({dice.randrange(limits.PARTITIONS) for _ in range(known)})
            steps = [KEY_BYTES * table_rows] * 2 + ([touched * partition] if known else [])
        for step in steps:
            seconds += lognormal(dice, load.statement_median_s)
            billed += max(step, limits.LEAST_BYTES) + limits.LEAST_BYTES  # and the staging table
        took.append(seconds)
    return max(took), billed
