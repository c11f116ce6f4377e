"""`make bench-stack`, second: from links to rows through the whole local stack, clips of 5 s, a hundred and a thousand.

Prints files per second from the first link to the last row, and how long each hundred took: the time that a file takes
must not grow with the table.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from earshot.adapters import google_clients
from earshot.adapters.audio_found_topic import Topic
from earshot.audio import AudioFound
from earshot.local.stack import running

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench.process_costs import cpu_by_name, folder_bytes, memory_bytes
from tests.chaos.sources import Sources
from tests.sounds import encoded, tone

SECONDS = 5.0
RATE_HZ = 16_000
KINDS = ("wav", "flac", "ogg", "mp3")


def bodies(count: int) -> dict[str, bytes | None]:
    """So many clips by path; forty different sounds, for a thousand would take longer to make than to measure."""
    sounds = [
        encoded(tone(200 + 40 * n, level_dbfs=-10 - n, seconds=SECONDS, rate_hz=RATE_HZ), KINDS[n % len(KINDS)])
        for n in range(min(count, 40))
    ]
    return {f"/{n}.{KINDS[n % len(sounds) % len(KINDS)]}": sounds[n % len(sounds)] for n in range(count)}


@dataclass(frozen=True)
class Costs:
    """What a run took."""

    hundreds_s: list[float]
    """Seconds of each hundred rows, in the order in which they came."""
    cpu_s: dict[str, float]
    """Seconds of CPU time of each process, from the first link to the last row."""
    memory_bytes: list[tuple[int, int]]
    """Rows, and memory of all processes; about eight times in a run."""
    disk_bytes: list[tuple[int, int]]
    """Rows, and what the state takes on the disk."""


def measure(count: int) -> Costs:
    """Send so many links through a new stack, and return what that took when the last row is there."""
    with ExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        sources = opened.enter_context(Sources(bodies(count)))
        endpoints = opened.enter_context(running(home, allow_private_addresses=True))
        opened.enter_context(endpoints.applied())
        client = google_clients.bigquery(endpoints.project)
        topic = Topic(google_clients.publisher, endpoints.project, "audio-found")
        table = f"`{endpoints.project}.{endpoints.dataset}.audio_metadata`"
        rows, next_look = 0, count / 8
        memory: list[tuple[int, int]] = []
        disk: list[tuple[int, int]] = []
        began, before = time.time(), cpu_by_name(endpoints.pids)
        for url in sources.urls():
            topic.publish(AudioFound(source_url=url))
        topic.flush()
        while rows < count:
            time.sleep(1)
            rows = next(iter(client.query(f"SELECT COUNT(*) AS n FROM {table}").result())).n
            if rows >= next_look:
                next_look = rows + count / 8
                memory.append((rows, sum(map(memory_bytes, endpoints.pids.values()))))
                disk.append((rows, folder_bytes(home)))
        after = cpu_by_name(endpoints.pids)
        moments = [
            row.moment.timestamp()
            for row in client.query(f"SELECT analysed_at AS moment FROM {table} ORDER BY moment").result()
        ]
    ends = [began, *(moments[n - 1] for n in range(100, count + 1, 100))]
    spent = {name: after[name] - before[name] for name in after}
    return Costs([after - before for before, after in pairwise(ends)], spent, memory, disk)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[100, 1000])
    for count in parser.parse_args().counts:
        costs = measure(count)
        took_s = sum(costs.hundreds_s)
        print(f"{count} clips of {SECONDS:g} s: {took_s:.1f} s, {count / took_s:.1f} files/s", flush=True)
        by_name = sorted(costs.cpu_s.items(), key=lambda item: -item[1])
        total = sum(costs.cpu_s.values())
        print(f"  CPU s a file: {total / count:.3f}: " + ", ".join(f"{name} {s / count:.3f}" for name, s in by_name))
        print("  MiB of memory by rows: " + " ".join(f"{rows}: {size >> 20}" for rows, size in costs.memory_bytes))
        print("  MiB of disk by rows: " + " ".join(f"{rows}: {size >> 20}" for rows, size in costs.disk_bytes))
        if len(costs.hundreds_s) > 1:
            print("  seconds of each hundred: " + " ".join(f"{seconds:.1f}" for seconds in costs.hundreds_s))
            print(f"  last hundred to first: {costs.hundreds_s[-1] / costs.hundreds_s[0]:.2f}")


if __name__ == "__main__":
    main()
