"""`make simulate`: rows a second, freshness, refused statements and price of the write path, and of the one before."""

import argparse
from dataclasses import replace

from tests.simulation import grouped, landing
from tests.simulation.loads import Load

TABLE_ROWS = (1_000_000, 10_000_000, 100_000_000)
FULL = 5_100_000 / 86_400  # rows a second: a little more than 5 million a day


def main() -> None:
    """Read the parameters, run, and print."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--rows-per-s", type=float, default=FULL, help="files that arrive in a second")
    parser.add_argument("--instances", type=int, default=Load.instances, help="of the analyser, with 2 vCPUs each")
    parser.add_argument("--known-share", type=float, default=Load.known_share, help="of rows that update a row")
    parser.add_argument("--statement-s", type=float, default=Load.statement_median_s, help="median of a statement")
    parser.add_argument("--usd-per-hour", type=float, default=Load.usd_per_hour, help="EARSHOT_STATEMENTS_USD_PER_HOUR")
    parser.add_argument("--duration-s", type=float, default=Load.duration_s)
    given = parser.parse_args()
    load = Load(
        rows_per_s=given.rows_per_s,
        instances=given.instances,
        known_share=given.known_share,
        statement_median_s=given.statement_s,
        usd_per_hour=given.usd_per_hour,
        duration_s=given.duration_s,
    )
    print(f"{'':34} rows/s    a day     p50     p95     p99    refused   BigQuery  Cloud Run (USD a million rows)")
    for rows in TABLE_ROWS:
        sized = replace(load, table_rows=rows)
        _print(f"full load, {rows // 10**6} M in the table", landing.simulate(sized).line())
    for share in (0.01, 1.0):
        sized = replace(load, table_rows=TABLE_ROWS[-1], known_share=share)
        _print(f"full load, {share:.0%} known, 100 M", landing.simulate(sized).line())
    for rows in TABLE_ROWS:
        sized = replace(load, table_rows=rows, rows_per_s=1 / 300, duration_s=100 * 300)
        _print(f"a file every 5 minutes, {rows // 10**6} M", landing.simulate(sized).line())
    print("before: each instance merges its own rows; a closed backlog")
    for instances, requests in ((10, 4), (3, 4), (10, 16), (10, 80), (30, 80)):
        sized = replace(load, table_rows=10_000_000, instances=instances, requests=requests)
        _print(f"{instances} instances of {requests} requests, 10 M", grouped.simulate(sized).line())


def _print(name: str, line: str) -> None:
    print(f"{name:33}{line}", flush=True)


if __name__ == "__main__":
    main()
