"""Operations on a running stack by the command line, and their effect."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from earshot.audio import audio_id
from earshot.cli import app
from tests.e2e.conftest import PATIENCE_S, Stack
from tests.sites import Site, answer
from tests.sounds import encoded, tone

Earshot = Callable[..., Result]


@pytest.fixture
def earshot(stack: Stack) -> Earshot:
    def run(*arguments: str) -> Result:
        *verb, rest = [arguments[:2], arguments[2:]] if arguments[0] == "dead" else [arguments[:1], arguments[1:]]
        result = CliRunner().invoke(app, [*verb[0], "--data-dir", str(stack.home), *rest])
        assert result.exit_code == 0, result.output + result.stderr
        return result

    return run


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def crawl(stack: Stack, site: Site, *paths: str) -> None:
    site.routes["/"] = answer("".join(f'<a href="{path}">x</a>' for path in paths).encode(), content_type="text/html")
    stack.crawl(address(site, "/"))


def address(site: Site, path: str) -> str:
    """A URL on a host name that no other test uses, so that retries there concern this module alone."""
    return site.url(path).replace("127.0.0.1", "localhost")


def until(stack: Stack, true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_link_that_works_again_is_downloaded_by_retry(stack: Stack, earshot: Earshot, site: Site) -> None:
    crawl(stack, site, "/late.wav")
    url = address(site, "/late.wav")
    assert stack.row("refusals", source_url=url)["reason"] == "source_gone"
    site.routes["/late.wav"] = answer(encoded(tone()))
    host = url.split("/")[2].split(":")[0]
    assert (
        "and 0 files would be tried again"
        in earshot("retry", "--reason", "source_gone", "--host", host, "--dry-run").stderr
    )
    earshot("retry", "--reason", "source_gone", "--host", host)
    row = stack.row("audio_metadata", source_url=url)
    assert row["page_url"] == address(site, "/")
    assert stack.rows("open_refusals", source_url=url) == []


def test_a_backfill_prints_its_estimate_and_measures_again(stack: Stack, earshot: Earshot) -> None:
    stack.drop("audio/backfilled.wav", encoded(tone(seconds=0.5)))
    before = stack.row("audio_metadata", file_name="backfilled.wav")
    where = "file_name = 'backfilled.wav'"
    printed = earshot("backfill", "--where", where, "--dry-run").stderr
    assert printed.startswith("1 recording, 0.000 hours, about ")
    assert "USD" in printed
    earshot("backfill", "--where", where)
    until(stack, lambda: stack.row("audio_metadata", file_name="backfilled.wav")["analysed_at"] > before["analysed_at"])
    (kept,) = stack.rows("analyses", gcp_url=str(before["gcp_url"]))
    assert json.loads(kept["measures"])["duration_ms"] == 500
    answer = earshot(
        "diff-versions", str(before["analyser_version"]), str(before["analyser_version"]), "--all", "--format", "json"
    )
    loudness = next(row for row in json.loads(answer.stdout) if row["measure"] == "loudness")
    assert loudness["compared"] >= 1
    assert loudness["changed"] == 0


def test_a_withdrawn_recording_is_deleted_and_not_downloaded_again(stack: Stack, earshot: Earshot, site: Site) -> None:
    site.routes["/private.wav"] = answer(encoded(tone()))
    crawl(stack, site, "/private.wav")
    url = address(site, "/private.wav")
    row = stack.row("audio_metadata", source_url=url)
    earshot("forget", "--yes", url)
    crawl(stack, site, "/private.wav")
    marked = stack.row("audio_metadata", gcp_url=str(row["gcp_url"]))
    assert (marked["removed_because"], marked["source_url"]) == ("withdrawn", None)
    stack.row("refusals", audio_id=audio_id(url), reason="withdrawn")
    assert site.paths().count("/private.wav") == 1
    assert not stack.bucket.blob(str(row["gcp_url"]).split("/", 3)[3]).exists()


def test_an_object_deleted_in_the_bucket_is_marked_in_its_row(stack: Stack) -> None:
    stack.drop("audio/deleted.wav", encoded(tone()))
    row = stack.row("audio_metadata", file_name="deleted.wav")
    stack.bucket.blob("audio/deleted.wav").delete()
    stack.row("audio_metadata", file_name="deleted.wav", removed_because="deleted")
    assert stack.rows("recordings", gcp_url=str(row["gcp_url"])) == []
    stack.drop("audio/deleted.wav", encoded(tone()))
    assert len(stack.wait("recordings", gcp_url=str(row["gcp_url"]))) == 1


def test_dead_letters_are_listed_and_redelivered(stack: Stack, earshot: Earshot) -> None:
    generation = stack.drop("audio/dead.wav", encoded(tone(seconds=0.5)))
    before = stack.row("audio_metadata", file_name="dead.wav")
    attributes = {"bucketId": stack.bucket.name, "objectId": "audio/dead.wav", "objectGeneration": str(generation)}
    stack.publish("audio-stored-dead", {"name": "audio/dead.wav"}, **attributes)
    (dead_letter,) = json.loads(earshot("dead", "list", "--format", "json").stdout)
    assert (dead_letter["topic"], dead_letter["reason"]) == ("audio-stored", "unsettled")
    assert dead_letter["subject"] == before["gcp_url"]
    earshot("dead", "replay", "--reason", "unsettled")
    until(stack, lambda: stack.row("audio_metadata", file_name="dead.wav")["analysed_at"] > before["analysed_at"])
    assert earshot("dead", "list").stdout.strip() == "No rows."
