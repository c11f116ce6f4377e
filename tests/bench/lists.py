"""A long list of URLs through a crawl, with a topic that keeps nothing: lines a second, and peak memory by length.

Run by `make bench-discovery`. The list is a gzip file, streamed as the scraper streams one; each line is another URL.
Each length has a process of its own.
"""

import gzip
import multiprocessing
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from earshot.adapters.url_list_reader import UrlListReader
from earshot.audio import AudioFound
from earshot.scraping import CrawlRequest, crawl
from earshot.settings import Scraper

LENGTHS = (10_000, 100_000, 1_000_000)


class Nowhere:
    """A topic that discards messages; a web client and a bucket that are never used."""

    def publish(self, found: AudioFound) -> None:
        """Discard it."""

    def flush(self) -> None:
        """Nothing is pending."""

    def fetch(self, url: str, **_: object) -> None:
        """A list needs no page."""
        raise AssertionError(url)

    def __call__(self) -> None:
        """No store either."""
        raise AssertionError


@dataclass(frozen=True)
class Run:
    """What a list took."""

    lines: int
    published: int
    seconds: float
    """Of processor time."""
    peak_mib: float
    """Of the whole process, the interpreter and its imports included."""


def written(path: Path, lines: int) -> Path:
    """A list of so many different URLs of ordinary length, on a thousand hosts."""
    with gzip.open(path, "wt", compresslevel=1) as file:
        for number in range(lines):
            file.write(f"https://host{number % 1000}.example/recordings/{number:08d}/a-title-of-some-words.mp3\n")
    return path


def through(path: str, lines: int, pipe: Connection) -> None:
    """Crawl the list in this process, and send what it took."""
    nowhere = Nowhere()
    started = time.process_time()
    report = crawl(
        CrawlRequest(lists=[path], limit=10_000_000),
        web=nowhere,  # type: ignore[arg-type]
        topic=nowhere,
        lists=UrlListReader(nowhere, local=True),  # type: ignore[arg-type]
        settings=Scraper(project="bench", crawl_timeout_s=86_400),
    )
    pipe.send(Run(lines, report.published, time.process_time() - started, peak_mib()))


def peak_mib() -> float:
    """Of this program; getrusage would count the process that started it as well."""
    if sys.platform != "linux":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measured(lines: int) -> Run:
    """A list of so many lines, crawled by a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "urls.txt.gz", lines)
        child = spawn.Process(target=through, args=(str(path), lines, there))
        child.start()
        run: Run = here.recv()
        child.join()
    return run


def main() -> None:
    """Print rate and memory for each length."""
    for lines in LENGTHS:
        run = measured(lines)
        rate, peak = lines / run.seconds, run.peak_mib
        print(f"list of {lines:9,} lines: {rate:6,.0f} a second and core, {peak:4.0f} MiB peak memory")


if __name__ == "__main__":
    main()
