"""A crawl: reads URL lists, searches and documents, and publishes each distinct recording once.

A document that cannot be read is reported with its reason; the crawl goes on with the next one.
"""

import logging
import time
from collections.abc import Callable
from itertools import chain

from earshot.errors import ComeAgain, GiveUp
from earshot.scraping.crawl_request import INTERRUPT, CrawlReport, CrawlRequest
from earshot.scraping.links_per_host import LinksPerHost
from earshot.scraping.publishing import AudioFoundPublisher, NotAccepted, Topic
from earshot.scraping.starting_points import Settings, UrlListReader, Web, from_documents, from_lists, from_searches

log = logging.getLogger("earshot.scraping")


def crawl(
    request: CrawlRequest,
    *,
    web: Web,
    topic: Topic,
    lists: UrlListReader,
    settings: Settings,
    progress: Callable[[CrawlReport], None] = lambda _: None,
) -> CrawlReport:
    """Run the crawl that the request describes. A KeyboardInterrupt ends it early and keeps what was found.

    Args:
        progress: called with the report so far after each link and each source; must return quickly.

    Raises:
        ComeAgain: a link could not be published. Publishing the earlier links again changes nothing.
    """
    report = CrawlReport(traceparent=request.traceparent)
    fitting = LinksPerHost(retention_s=settings.retention_s, seconds_per_link=settings.seconds_per_link)
    publisher = AudioFoundPublisher(request, report, topic, fitting)
    end = time.monotonic() + settings.crawl_timeout_s
    try:
        for name, links in chain(
            from_lists(request, report, lists),
            from_searches(request, web, settings),
            from_documents(request, report, web, settings),
        ):
            before = report.links_found
            try:
                for found, signals in links:
                    publisher.offer(found, signals)
                    if report.stopped_by or time.monotonic() > end:
                        break
                    progress(report)
            except NotAccepted:
                raise
            except (GiveUp, ComeAgain) as error:
                report.refuse(name, error)
            fields = {"source": name, "links": report.links_found - before, "traceparent": request.traceparent}
            log.info("read", extra={"fields": fields})
            progress(report)
            if not report.stopped_by and time.monotonic() > end:
                report.stopped_by = "crawl_timeout_s"
            if report.stopped_by:
                break
    except KeyboardInterrupt:  # Ctrl-C in a terminal; SIGTERM in a job
        report.stopped_by = INTERRUPT
    publisher.flush()
    log.info("crawled", extra={"fields": {"traceparent": request.traceparent} | report.counts})
    return report
