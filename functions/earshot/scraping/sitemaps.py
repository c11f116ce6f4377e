"""Reads a sitemap or sitemap index: the pages and recordings it lists (sitemaps.org, protocol 0.9)."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import lxml.etree

from earshot.scraping.candidates import Candidate
from earshot.scraping.extracted_links import Extract, Resolver
from earshot.scraping.media_types import has_audio_extension
from earshot.scraping.renditions import recordings
from earshot.scraping.xml_documents import elements, local_name, repaired_elements

MOST_URLS = 50_000  # of one sitemap (limit of the protocol)
UNITS_OF_ENTRY = 4  # of work
LISTED = ("url", "sitemap")
LONGEST_LINE = 8192  # characters


def read_sitemap(content: bytes, links: Resolver) -> Extract:
    """Read an XML sitemap or index; what does not parse to the end gives what came before the fault."""
    try:
        locations = list(_locations(elements(content, ("loc", "content_loc"))))
    except (lxml.etree.XMLSyntaxError, ValueError):
        locations = list(_locations(repaired_elements(content, ("loc", "content_loc"))))
    return _listed(locations, links)


def read_url_list(text: str, links: Resolver) -> Extract:
    """Read a text sitemap, one URL a line, or the Sitemap lines of a robots.txt."""
    lines = [line[:LONGEST_LINE] for line in text.splitlines()]
    named = [line.partition(":")[2].strip() for line in lines if line.lower().lstrip().startswith("sitemap:")]
    return _listed((named or lines)[:MOST_URLS], links)


def _listed(locations: list[str], links: Resolver) -> Extract:
    listed = links.urls(locations)
    about = {"page_url": links.base}
    named = filter(has_audio_extension, listed)
    found = [Candidate(one, "sitemap", about) for one in named if links.take(UNITS_OF_ENTRY, one)]
    return Extract(
        found=recordings(found),
        parts=[one for one in listed if not has_audio_extension(one)],
        passed_over=list(links.passed_over.values()),
    )


def _locations(read: Iterator[Any]) -> Iterator[str]:
    """Addresses of pages and sitemaps, not those of the pictures on them; of videos, those that are audio."""
    for element in islice(read, MOST_URLS):
        name = local_name(element)
        parent = element.getparent()
        text = (element.text or "").strip()
        is_listed = name == "loc" and parent is not None and local_name(parent) in LISTED
        if is_listed or (name == "content_loc" and has_audio_extension(text)):
            yield text
        if name in ("loc", "content_loc"):
            element.clear()
