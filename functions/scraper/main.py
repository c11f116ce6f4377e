"""Scraper: pages are read, and the links to audio on them are handed on."""

from typing import Any

import flask
import functions_framework

from earshot import runtime, scraping, settings
from earshot.adapters import clients
from earshot.adapters.polite import PoliteWeb
from earshot.adapters.topic import Topic

SETTINGS = settings.Scraper()
runtime.start(SETTINGS)
WEB = PoliteWeb.told(SETTINGS)
TOPIC = Topic(clients.publisher, SETTINGS.project, SETTINGS.found_topic)


@functions_framework.http
def scraper(request: flask.Request) -> dict[str, Any]:
    """Crawl as the JSON body asks, and answer with the report."""
    report = scraping.crawl(
        scraping.CrawlRequest.read(request.get_data()),
        web=WEB,
        topic=TOPIC,
        max_page_bytes=SETTINGS.max_page_bytes,
        page_timeout_s=SETTINGS.page_timeout_s,
        max_pages=SETTINGS.max_pages,
    )
    return report.model_dump(mode="json")
