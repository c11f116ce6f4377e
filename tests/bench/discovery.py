"""Recall, precision and identities a recording of the reader, beside a naive rule; its CPU time; hostile input.

Run by `make bench-discovery`. The pages are our own: those of tests/pages and those that tests/discovery builds as real
sites build theirs. A recording is found if one of its URLs is; an identity is one `AudioFound`; the naive rule is
`a[href$=.mp3]`. CPU time is that of one process.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import lxml.html

from earshot.audio import now
from earshot.scraping.document_types import read
from earshot.scraping.extracted_links import addresses
from earshot.scraping.html_tree import tree
from tests.discovery import broadcasters, content_systems, players, podcast_hosts, sound_archives
from tests.discovery.hostile import DOCUMENTS, cpu_s
from tests.discovery.shell import Page

PAGES = Path(__file__).parents[1] / "pages"
EXPECTED = json.loads((PAGES / "expected.json").read_text())
ROUNDS = 20
MIB = 1024 * 1024
CARD = (
    b'<article class="card mb-2"><a class="t" href="/post-%d/" title="Post"><img src="/i/%d.jpg" alt="P">'
    b"</a>"
    b'<h3 class="h"><a href="https://site.example/p/%d?ref=home">Post</a></h3>'
    b"<p>Some <em>words</em> about it.</p></article>"
)


def corpus() -> Iterator[Page]:
    """All pages with the recordings that are expected of them."""
    for name, one in EXPECTED.items():
        yield Page(name, one["url"], (PAGES / name).read_bytes(), [set(urls) for urls in one["recordings"]], "")
    for family in (content_systems, broadcasters, players, podcast_hosts, sound_archives):
        yield from family.pages()


def ours(page: Page) -> list[str]:
    """The URL of each identity that the reader publishes."""
    extract = read(page.body, url=page.url, at=now(), max_bytes=10_000_000, declared=page.declared or None)
    return [found.source_url for found in extract.found]


def naive(page: Page) -> list[str]:
    """What a first script does."""
    ends_so = "//a[substring(@href, string-length(@href) - 3) = '.mp3']/@href"
    return addresses(tree(page.body).xpath(ends_so), page.url)


def score(find: Callable[[Page], list[str]], pages: list[Page]) -> tuple[int, int, int, int]:
    """Recordings found, recordings expected, identities of a recording, identities."""
    hits = expected = right = found = 0
    for page in pages:
        got = find(page)
        wanted = set().union(*page.recordings)
        hits += sum(bool(urls & set(got)) for urls in page.recordings)
        expected += len(page.recordings)
        right += sum(url in wanted for url in got)
        found += len(got)
    return hits, expected, right, found


def multiple_of_parsing(page: Page) -> float:
    """CPU time of reading a page as a multiple of lxml's parse of it."""
    parse = _best(lambda: lxml.html.document_fromstring(page.body))
    return _best(lambda: ours(page)) / parse


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def large_pages() -> Iterator[Page]:
    """Pages of 50 to 100 kB: those of the corpus with as much around them as real ones have."""
    for page in corpus():
        if page.body.startswith(b"<!DOCTYPE html>") and b"</main>" in page.body:
            cards = b"".join(CARD % (n, n, n) for n in range(230))
            yield Page(
                page.name, page.url, page.body.replace(b"</main>", cards + b"</main>"), page.recordings, page.declared
            )


def main() -> None:
    """Print scores, speed and growth."""
    pages = list(corpus())
    print(f"{len(pages)} pages, {sum(len(page.recordings) for page in pages)} recordings expected")
    for name, find in (("earshot", ours), ("a[href$=.mp3]", naive)):
        hits, expected, right, found = score(find, pages)
        print(
            f"{name:15} recall {hits / expected:.2f} ({hits} of {expected}), precision {right / found:.2f} "
            f"({right} of {found}), {right / max(hits, 1):.2f} identities a recording"
        )
    large = list(large_pages())
    multiples = sorted(multiple_of_parsing(page) for page in large)
    size = sum(len(page.body) for page in large) / len(large)
    print(
        f"CPU of reading a page as a multiple of lxml's parse: {statistics.median(multiples):.1f} in the median, "
        f"{multiples[len(multiples) * 9 // 10]:.1f} for nine of ten, {multiples[-1]:.1f} at most, "
        f"over {len(large)} pages of {size / 1000:.0f} kB in the mean"
    )
    print("hostile documents of 64 kB, 256 kB and 1 MiB: CPU seconds a MiB, and what the last was refused")
    for name, make in DOCUMENTS.items():
        documents = [make(size) for size in (65_536, 262_144, MIB)]
        costs = " ".join(f"{cpu_s(one) * MIB / len(one):6.2f}" for one in documents)
        work = read(
            documents[-1], url="https://example.org/x/y", at=now(), max_bytes=2 * MIB, declared="text/html"
        ).work
        print(f"  {name:40} {costs} {work.unread + work.beyond:8}")


if __name__ == "__main__":
    main()
