"""Scraper: pages are read, and the links to audio on them are handed on."""

from typing import Any

import flask
import functions_framework

from earshot import runtime, scraping, settings
from earshot.adapters import clients
from earshot.adapters.budget import freesound_budget
from earshot.adapters.lists import Lists
from earshot.adapters.polite import PoliteWeb
from earshot.adapters.topic import Topic

SETTINGS = settings.Scraper()
runtime.start(SETTINGS)
BUDGETS = {SETTINGS.freesound_url: freesound_budget(SETTINGS)}
WEB = PoliteWeb.told(SETTINGS, keys=SETTINGS.keys, budgets=BUDGETS)
TOPIC = Topic(clients.publisher, SETTINGS.project, SETTINGS.found_topic)
LISTS = Lists(lambda: clients.storage(SETTINGS.project))


@functions_framework.http
def scraper(request: flask.Request) -> dict[str, Any]:
    """Crawl as the JSON body asks, and answer with the report."""
    wanted = scraping.CrawlRequest.read(request.get_data())
    report = scraping.crawl(wanted, web=WEB, topic=TOPIC, lists=LISTS, told=SETTINGS)
    return report.model_dump(mode="json")
