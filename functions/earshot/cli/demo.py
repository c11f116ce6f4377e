"""`earshot demo`: runs the whole chain on the built-in site or on a page of the web."""

import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from earshot.cli.crawl import request_crawl, show_report
from earshot.cli.display import show
from earshot.cli.local_files import Local, find_audio
from earshot.cli.target import DataDir, NoTarget, Target, explained, of, say
from earshot.cli.up import check_settings, describe, stopped_by_sigterm, wait_for_stop
from earshot.cli.upload_files import upload
from earshot.cli.waiting import Deadline, Outcome, wait_for_objects, wait_for_predictions, wait_for_recordings
from earshot.local.endpoints import Endpoints, found, home_folder
from earshot.plurals import counted
from earshot.scraping.crawl_request import CrawlRequest

PATIENCE_S = 240.0

ROWS = """
SELECT COALESCE(link_text, file_name) AS recording, container, duration_ms, loudness, classification,
  pesq, quality_label AS quality
FROM audio_metadata
WHERE audio_id IN UNNEST(@audio_ids) OR gcp_url IN UNNEST(@gcp_urls)
ORDER BY loudness DESC
"""
REFUSALS = """
SELECT REGEXP_REPLACE(COALESCE(source_url, gcp_url), r'^https?://', '') AS recording, stage, reason, detail
FROM refusals
WHERE audio_id IN UNNEST(@audio_ids) OR gcp_url IN UNNEST(@gcp_urls)
ORDER BY recording
"""
EXAMPLE = "SELECT * FROM audio_info"
OBJECTS = """
SELECT gcp_url FROM audio_metadata WHERE audio_id IN UNNEST(@audio_ids) OR gcp_url IN UNNEST(@gcp_urls)
"""
HEARD = """
SELECT COALESCE(recording.link_text, recording.file_name) AS recording, content.top_label AS heard,
  content.speech_ratio AS speech, content.music_ratio AS music, content.noise_ratio AS noise,
  content.silence_ratio AS silence, content.model, content.model_stage AS stage
FROM predictions_current AS content
JOIN audio_metadata AS recording ON recording.gcp_url = content.gcp_url
WHERE content.task = 'content' AND (recording.audio_id IN UNNEST(@audio_ids) OR recording.gcp_url IN UNNEST(@gcp_urls))
ORDER BY recording
"""
EXAMPLE_QUERY = """SELECT classification, COUNT(*) AS recordings, ROUND(SUM(duration_ms) / 1000, 1) AS seconds,
  ROUND(AVG(loudness), 1) AS mean_dbfs
FROM audio_metadata GROUP BY classification ORDER BY mean_dbfs DESC"""


@explained
def demo(
    page: Annotated[
        str | None, typer.Option(metavar="URL", help="Crawl this page of the web instead of the built-in site.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the stack running afterwards, until Ctrl-C.")] = False,
    data_dir: DataDir = None,
) -> None:
    """A page goes in, rows come out: everything on this machine, nothing but Python needed.

    Starts the local stack (or uses the running one), serves a small site of computed recordings, crawls it, loads
    speech at several qualities with its clean original, and shows the rows, the refusals with their reasons, a
    query with its result, and a chart. Exits with 1 if a recording was lost.
    """
    check_settings()
    home = home_folder(data_dir)
    with stopped_by_sigterm(), ExitStack() as open_things:
        endpoints = open_things.enter_context(_stack(home, private=page is None))
        if page is None:
            page = open_things.enter_context(_site(home))
            depth = 1
        else:
            depth = 0
        target = open_things.enter_context(of(endpoints))
        lost = _show(target, home, page, depth, with_speech=depth == 1)
        if keep and not lost:
            describe(endpoints)
            say.print("The stack keeps running. Stop it with Ctrl-C.")
            wait_for_stop(endpoints, home)
    if lost:
        raise typer.Exit(1)


def _show(target: Target, home: Path, page: str, depth: int, *, with_speech: bool) -> bool:
    """Crawl, load and show the outcome; returns whether a recording was lost."""
    say.rule("[bold]crawl", align="left")
    say.print(f"Looking for audio on {page}")
    report = request_crawl(target, CrawlRequest.model_validate({"pages": [page], "depth": depth}))
    show_report(report)
    crawled = wait_for_recordings(target, report.recordings, Deadline(PATIENCE_S))
    urls: list[str] = []
    loaded = Outcome()
    if with_speech:
        from earshot.local.demo_site.recordings import write_pairs

        say.rule("[bold]load", align="left")
        reference, versions = write_pairs(home / "pairs")
        found = [file for file in find_audio(versions) if isinstance(file, Local)]
        urls = sorted(upload(target, found, reference).files)
        say.print(f"{len(urls)} versions of one sentence are in the bucket, each with its clean original as reference.")
        loaded = wait_for_objects(target, urls, Deadline(PATIENCE_S))
    say.rule("[bold]outcome", align="left")
    chosen: dict[str, Sequence[str]] = {"audio_ids": report.recordings, "gcp_urls": urls}
    show(target.query(ROWS, **chosen), title="Rows of audio_metadata")
    show(target.query(REFUSALS, **chosen), title="Rows of refusals")
    _show_heard(target, chosen)
    typer.echo(f"\n{EXAMPLE_QUERY}\n")
    show(target.query(EXAMPLE_QUERY))
    _draw(target, home / "report.svg")
    from earshot.cli.report import write_report

    write_report(target, home / "report.html")
    say.print(f"The same as a page to send, with examples to hear: [bold]{home / 'report.html'}")
    lost = crawled.lost | loaded.lost
    submitted = report.published + len(urls)
    say.print(
        f"{counted(submitted, 'recording')} submitted: {counted(len(crawled.rows | loaded.rows), 'row')},"
        f" {counted(len(crawled.refusals) + len(loaded.refusals), 'refusal')}, {len(lost)} lost."
    )
    example = f'{earshot_command()} sql "{EXAMPLE}"'
    say.print(f"Query the rows, now or later: [bold]{example}")
    say.print(
        f"Look and listen: [bold]{earshot_command()} up[/], and in another terminal [bold]{earshot_command()} page"
    )
    return bool(lost) or not report.pages_read


def earshot_command() -> str:
    """The command `earshot` as it can be typed in this folder: by its path where it is not on PATH."""
    program = Path(sys.argv[0])
    if shutil.which("earshot") or program.name != "earshot":
        return "earshot"
    with suppress(ValueError):
        return shlex.quote(str(program.relative_to(Path.cwd())))
    return shlex.quote(str(program))


def _show_heard(target: Target, chosen: dict[str, Sequence[str]]) -> None:
    """What the tagger heard in the recordings that became rows; waits for it a while."""
    rows = target.query(OBJECTS, **chosen)
    heard = wait_for_predictions(target, [str(row["gcp_url"]) for row in rows], Deadline(PATIENCE_S))
    if heard.lost:
        lost = counted(len(heard.lost), "recording has", "recordings have")
        say.print(f"{lost} not been heard yet; `earshot status` shows what is queued and the last errors.")
    found = target.query(HEARD, **chosen)
    if found:
        show(found, title="What was heard: rows of predictions (demo models are trained on synthetic sound)")


def _draw(target: Target, path: Path) -> None:
    from earshot.cli.demo_chart_svg import QUERY, draw

    rows = target.query(QUERY)
    if rows:
        draw(rows, path)
        say.print(f"Chart: [bold]{path}")


@contextmanager
def _stack(home: Path, *, private: bool) -> Iterator[Endpoints]:
    """The stack that runs in the folder, or a new one.

    Raises:
        NoTarget: the running stack may not fetch from this machine, where the site is served.
    """
    running_already = found(home)
    if running_already:
        if private and not running_already.allow_private_addresses:
            raise NoTarget(
                "the running stack fetches from public addresses only, and the demo's site is on this machine. Stop"
                " it first, or start it with `earshot up --allow-private-addresses`."
            )
        say.print("Using the running stack.")
        yield running_already
        return
    from earshot.local.stack import running

    with ExitStack() as started:
        with say.status("starting") as status:
            stack = running(home, allow_private_addresses=private, say=status.update)
            endpoints = started.enter_context(stack)
        say.print(f"The local stack is running: servers and functions, each a process; state and logs in {home}.")
        yield endpoints


@contextmanager
def _site(home: Path) -> Iterator[str]:
    """The built-in site, on the port of the last run if that is free: equal addresses are equal recordings."""
    from earshot.local.demo_site.server import Site

    remembered = home / "site.port"
    port = int(remembered.read_text()) if remembered.exists() else 0
    with say.status("computing the recordings"):
        site = Site(port)
    remembered.write_text(str(site.port))
    with site:
        yield site.url
