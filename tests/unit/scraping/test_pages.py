"""Pages of our own making, in tests/pages and as tests/discovery builds them, hold what is expected and no more."""

import pytest

from earshot.audio import now
from earshot.scraping.document_types import read
from tests.bench.discovery import EXPECTED, PAGES, corpus, ours, score
from tests.discovery.shell import Page

CORPUS = list(corpus())


@pytest.mark.parametrize("page", CORPUS, ids=lambda page: page.name)
def test_a_page_holds_the_recordings_that_are_expected(page: Page) -> None:
    extract = read(page.body, url=page.url, at=now(), max_bytes=1_000_000, declared=page.declared or None)
    found = [{one.url for one in recording.renditions()} for recording in extract.found]
    assert len(found) == len(page.recordings)
    assert all(any(one <= expected for expected in page.recordings) for one in found)


def test_the_bars_of_recall_precision_and_identities_are_kept() -> None:
    hits, expected, right, found = score(ours, CORPUS)
    assert len(CORPUS) >= 60
    assert hits / expected >= 0.97
    assert right / found >= 0.97
    assert right / hits <= 1.1


def test_every_stored_page_has_its_expected_recordings() -> None:
    assert {path.name for path in PAGES.iterdir()} == {*EXPECTED, "expected.json"}
