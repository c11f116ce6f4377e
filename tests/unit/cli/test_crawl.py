import json

from typer.testing import CliRunner

from earshot.cli import app
from earshot.scraping import CrawlRequest


def test_a_request_can_be_printed_without_a_target() -> None:
    given = ["http://example.org/", "--depth", "2", "--limit", "7", "--list", "gs://b/lists/urls.txt", "--any-site"]
    result = CliRunner().invoke(app, ["crawl", *given, "--print"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "pages": ["http://example.org/"],
        "lists": ["gs://b/lists/urls.txt"],
        "depth": 2,
        "limit": 7,
        "same_site": False,
    }
    assert CrawlRequest.read(result.stdout).depth == 2
