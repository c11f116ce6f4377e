"""`earshot crawl`: finds audio on pages and waits for the outcome of each recording."""

import json
import shutil
import subprocess
from typing import Annotated

import requests
import typer

from earshot import crawl_job, settings
from earshot.cli.options import Wait
from earshot.cli.refusals import show_refused
from earshot.cli.target import Cloud, DataDir, NoTarget, Target, at, explained, safe, say
from earshot.cli.waiting import Deadline, NotInTime, Outcome, explain_lost, wait_for_recordings
from earshot.plurals import counted
from earshot.scraping.crawl_request import CrawlReport, CrawlRequest
from earshot.urls import without_credentials

CRAWL_S = 1800.0  # the longest that the cloud lets a scheduled crawl take
WEEK_S = 7 * 86_400.0


@explained
def crawl(
    pages: Annotated[
        list[str] | None,
        typer.Argument(metavar="PAGE…", help="Addresses of pages, feeds, sitemaps or playlists to look for audio on."),
    ] = None,
    depth: Annotated[int, typer.Option(min=0, max=10, help="How many links away from these pages to go.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="Largest number of recordings to publish.")] = 500,
    archive: Annotated[list[str] | None, typer.Option(help="Identifier of an Internet Archive item.")] = None,
    freesound: Annotated[list[str] | None, typer.Option(help="Words to search Freesound for.")] = None,
    lists: Annotated[
        list[str] | None, typer.Option("--list", help="A file with a URL a line: gs://…, or with --here a path.")
    ] = None,
    include: Annotated[list[str] | None, typer.Option(help="Shell pattern that audio must match.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Shell pattern of what is neither read nor kept.")] = None,
    any_site: Annotated[bool, typer.Option("--any-site", help="Follow links to other hosts too.")] = False,
    here: Annotated[
        bool, typer.Option("--here", help="Crawl in this process, not in the scraper: for crawls that take hours.")
    ] = False,
    print_only: Annotated[
        bool, typer.Option("--print", help="Print the request as JSON, for a job or a schedule, without crawling.")
    ] = False,
    wait_s: Wait = 300.0,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Find audio on pages, and wait until every recording found is a row or a refusal.

    `--wait` bounds the whole command, reading included; the scraper goes on by itself, so for a crawl of hours use
    `--here`. Exits with 1 if no page could be read, if a page, list or line given could not be read, or if a recording
    has neither row nor refusal when the wait is over.
    """
    deadline = Deadline(wait_s)
    request = {
        "pages": pages or [],
        "archive": archive or [],
        "freesound": [{"query": query, "limit": limit} for query in freesound or []],
        "lists": lists or [],
        "include": include or [],
        "exclude": exclude or [],
        "depth": depth,
        "limit": limit,
        "same_site": not any_site,
    }
    wanted = CrawlRequest.read(json.dumps(request))
    if print_only:
        typer.echo(wanted.model_dump_json(indent=2, exclude_defaults=True, exclude={"traceparent"}))
        return
    with at(data_dir, cloud) as target:
        report = crawl_here(wanted) if here else request_crawl(target, wanted, deadline.left_s if wait_s else CRAWL_S)
        show_report(report)
        outcome = Outcome()
        if wait_s:
            outcome = wait_for_recordings(target, report.recordings, Deadline(wait_s) if here else deadline)
            say.print(f"{counted(report.published, 'recording')} published: {outcome}.")
            show_refused(target, outcome.refusals, report.refused)
            explain_lost(outcome, deadline)
    given = {without_credentials(one) for one in (*wanted.lists, *wanted.pages)}
    unread = [one for one in report.refused if one.url.split(": line ")[0] in given]
    if not (report.pages_read or report.links_found) or unread or outcome.lost:
        raise typer.Exit(1)


def crawl_here(request: CrawlRequest) -> CrawlReport:
    """Run the crawl in this process, without a time limit, showing its progress."""
    with say.status("reading") as status:
        return crawl_job.crawl(
            request,
            settings.Scraper(crawl_timeout_s=WEEK_S, progress_s=0.2),
            local_lists=True,
            progress=lambda report: status.update(
                f"{counted(report.pages_read, 'page')}, {counted(report.published, 'recording')},"
                f" {report.refusals} refused"
            ),
        )


def request_crawl(target: Target, request: CrawlRequest, timeout_s: float = CRAWL_S) -> CrawlReport:
    """Send the request to the scraper and wait for its report.

    Raises:
        NoTarget: the address of the scraper is unknown, or no credentials to call it were found.
        NotInTime: the crawl takes longer than `timeout_s`; the scraper goes on with it.
        requests.RequestException: the scraper does not respond, or responds with an error.
    """
    url = target.settings.scraper_url
    if not url:
        raise NoTarget("EARSHOT_SCRAPER_URL is not set: the address of the scraper, as `terraform output` names it")
    headers = {} if target.is_local else {"Authorization": f"Bearer {id_token(target, url)}"}
    with say.status("the scraper reads pages"):
        try:
            answer = requests.post(url, json=request.model_dump(), headers=headers, timeout=timeout_s)
        except requests.ReadTimeout as error:
            raise NotInTime(
                f"the scraper has been reading for {timeout_s:.0f} s and goes on by itself; `earshot status` shows what"
                " comes of it, `--wait` waits longer, `--here` reads in this process without a limit"
            ) from error
    if answer.status_code == requests.codes.bad_request:
        raise NoTarget(f"the scraper refuses the request: {answer.json().get('error', answer.text)}")
    answer.raise_for_status()
    return CrawlReport.model_validate_json(answer.content)


def show_report(report: CrawlReport) -> None:
    """Print what the crawl found, and which pages it could not read."""
    say.print(
        f"{counted(report.pages_read, 'page')} read, {counted(report.links_found, 'link')} to audio,"
        f" {counted(report.published, 'recording')} published"
        + (
            f", {counted(report.refusals, 'page, list or link', 'pages, lists or links')} refused"
            if report.refusals
            else ""
        )
        + (f"; there may be more, but {report.stopped_by} ended the crawl" if report.stopped_by else "")
        + "."
    )
    for refused in report.refused:
        say.print(f"[yellow]not read:[/] {safe(f'{refused.url}: {refused.reason}, {refused.detail}')}")
    if report.refusals > len(report.refused):
        say.print(f"[yellow]and {report.refusals - len(report.refused)} more were not read[/]")


def id_token(target: Target, audience: str) -> str:
    """An identity token for the scraper: from the settings, the default credentials, or gcloud.

    Raises:
        NoTarget: none of the three provides one.
    """
    if target.settings.id_token:
        return target.settings.id_token
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import Request
    from google.oauth2.id_token import fetch_id_token

    try:
        return str(fetch_id_token(Request(), audience))  # type: ignore[no-untyped-call]
    except GoogleAuthError as error:
        gcloud = shutil.which("gcloud")  # a person's own credentials make tokens only through it
        if gcloud is None:
            raise NoTarget(f"no credentials to call {audience} with: {error}") from error
    made = subprocess.run(  # noqa: S603  a fixed command
        [gcloud, "auth", "print-identity-token"], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise NoTarget(f"gcloud makes no identity token: {made.stderr.strip()}")
    return made.stdout.strip()
