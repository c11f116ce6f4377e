"""The scraper's work: a crawl request in, one `AudioFound` per distinct link to audio out, and a report."""

from earshot.scraping.crawl import crawl
from earshot.scraping.crawl_request import CrawlReport, CrawlRequest, Refused

__all__ = ["CrawlReport", "CrawlRequest", "Refused", "crawl"]
