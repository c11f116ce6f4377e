"""A crawl in a process of its own, for as long as it takes: a request in, links on their way and a report out.

    python3 -m earshot.crawl_job REQUEST

runs in the scraper's image, as a Cloud Run job. REQUEST is the JSON of a crawl request, or gs://bucket/lists/name.json
where it lies. `earshot crawl --here` is the same crawl at a desk. How far it is stands in the log every half minute.

    exit status 0    it ended, by its sources or by a bound of the request or the settings
                1    nothing could be read, a list broke off, or links could not be handed on: worth another try
                2    the request is wrong
                143  told to end (SIGTERM); what was found until then has been handed on

Beginning again is harmless: links that are handed on a second time change nothing.
"""

import argparse
import logging
import signal
import sys
import time
from collections.abc import Callable

from earshot import runtime, scraping, settings
from earshot.adapters import google_clients
from earshot.adapters.audio_found_topic import Topic
from earshot.adapters.polite_web import PoliteWeb
from earshot.adapters.shared_request_quota import freesound_quota
from earshot.adapters.url_list_reader import UrlListReader
from earshot.errors import BadRequest, EarshotError
from earshot.scraping import CrawlReport, CrawlRequest
from earshot.scraping.crawl_request import INTERRUPT

log = logging.getLogger("earshot.crawl_job")

TOLD_TO_END = 128 + signal.SIGTERM  # as shells count it

Tell = Callable[[CrawlReport], None]


def crawl(request: CrawlRequest, told: settings.Scraper, *, local_lists: bool = False, tell: Tell) -> CrawlReport:
    """Crawl in this process; SIGINT ends it early, with what it has.

    Args:
        local_lists: the request may name files of this machine.
        tell: shown the report so far, now and then (`progress_s`).

    Raises:
        ComeAgain: links could not be handed on.
    """
    return scraping.crawl(
        request,
        web=PoliteWeb.from_settings(told, keys=told.keys, quotas={told.freesound_url: freesound_quota(told)}),
        topic=Topic(google_clients.publisher, told.project, told.found_topic),
        lists=UrlListReader(lambda: google_clients.storage(told.project), local=local_lists),
        told=told,
        progress=now_and_then(tell, told.progress_s),
    )


def now_and_then(tell: Tell, every_s: float, clock: Callable[[], float] = time.monotonic) -> Tell:
    """Tells at most once in so many seconds, however often it is told."""
    last = clock()

    def heard(report: CrawlReport) -> None:
        nonlocal last
        if clock() - last >= every_s:
            last = clock()
            tell(report)

    return heard


def read(named: str, told: settings.Scraper) -> CrawlRequest:
    """The request itself, or what lies at its gs:// address.

    Raises:
        BadRequest: naming each field that is wrong.
        SourceGone, ComeAgain: the address cannot be read.
    """
    if named.startswith("gs://"):
        named = "".join(UrlListReader(lambda: google_clients.storage(told.project)).lines(named))
    return CrawlRequest.read(named)


def main(arguments: list[str]) -> int:
    """Do what a job is started for; the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m earshot.crawl_job")
    parser.add_argument("request", help="JSON of a crawl request, or gs://bucket/name of an object that holds it")
    named = parser.parse_args(arguments).request
    told = settings.Scraper()
    runtime.speak(told)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what Ctrl-C does at a desk
    try:
        request = read(named, told)
        fields = request.model_dump(mode="json", exclude_defaults=True) | {"settings": told.model_dump(mode="json")}
        log.info("crawl begins", extra={"fields": fields})
        report = crawl(request, told, tell=_log)
    except BadRequest as error:
        log.error("wrong request", extra={"fields": {"detail": str(error)}})
        return 2
    except EarshotError as error:
        log.error("crawl broke off", extra={"fields": {"error": type(error).__name__, "detail": str(error)}})
        return 1
    if report.stopped_by == INTERRUPT:
        return TOLD_TO_END
    broke_off = {one.url for one in report.refused if one.reason == "come_again"} & set(request.lists)
    return 0 if (report.pages_read or report.links_found) and not broke_off else 1


def _log(report: CrawlReport) -> None:
    log.info("crawling", extra={"fields": {"traceparent": report.traceparent} | report.counts})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
