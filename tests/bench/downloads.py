"""Downloads a second against a server on this machine at parallelism 1, 8 and 32, and memory by file size.

Run by `make bench-downloads`. The web is asked as the downloader asks it: robots.txt first, each hop checked, the bytes
streamed through SHA-256; the bucket is left out. Server and client are processes of their own on the same cores.
"""

import multiprocessing
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from multiprocessing.connection import Connection

from earshot.adapters.polite_web import PoliteWeb
from earshot.adapters.web import Web
from tests.sites import Site, answer

MIB = 1024 * 1024
DOWNLOADS = 200


def serve(pipe: Connection) -> None:
    """Files of 100 KB, 1 MiB and 64 MiB, until the other end speaks."""
    with Site({f"/{size}": answer(bytes(size)) for size in (100_000, MIB, 64 * MIB)}) as site:
        pipe.send(site.url("/"))
        pipe.recv()


def download(web: PoliteWeb, url: str) -> None:
    """One file, hashed on the way."""
    digest = sha256()
    with web.fetch(url, max_bytes=100 * MIB, timeout_s=120) as got:
        for block in got.blocks():
            digest.update(block)


def peak_mib(pipe: Connection, url: str) -> None:
    """Peak memory of a process that downloads one file."""
    download(made(), url)
    pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def made() -> PoliteWeb:
    """As the downloader has it, for loopback."""
    return PoliteWeb(Web(user_agent="earshot-bench", allow_private_addresses=True), host_delay_s=0)


def main() -> None:
    """Print rates and memory."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    server = spawn.Process(target=serve, args=(there,), daemon=True)
    server.start()
    base = here.recv()
    web = made()
    for parallel in (1, 8, 32):
        with ThreadPoolExecutor(parallel) as pool:
            started = time.perf_counter()
            list(pool.map(lambda _: download(web, f"{base}100000"), range(DOWNLOADS)))
            spent = time.perf_counter() - started
        print(f"{parallel:2} at a time: {DOWNLOADS / spent:4.0f} downloads of 100 kB a second")
    for size in (MIB, 64 * MIB):
        mine, theirs = spawn.Pipe()
        child = spawn.Process(target=peak_mib, args=(theirs, f"{base}{size}"))
        child.start()
        print(f"{size // MIB:2} MiB file: {mine.recv():.0f} MiB peak memory")
        child.join()
    here.send(None)


if __name__ == "__main__":
    main()
