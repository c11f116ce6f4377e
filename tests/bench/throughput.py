"""`make bench-stack`, second: from links to rows through the whole local stack, clips of 5 s, a hundred and a thousand.

Prints files per second from the first link to the last row, and how long each hundred took: the time that a file takes
must not grow with the table.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from earshot.adapters import google_clients
from earshot.adapters.audio_found_topic import Topic
from earshot.audio import AudioFound
from earshot.local.stack import running

sys.path.insert(0, str(Path(__file__).parents[2]))
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


def measure(count: int) -> tuple[float, list[float]]:
    """Seconds from the first link to the last row, and of each hundred rows in the order in which they came."""
    with ExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        sources = opened.enter_context(Sources(bodies(count)))
        endpoints = opened.enter_context(running(home, allow_private_addresses=True))
        opened.enter_context(endpoints.applied())
        client = google_clients.bigquery(endpoints.project)
        topic = Topic(google_clients.publisher, endpoints.project, "audio-found")
        table = f"`{endpoints.project}.{endpoints.dataset}.audio_metadata`"
        began = time.time()
        for url in sources.urls():
            topic.publish(AudioFound(source_url=url))
        topic.flush()
        while True:
            rows = next(iter(client.query(f"SELECT COUNT(*) AS n FROM {table}").result())).n
            if rows >= count:
                break
            time.sleep(1)
        moments = [
            row.moment.timestamp()
            for row in client.query(f"SELECT analysed_at AS moment FROM {table} ORDER BY moment").result()
        ]
    ends = [began, *(moments[n - 1] for n in range(100, count + 1, 100))]
    return moments[-1] - began, [after - before for before, after in pairwise(ends)]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[100, 1000])
    for count in parser.parse_args().counts:
        took_s, hundreds = measure(count)
        print(f"{count} clips of {SECONDS:g} s: {took_s:.1f} s, {count / took_s:.1f} files/s", flush=True)
        if len(hundreds) > 1:
            print("  seconds of each hundred: " + " ".join(f"{seconds:.1f}" for seconds in hundreds))
            print(f"  last hundred to first: {hundreds[-1] / hundreds[0]:.2f}")


if __name__ == "__main__":
    main()
