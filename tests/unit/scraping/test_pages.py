"""The test pages of tests/pages: each holds the recordings that are expected of it, and nothing else."""

import pytest

from earshot.audio import now
from earshot.scraping.document_types import read
from tests.bench.discovery import EXPECTED, PAGES


@pytest.mark.parametrize("name", EXPECTED)
def test_a_page_holds_the_recordings_that_are_expected(name: str) -> None:
    page = EXPECTED[name]
    extract = read((PAGES / name).read_bytes(), url=page["url"], at=now(), max_bytes=1_000_000)
    found = [{one.url for one in recording.renditions()} for recording in extract.found]
    expected = [set(urls) for urls in page["recordings"]]
    assert len(found) == len(expected)
    assert all(one in expected or any(one <= other for other in expected) for one in found)


def test_every_page_has_its_expected_recordings() -> None:
    assert {path.name for path in PAGES.iterdir()} == {*EXPECTED, "expected.json"}
