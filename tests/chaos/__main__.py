"""`make chaos`: the same work without faults and under several seeds of them; prints what struck and what differs."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from earshot.local.processes import Processes, free_ports
from tests.chaos.compare import differing
from tests.chaos.corpus import corpus
from tests.chaos.plan import RATES, Plan
from tests.chaos.scenario import Tables, scenario
from tests.chaos.sources import Sources
from tests.chaos.stack_under_faults import TABLES, StackUnderFaults

LEAST = 4  # times that each kind must strike in each seed, on average
LEAST_DELIVERIES = 200  # of each seed


def main() -> int:
    """Run, print, and exit with 1 if anything differs or any kind of fault was not seen often enough."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--links", type=int, default=70)
    parser.add_argument("--by-hand", type=int, default=12)
    arguments = parser.parse_args()
    given = corpus(arguments.links, arguments.by_hand)
    started = time.monotonic()
    plans = [Plan(seed) for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds)]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="chaos-") as home, Processes(Path(home) / "logs") as processes:
        (port,) = free_ports(1)
        bigquery = f"http://127.0.0.1:{port}"
        processes.start("bigquery", "earshot.local.bigquery_emulator", "--port", port).wait(f"{bigquery}/healthz")
        with Sources(given.web) as sources, StackUnderFaults(Path(home), bigquery).open() as stack:
            expected = scenario(stack, sources, given, calm := Plan(None))
            _say(
                f"without faults: {_counts(expected)}, {calm.deliveries} deliveries, {time.monotonic() - started:.0f} s"
            )
            for plan in plans:
                began = time.monotonic()
                chaos = scenario(stack, sources, given, plan)
                differences = [line for table in TABLES for line in differing(table, expected[table], chaos[table])]
                wrong += len(differences)
                _say(
                    f"seed {plan.seed}: {_counts(chaos)}, {plan.deliveries} deliveries, {plan.struck.total()} faults,"
                    f" {len(differences)} differing rows, {time.monotonic() - began:.0f} s"
                )
                for line in differences[:50]:
                    _say(f"    {line}")
    rare = _print_faults(plans)
    few = [plan.seed for plan in plans if plan.deliveries < LEAST_DELIVERIES]
    _say(f"\n{wrong} differing rows over {len(plans)} seeds; {time.monotonic() - started:.0f} s")
    if rare:
        _say(f"struck fewer than {LEAST * len(plans)} times: {', '.join(rare)}")
    if few:
        _say(f"fewer than {LEAST_DELIVERIES} deliveries: seeds {few}")
    return 1 if wrong or rare or few else 0


def _print_faults(plans: list[Plan]) -> list[str]:
    struck = sum((plan.struck for plan in plans), Counter())
    seen = sum((plan.seen for plan in plans), Counter())
    _say("\nfaults injected:")
    for kind in RATES:
        _say(f"  {struck[kind]:5d}  {kind}")
    _say("what followed from them:")
    for kind, count in sorted(seen.items()):
        _say(f"  {count:5d}  {kind}")
    return [kind for kind in RATES if struck[kind] < LEAST * len(plans)]


def _counts(tables: Tables) -> str:
    return ", ".join(f"{len(rows)} {table}" for table, rows in tables.items())


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
