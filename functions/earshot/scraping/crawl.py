"""A crawl: lists, searches and carriers are read, and each distinct link to audio is handed on once.

What cannot be read is reported with its reason and stops nothing.
"""

import logging
import time
from collections.abc import Callable
from itertools import chain

from earshot.errors import ComeAgain, GiveUp
from earshot.scraping.crawl_request import INTERRUPT, CrawlReport, CrawlRequest
from earshot.scraping.publishing import AudioFoundPublisher, NotAccepted, Topic
from earshot.scraping.starting_points import Settings, UrlListReader, Web, of_documents, of_lists, of_searches

log = logging.getLogger("earshot.scraping")


def crawl(
    request: CrawlRequest,
    *,
    web: Web,
    topic: Topic,
    lists: UrlListReader,
    told: Settings,
    progress: Callable[[CrawlReport], None] = lambda _: None,
) -> CrawlReport:
    """Do what the request asks for, as far as it goes. A KeyboardInterrupt ends it early, with what it has.

    Args:
        progress: told the report so far, after each link and after each list, search and carrier; must be quick.

    Raises:
        ComeAgain: a link could not be handed on. Links handed on before are harmless when handed on again.
    """
    report = CrawlReport(traceparent=request.traceparent)
    handing = AudioFoundPublisher(request, report, topic)
    end = time.monotonic() + told.crawl_timeout_s
    try:
        for name, links in chain(
            of_lists(request, report, lists), of_searches(request, web, told), of_documents(request, report, web, told)
        ):
            before = report.links_found
            try:
                for found, signals in links:
                    handing.offer(found, signals)
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
    except KeyboardInterrupt:  # at a desk Ctrl-C; a job is told to end
        report.stopped_by = INTERRUPT
    handing.flush()
    log.info("crawled", extra={"fields": {"traceparent": request.traceparent} | report.counts})
    return report
