"""Reads a JSON Feed: attachments and further pages (jsonfeed.org, versions 1 and 1.1)."""

from typing import Any

from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import duration_ms
from earshot.scraping.extracted_links import Extract, Resolver, enclosed, inherited, non_empty
from earshot.scraping.html_in_feed_entries import links_in
from earshot.scraping.renditions import recordings

UNITS_OF_ENTRY = 5  # of work


def read_json_feed(feed: dict[str, Any], links: Resolver) -> Extract:
    """Read a feed; members that break the format are skipped."""
    around = non_empty(
        page_url=links.base,
        page_title=_string(feed.get("title")),
        language=_string(feed.get("language")),
        author=_author(feed),
    )
    found: list[Candidate] = []
    items = [item for item in _list(feed.get("items")) if isinstance(item, dict)]
    for item in items:
        if not links.work.spend(UNITS_OF_ENTRY):
            continue
        about = inherited(
            around,
            non_empty(
                link_text=_string(item.get("title")),
                language=_string(item.get("language")),
                author=_author(item),
                tags=", ".join(map(str, _list(item.get("tags")))),
            ),
        )
        for one in _list(item.get("attachments")):
            if isinstance(one, dict):
                link = {"href": one.get("url"), "type": one.get("mime_type"), "length": one.get("size_in_bytes")}
                length = non_empty(declared_duration_ms=duration_ms(one.get("duration_in_seconds", "")))
                found += enclosed(link, about | length, links)
        for written in links_in(_string(item.get("content_html")) or "", links.work):
            found += enclosed(written, about, links)
    return Extract(
        found=recordings(found),
        linked=links.urls([_string(feed.get("home_page_url")), *(_string(item.get("url")) for item in items)]),
        parts=links.urls([_string(feed.get("next_url"))]),
        passed_over=list(links.passed_over.values()),
    )


def _author(about: dict[str, Any]) -> str | None:
    authors = _list(about.get("authors")) or [about.get("author")]
    names = [_string(one.get("name")) for one in authors if isinstance(one, dict)]
    return ", ".join(name for name in names if name) or None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None
