"""`make bench-stack`, first: how long a commit takes, and how many statements, by how many rows are in it.

On the embedded engine, so the seconds are this machine's; the number of statements is what carries over to BigQuery.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from earshot.adapters import google_clients
from earshot.adapters.table import Table
from earshot.local import resources
from earshot.local.processes import Processes, free_ports

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.recorded import recording

ROWS = 100
AT_A_TIME = (1, 4, 16, 100)


class Counting(Table):
    """Counts its statements."""

    statements = 0

    def _run(self, name, staging, **parameters):  # type: ignore[no-untyped-def]
        self.statements += 1
        return super()._run(name, staging, **parameters)


def main() -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as home, Processes(Path(home) / "logs") as processes:
        (port,) = free_ports(1)
        os.environ["BIGQUERY_EMULATOR_HOST"] = host = f"http://127.0.0.1:{port}"
        processes.start("bigquery", "earshot.local.bigquery_emulator", "--port", port).wait(f"{host}/healthz")
        client = google_clients.bigquery("bench")
        print(f"{ROWS} rows of {len(Table(client, 'd', 'audio_metadata', schema='audio_metadata').columns)} columns")
        print("rows a commit   statements   seconds a commit   rows/s")
        for number, at_a_time in enumerate(AT_A_TIME):
            resources.make_tables("bench", f"d{number}")
            table = Counting(client, f"d{number}", "audio_metadata", schema="audio_metadata")
            table.commit([recording("first.wav")])  # the engine's first statement on a table takes longer
            table.statements = 0
            rows = [recording(f"{n}.wav") for n in range(ROWS)]
            began = time.monotonic()
            for start in range(0, ROWS, at_a_time):
                assert table.commit(rows[start : start + at_a_time]) == []
            took_s = time.monotonic() - began
            commits = -(-ROWS // at_a_time)
            print(
                f"{at_a_time:13d}   {table.statements:10d}   {took_s / commits:16.2f}   {ROWS / took_s:6.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
