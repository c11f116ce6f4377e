"""How many links to audio are found on the frozen carriers of tests/pages, beside the naive rule; and how fast.

Run by `make bench-discovery`. The naive rule is `a[href$=.mp3]`. Recall: found of those expected; precision: expected
of those found. Speed: the frozen carriers, one after another, one process, in CPU time.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

from earshot.audio import now
from earshot.scraping.document_types import read
from earshot.scraping.extracted_links import addresses
from earshot.scraping.html_page import tree

PAGES = Path(__file__).parents[1] / "pages"
EXPECTED = json.loads((PAGES / "expected.json").read_text())
ROUNDS = 20


def ours(content: bytes, url: str) -> set[str]:
    """All carriers, all kinds of mention."""
    extract = read(content, url=url, at=now(), max_bytes=10_000_000)
    return {found.source_url for found in extract.found}


def naive(content: bytes, url: str) -> set[str]:
    """What a first script does."""
    return set(addresses(tree(content).xpath("//a[substring(@href, string-length(@href) - 3) = '.mp3']/@href"), url))


def score(find: Callable[[bytes, str], set[str]]) -> tuple[int, int, int]:
    """Hits, expected, found."""
    hits = expected = found = 0
    for name, carrier in EXPECTED.items():
        got = find((PAGES / name).read_bytes(), carrier["url"])
        hits += len(got & {one for urls in carrier["recordings"] for one in urls})
        expected += len(carrier["recordings"])
        found += len(got)
    return hits, expected, found


def main() -> None:
    """Print both scores and the speed."""
    print(f"{len(EXPECTED)} carriers, {sum(len(one['recordings']) for one in EXPECTED.values())} links expected")
    for name, find in (("earshot", ours), ("a[href$=.mp3]", naive)):
        hits, expected, found = score(find)
        recall, precision = f"{hits / expected:.2f}", f"{hits / found:.2f}"
        print(f"{name:15} recall {recall} ({hits} of {expected}), precision {precision} ({hits} of {found})")
    frozen = [((PAGES / name).read_bytes(), one["url"]) for name, one in EXPECTED.items()]
    print(f"{rate(frozen):.0f} carriers a second and core: these, of {mean_bytes(frozen):.0f} bytes in the mean")
    page = [(archive_page(), "https://example.org/archive/")]
    found = len(ours(*page[0]))
    print(f"{rate(page):.0f} pages a second and core: an archive of {mean_bytes(page):.0f} bytes, {found} recordings")


def rate(contents: list[tuple[bytes, str]]) -> float:
    """Carriers a second of CPU time."""
    started = time.process_time()
    for _ in range(ROUNDS):
        for content, url in contents:
            ours(content, url)
    return ROUNDS * len(contents) / (time.process_time() - started)


def mean_bytes(contents: list[tuple[bytes, str]]) -> float:
    """Size of a carrier."""
    return sum(len(content) for content, _ in contents) / len(contents)


def archive_page() -> bytes:
    """A page of ordinary size: a hundred entries with a player, a download, prose and links to other pages."""
    entry = (
        '<article><h2><a href="/talks/{n}">Talk {n}</a></h2><audio src="/files/{n}.mp3"></audio>'
        '<a href="/files/{n}.flac" type="audio/flac">download</a> <a rel="license" href="https://creativecommons.org/'
        'licenses/by/4.0/">CC BY 4.0</a><p>'
        + "Some words about it. " * 30
        + '</p><a href="/people/{n}">author</a></article>'
    )
    body = "".join(entry.format(n=number) for number in range(100))
    return f"<!doctype html><html lang=en><title>Archive</title><main>{body}</main></html>".encode()


if __name__ == "__main__":
    main()
