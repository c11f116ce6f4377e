"""Reads the HTML inside feed entries (descriptions, content) for players and links to audio.

Blogs and older podcasts put them there and have no enclosure. What elements name is read as on a page. Some feeds
escape their HTML twice, so that a text without any tag is left: of it, BeautifulSoup picks the elements that may name
audio, whatever else such a text holds.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer

from earshot.scraping.audio_elements import hrefs_of, mentions
from earshot.scraping.html_tree import parsed
from earshot.scraping.overgrown_tags import without_overgrown_tags
from earshot.scraping.text_links import ENDS
from earshot.scraping.work_budget import WorkBudget

LONGEST_ENTRY = 200_000  # characters of one entry's HTML; a longer one is cut
PLAYER = re.compile(r"<(?:amp-)?audio|<source", re.IGNORECASE)
TYPED = re.compile(r"type\s{0,9}=\s{0,9}[\"']?audio/", re.IGNORECASE)
FOUND_BY = frozenset(("a", "audio", "source", "video", "object", "iframe"))
UNITS_OF_HTML, UNITS_OF_ESCAPED_HTML = 12, 100  # of work
NAMING = SoupStrainer(["a", "audio", "amp-audio", "video", "source", "object", "param", "embed", "iframe"])


def links_in(html: str, work: WorkBudget) -> Iterator[Mapping[str, Any]]:
    """Links as an enclosure gives them (`href`, `type`), of elements that may name audio; in document order."""
    html = html[:LONGEST_ENTRY]
    if not (ENDS.search(html) or PLAYER.search(html) or TYPED.search(html)):
        return
    is_escaped = "<" not in html and "&lt;" in html
    if not work.spend(UNITS_OF_ESCAPED_HTML if is_escaped else UNITS_OF_HTML):
        return
    if is_escaped:
        html = BeautifulSoup(unescape(html), "html.parser", parse_only=NAMING).decode()
    page = parsed(without_overgrown_tags(html.replace("\0", "").encode("utf-8", "replace")))
    if page is None:
        return
    for mention in mentions(page, hrefs_of(page), work):
        if mention.found_by in FOUND_BY:
            group = None if mention.group is None else ("player", mention.group)
            yield {
                "href": mention.href,
                "type": mention.declared_type,
                "found_by": "entry",
                "player": mention.player,
                "group": group,
            }
