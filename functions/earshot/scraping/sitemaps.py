"""Reads a sitemap or sitemap index: the pages and recordings it lists (sitemaps.org, protocol 0.9)."""

import io
from collections.abc import Iterator

import lxml.etree

from earshot.audio import AudioFound
from earshot.scraping.extracted_links import Extract, addresses, merged
from earshot.scraping.media_types import has_audio_extension

MOST_URLS = 50_000  # of one sitemap (limit of the protocol)


def read_sitemap(content: bytes, *, url: str) -> Extract:
    """Read an XML sitemap or index; what does not parse to the end gives what came before the fault."""
    return _listed(_locations(content), url)


def read_url_list(text: str, *, url: str) -> Extract:
    """Read a text sitemap, one URL a line, or the Sitemap lines of a robots.txt."""
    lines = text.splitlines()
    named = [line.partition(":")[2].strip() for line in lines if line.lower().lstrip().startswith("sitemap:")]
    return _listed(iter(named or lines), url)


def _listed(locations: Iterator[str], url: str) -> Extract:
    listed = addresses((location for location, _ in zip(locations, range(MOST_URLS), strict=False)), url)
    recordings = [one for one in listed if has_audio_extension(one)]
    return Extract(
        found=merged(AudioFound(source_url=one, page_url=url, found_by="sitemap") for one in recordings),
        parts=[one for one in listed if one not in set(recordings)],
    )


def _locations(content: bytes) -> Iterator[str]:
    events = lxml.etree.iterparse(
        io.BytesIO(content), tag=("{*}loc", "loc"), recover=True, resolve_entities=False, no_network=True
    )
    try:
        for _, element in events:
            parent = element.getparent()
            if parent is not None and lxml.etree.QName(parent).localname in ("url", "sitemap"):
                yield (element.text or "").strip()
            element.clear()
    except lxml.etree.XMLSyntaxError:
        return
