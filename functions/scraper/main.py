"""Scraper: reads pages and publishes the links to audio in them."""

from typing import Any

import flask
import functions_framework

from earshot import runtime, scraping, settings
from earshot.adapters import google_clients
from earshot.adapters.audio_found_topic import Topic
from earshot.adapters.polite_web import PoliteWeb
from earshot.adapters.shared_request_quota import freesound_quota
from earshot.adapters.url_list_reader import UrlListReader

SETTINGS = settings.Scraper()
runtime.start(SETTINGS, post_only='POST a crawl request as JSON, such as {"pages": ["https://example.org/"]}')
QUOTAS = {SETTINGS.freesound_url: freesound_quota(SETTINGS)}
WEB = PoliteWeb.from_settings(SETTINGS, keys=SETTINGS.keys, quotas=QUOTAS)
TOPIC = Topic(google_clients.publisher, SETTINGS.project, SETTINGS.found_topic)
LISTS = UrlListReader(lambda: google_clients.storage(SETTINGS.project))


@functions_framework.http
def scraper(request: flask.Request) -> dict[str, Any]:
    """Run the crawl described by the JSON body; the response is its report."""
    wanted = scraping.CrawlRequest.read(request.get_data())
    report = scraping.crawl(wanted, web=WEB, topic=TOPIC, lists=LISTS, settings=SETTINGS)
    return report.model_dump(mode="json")
