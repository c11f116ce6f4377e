"""`earshot find` on files and addresses of a site: no stack runs, nothing is published or stored."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from earshot.cli import app
from tests.sites import Site, answer

BASE = "https://radio.example/shows/dawn/"
PAGE = """<html lang="en"><head><title>Dawn</title><link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>
<body><audio><source src="wren.flac"><source src="wren.mp3"></audio> <a href="robin.mp3?_=1">Robin</a>
<video src="tower/master.m3u8"></video> <a href="https://user:secret@radio.example/x.mp3">x</a>
<audio src="https://icecast.radio.example/live.mp3"></audio> <a href="/about/">About</a></body></html>"""


@pytest.fixture(autouse=True)
def _no_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting names a project or a server, and the working folder is empty."""
    for name in ("GOOGLE_CLOUD_PROJECT", "PUBSUB_EMULATOR_HOST", "STORAGE_EMULATOR_HOST", "BIGQUERY_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EARSHOT_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("EARSHOT_HOST_DELAY_S", "0")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def find(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["find", *map(str, arguments)])


def found(*arguments: str | Path) -> list[dict[str, Any]]:
    """The JSON lines of a run that succeeds."""
    result = find(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def page(text: str | bytes = PAGE, name: str = "page.html") -> Path:
    path = Path(name)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_page_gives_one_line_a_recording_and_one_a_link_passed_over() -> None:
    result = find(page(), "--base", BASE)
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert head == "page.html: 2 recordings, 3 links passed over"
    assert lines[:2] == [
        f"  {BASE}wren.flac  found by source; CC-BY-4.0; or {BASE}wren.mp3",
        f"  {BASE}robin.mp3?_=1  found by a; “Robin”; CC-BY-4.0",
    ]
    assert [line.split("  ")[2].partition(":")[0] for line in lines[2:]] == ["stream", "bad_url", "live_stream"]
    assert "secret" not in result.output


def test_json_names_what_the_lines_leave_out() -> None:
    (one,) = found(page(), "--base", BASE)
    assert (one["source"], one["url"], one["pages"]) == ("page.html", BASE, 1)
    flac, robin = one["recordings"]
    assert [other["url"] for other in flac["alternatives"]] == [f"{BASE}wren.mp3"]
    assert (robin["source_url"], robin["identity_url"]) == (f"{BASE}robin.mp3?_=1", f"{BASE}robin.mp3")
    assert (robin["license"], robin["page_title"], robin["language"]) == ("CC-BY-4.0", "Dawn", "en")
    assert len(robin["audio_id"]) == 32
    assert {refused["reason"] for refused in one["passed_over"]} == {"stream", "bad_url", "live_stream"}
    assert all(refused["detail"] for refused in one["passed_over"])


def test_without_a_base_links_of_a_file_are_resolved_against_a_placeholder() -> None:
    (one,) = found(page('<a href="a.mp3">a</a>'))
    assert [recording["source_url"] for recording in one["recordings"]] == ["https://example.org/a.mp3"]


RSS = "<rss><channel><item><itunes:duration>1</itunes:duration><enclosure url='a.mp3'/></item></channel></rss>"
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "items": [{"attachments": [{"url": "a.mp3", "mime_type": "application/octet-stream"}]}],
}


@pytest.mark.parametrize(
    "content",
    [
        RSS,
        "#EXTM3U\n#EXTINF:3,A\na.mp3\n",
        "[Playlist]\nFile1=a.mp3\n",
        f"<urlset><url><loc>{BASE}a.mp3</loc></url></urlset>",
        json.dumps(JSON_FEED),
    ],
)
@pytest.mark.parametrize("is_compressed", [False, True])
def test_every_type_of_document_is_read_by_its_bytes(content: str, is_compressed: bool) -> None:
    path = page(gzip.compress(content.encode()) if is_compressed else content, "document")
    (one,) = found(path, "--base", BASE)
    assert [recording["source_url"] for recording in one["recordings"]] == [f"{BASE}a.mp3"]


def test_an_owner_s_preference_is_shown_with_each_recording() -> None:
    markup = '<meta name="robots" content="noai, noindex"><a href="a.mp3">a</a>'
    result = find(page(markup))
    assert "meta robots: noai, noindex (denies)" in result.stdout
    (one,) = found(page(markup))
    assert one["recordings"][0]["consent"] == ["meta robots: noai, noindex (denies)"]


def test_an_address_is_fetched_and_robots_txt_is_obeyed(site: Site) -> None:
    site.routes["/"] = answer(PAGE.encode(), Content_Type="text/html", X_Robots_Tag="noai")
    site.routes["/robots.txt"] = answer(b"User-agent: earshot\nDisallow: /private\n", Content_Type="text/plain")
    (one,) = found(site.url("/"))
    assert [recording["source_url"] for recording in one["recordings"]] == [
        site.url("/wren.flac"),
        site.url("/robin.mp3?_=1"),
    ]
    assert one["recordings"][0]["consent"] == ["x-robots-tag: noai (denies)"]
    result = find(site.url("/private/"), "--json")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "robots_forbid")
    assert "/private/" not in site.paths()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("no-such-file.html", "bad_url"),
        ("ftp://radio.example/a", "bad_url"),
        ("http://radio.example:22/", "forbidden_address"),
        ("http://user:secret@radio.example/", "bad_url"),
        ("http://[::1", "bad_url"),
    ],
)
def test_a_source_that_cannot_be_read_is_refused_with_its_reason(source: str, reason: str) -> None:
    result = find(source, "--json")
    assert result.exit_code == 1
    refused = json.loads(result.stdout)
    assert (refused["source"], refused["reason"]) == (source.replace("user:secret@", ""), reason)
    assert "secret" not in result.output


def test_one_source_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    result = find("no-such-file.html", page())
    assert result.exit_code == 1
    assert "page.html: 2 recordings" in result.stdout
    assert "not read: no-such-file.html: bad_url" in result.output


def test_a_base_that_is_no_address_is_refused() -> None:
    result = find(page(), "--base", "dawn/")
    assert result.exit_code == 1
    assert "bad_url" in result.output


def test_a_file_that_unfolds_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_MAX_PAGE_BYTES", "100000")
    result = find(page(gzip.compress(b" " * 200_000)), "--json")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "too_large")
