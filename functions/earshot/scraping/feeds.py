"""Reads a feed (RSS or Atom, any version, well-formed or not): enclosures, further pages, the owner's preferences."""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import feedparser

from earshot.audio import AudioFound
from earshot.consent import Signal, evidence
from earshot.scraping.durations_and_sizes import duration_ms
from earshot.scraping.extracted_links import Extract, address, addresses, enclosed, inherited, merged, non_empty
from earshot.scraping.html_in_feed_entries import links_in
from earshot.scraping.licences import UNKNOWN, spdx
from earshot.scraping.podcast_namespace import Podcast, read_podcast

ENTITIES = re.compile(rb"<!ENTITY[^>]*>")  # feeds need none, and they allow exponential expansion


def read_feed(content: bytes, *, url: str, at: datetime, declared: str | None = None) -> Extract:
    """Read RSS or Atom; what does not parse to the end gives what came before the fault.

    A block of the whole feed is a signal of the extract; a block of one item is evidence of its recordings alone.
    """
    content = ENTITIES.sub(b"", content)
    headers = {"content-location": url} | ({"content-type": declared} if declared else {})
    parsed = feedparser.parse(
        io.BytesIO(content), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    feed = parsed.feed
    whole, of_item = read_podcast(content)
    around = non_empty(
        page_url=url,
        page_title=feed.get("title"),
        author=feed.get("author"),
        language=feed.get("language"),
        tags=_tags(feed),
        **_licence(whole, feed, url),
    )
    found: list[AudioFound] = []
    for entry in parsed.entries:
        enclosures = [link for link in entry.get("links", []) if link.get("rel") == "enclosure"]
        media = [{"href": one.get("url"), "type": one.get("type")} for one in entry.get("media_content", [])]
        podcast = next((of_item[href] for link in enclosures if (href := link.get("href")) in of_item), Podcast())
        about = inherited(
            around,
            non_empty(
                link_text=entry.get("title"),
                author=entry.get("author"),
                tags=_tags(entry),
                declared_duration_ms=duration_ms(entry.get("itunes_duration", "")),
                consent=evidence(_blocks(entry, podcast, url, at)),
                **_licence(podcast, entry, url),
            ),
        )
        for link in [*enclosures, *media, *podcast.alternates, *_written(entry)]:
            found += enclosed(link, about, url)
    return Extract(
        found=merged(found),
        pages=addresses([feed.get("link"), *(entry.get("link") for entry in parsed.entries)], url),
        parts=addresses([link.get("href") for link in feed.get("links", []) if link.get("rel") == "next"], url),
        signals=_blocks(feed, whole, url, at),
    )


def _written(entry: Any) -> Iterator[Mapping[str, Any]]:
    texts = [entry.get("summary"), *(content.get("value") for content in entry.get("content", []))]
    for text in texts:
        if isinstance(text, str) and "<" in text:
            yield from links_in(text)


def _blocks(about: Any, podcast: Podcast, where: str, at: datetime) -> list[Signal]:
    blocked = str(about.get("itunes_block", "")).strip().lower() in ("1", "yes", "true")
    return [
        Signal(name, "yes", where, at, denies=True)
        for name, blocks in (("podcast:block", podcast.blocks), ("itunes:block", blocked))
        if blocks
    ]


def _licence(podcast: Podcast, about: Any, base: str) -> dict[str, Any]:
    if podcast.licence:
        name, link = podcast.licence
        identifier = spdx(link) if spdx(link) != UNKNOWN else spdx(name)
        return {"license": identifier, "license_url": address(link, base), "license_from": "feed podcast:license"}
    linked = next((one.get("href") for one in about.get("links", []) if one.get("rel") == "license"), None)
    linked = linked or about.get("license")
    return {"license": spdx(linked), "license_url": address(linked, base), "license_from": "feed"} if linked else {}


def _tags(about: Any) -> str:
    return ", ".join(str(tag.get("term")) for tag in about.get("tags", []) if tag.get("term"))
