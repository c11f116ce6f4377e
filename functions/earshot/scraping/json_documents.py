"""Reads JSON of no known format (answers of APIs, oEmbed): URLs of audio with their titles."""

from typing import Any

from earshot.scraping.embedded_json import in_json
from earshot.scraping.extracted_links import Extract, Resolver
from earshot.scraping.renditions import recordings


def read_json(answer: Any, links: Resolver) -> Extract:
    """Read any JSON value."""
    found = recordings(in_json([answer], links), {"page_url": links.base})
    return Extract(found=found, passed_over=list(links.passed_over.values()))
