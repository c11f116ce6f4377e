"""The scraper: reads a crawl request, publishes one `AudioFound` per distinct recording, returns a report."""

from earshot.scraping.crawl import crawl
from earshot.scraping.crawl_request import CrawlReport, CrawlRequest, Refused

__all__ = ["CrawlReport", "CrawlRequest", "Refused", "crawl"]
