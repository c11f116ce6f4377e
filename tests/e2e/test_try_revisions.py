"""New revisions are tried at their own addresses: here the functions of the local stack."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from earshot.cli import app
from tests.e2e.conftest import Stack


def tried(stack: Stack, folder: Path, **urls: str) -> Result:
    for function, url in urls.items():
        status = {"url": "http://127.0.0.1:1", "traffic": [{"percent": 100}, {"tag": "candidate", "url": url}]}
        (folder / f"{function}.json").write_text(json.dumps({"status": status}))
    return CliRunner().invoke(app, ["try-revisions", str(folder), "--data-dir", str(stack.home)])


def test_a_revision_of_the_analyser_is_tried_with_an_object_that_nobody_is_notified_of(
    stack: Stack, tmp_path: Path
) -> None:
    result = tried(stack, tmp_path, analyser=stack.endpoints.functions["analyser"])
    assert (result.exit_code, "analyser: the new revision works." in result.output) == (0, True), result.output
    assert list(stack.bucket.list_blobs(prefix="smoke/")) == []
    assert not [row for row in stack.rows("audio_metadata") if "/smoke/" in row["gcp_url"]]


def test_a_revision_of_the_scraper_is_tried_and_publishes_nothing(stack: Stack, tmp_path: Path) -> None:
    result = tried(stack, tmp_path, scraper=stack.endpoints.functions["scraper"])
    assert (result.exit_code, "scraper: the new revision works." in result.output) == (0, True), result.output


def test_a_revision_that_does_not_work_fails_the_trial(stack: Stack, tmp_path: Path) -> None:
    # The downloader in the analyser's stead stores nothing for such a message, so no row appears.
    result = tried(stack, tmp_path, analyser=stack.endpoints.functions["downloader"])
    assert result.exit_code == 1
    assert list(stack.bucket.list_blobs(prefix="smoke/")) == []


def test_a_service_without_a_new_revision_is_left_alone(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "analyser.json").write_text(json.dumps({"status": {"url": "http://127.0.0.1:1", "traffic": []}}))
    assert tried(stack, tmp_path).exit_code == 0
