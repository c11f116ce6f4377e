"""`make bench-stack`, first: how many MERGEs a hundred rows take and how long a row waits, by how many come at a time.

On the embedded engine, so the seconds are this machine's; the number of statements is what carries over to BigQuery.
"""

import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from earshot.adapters import google_clients
from earshot.adapters.table import Table
from earshot.local import resources
from earshot.local.processes import Processes, free_ports

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.recorded import recording

ROWS = 100
AT_A_TIME = (1, 4, 16)


class Counting(Table):
    """Counts its statements."""

    statements = 0

    def _merge(self, rows):  # type: ignore[no-untyped-def]
        self.statements += 1
        super()._merge(rows)


def main() -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as home, Processes(Path(home) / "logs") as processes:
        (port,) = free_ports(1)
        os.environ["BIGQUERY_EMULATOR_HOST"] = host = f"http://127.0.0.1:{port}"
        processes.start("bigquery", "earshot.local.bigquery_emulator", "--port", port).wait(f"{host}/healthz")
        client = google_clients.bigquery("bench")
        print(f"{ROWS} rows of {len(Table(client, 'd', 'audio_metadata', schema='audio_metadata').columns)} columns")
        print("at a time   MERGEs   MERGEs without group commit   median wait   slowest   rows/s")
        for number, at_a_time in enumerate(AT_A_TIME):
            resources.make_tables("bench", f"d{number}")
            table = Counting(client, f"d{number}", "audio_metadata", schema="audio_metadata")
            waits: list[float] = []

            def keep(n: int) -> None:
                began = time.monotonic()
                table.upsert(recording(f"{n}.wav"))  # noqa: B023
                waits.append(time.monotonic() - began)  # noqa: B023

            keep(-1)  # the engine's first statement on a table takes longer
            table.statements = 0
            waits.clear()
            began = time.monotonic()
            with ThreadPoolExecutor(at_a_time) as pool:
                list(pool.map(keep, range(ROWS)))
            took_s = time.monotonic() - began
            print(
                f"{at_a_time:9d}   {table.statements:6d}   {ROWS:27d}   {statistics.median(waits):9.2f} s"
                f"   {max(waits):5.2f} s   {ROWS / took_s:6.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
