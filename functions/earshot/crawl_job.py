"""A crawl in a process of its own, of any length: reads a request, publishes links and logs a report.

    python3 -m earshot.crawl_job REQUEST

runs in the scraper's image, as a Cloud Run job. REQUEST is the JSON of a crawl request, or gs://bucket/lists/name.json
of a stored object. `earshot crawl --here` is the same crawl from a terminal. Progress is logged every half minute.

    exit status 0    it ended, by its sources or by a bound of the request or the settings
                1    nothing could be read, a list broke off, or links could not be published: worth another try
                2    the request is wrong
                143  terminated (SIGTERM); what was found until then has been published

Running a crawl again is harmless: links that are published a second time change nothing.
"""

import argparse
import logging
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from earshot import runtime, scraping, settings
from earshot.adapters import google_clients
from earshot.adapters.audio_found_topic import Topic
from earshot.adapters.polite_web import PoliteWeb
from earshot.adapters.shared_request_quota import freesound_quota
from earshot.adapters.url_list_reader import UrlListReader
from earshot.errors import BadRequest, EarshotError
from earshot.scraping import CrawlReport, CrawlRequest
from earshot.scraping.crawl_request import INTERRUPT
from earshot.urls import without_credentials

log = logging.getLogger("earshot.crawl_job")

EXIT_TERMINATED = 128 + signal.SIGTERM  # as shells report it

Progress = Callable[[CrawlReport], None]


def crawl(
    request: CrawlRequest, scraper: settings.Scraper, *, local_lists: bool = False, progress: Progress
) -> CrawlReport:
    """Crawl in this process; SIGINT ends it early, with what it has.

    Args:
        local_lists: the request may name files of this machine.
        progress: called with the report so far, at most once in `progress_s`.

    Raises:
        ComeAgain: links could not be published.
    """
    return scraping.crawl(
        request,
        web=PoliteWeb.from_settings(
            scraper, keys=scraper.keys, quotas={scraper.freesound_url: freesound_quota(scraper)}
        ),
        topic=Topic(google_clients.publisher, scraper.project, scraper.found_topic),
        lists=UrlListReader(lambda: google_clients.storage(scraper.project), local=local_lists),
        settings=scraper,
        progress=at_most_every(progress, scraper.progress_s),
    )


def at_most_every(progress: Progress, every_s: float, clock: Callable[[], float] = time.monotonic) -> Progress:
    """Call `progress` at most once in `every_s` seconds, however often the returned function is called."""
    last = clock()

    def throttled(report: CrawlReport) -> None:
        nonlocal last
        if clock() - last >= every_s:
            last = clock()
            progress(report)

    return throttled


def read(named: str, scraper: settings.Scraper) -> CrawlRequest:
    """The request itself, or the stored object at its gs:// address.

    Raises:
        BadRequest: naming each field that is wrong.
        SourceGone, ComeAgain: the address cannot be read.
    """
    if named.startswith("gs://"):
        named = "".join(UrlListReader(lambda: google_clients.storage(scraper.project)).lines(named))
    return CrawlRequest.read(named)


def main(arguments: list[str]) -> int:
    """Run the job; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m earshot.crawl_job")
    parser.add_argument("request", help="JSON of a crawl request, or gs://bucket/name of an object that holds it")
    named = parser.parse_args(arguments).request
    scraper = settings.Scraper()
    runtime.speak(scraper)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C does
    try:
        request = read(named, scraper)
        fields = _shown(request) | {"settings": scraper.model_dump(mode="json")}
        log.info("crawl begins", extra={"fields": fields})
        report = crawl(request, scraper, progress=_log)
    except BadRequest as error:
        log.error("wrong request", extra={"fields": {"detail": str(error)}})
        return 2
    except EarshotError as error:
        log.error("crawl broke off", extra={"fields": {"error": type(error).__name__, "detail": str(error)}})
        return 1
    if report.stopped_by == INTERRUPT:
        return EXIT_TERMINATED
    broke_off = {one.url for one in report.refused if one.reason == "come_again"} & set(
        map(without_credentials, request.lists)
    )
    return 0 if (report.pages_read or report.links_found) and not broke_off else 1


def _shown(request: CrawlRequest) -> dict[str, Any]:
    """The request for the log."""
    fields = request.model_dump(mode="json", exclude_defaults=True)
    return {
        name: [without_credentials(one) if isinstance(one, str) else one for one in value]
        if isinstance(value, list)
        else value
        for name, value in fields.items()
    }


def _log(report: CrawlReport) -> None:
    log.info("crawling", extra={"fields": {"traceparent": report.traceparent} | report.counts})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
