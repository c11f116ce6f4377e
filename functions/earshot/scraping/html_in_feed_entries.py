"""Reads the HTML inside feed entries (descriptions, content) for players and links to audio.

Blogs and older podcasts put them there and have no enclosure. Such HTML is a fragment, escaped and often cut or broken:
BeautifulSoup picks the elements that may name audio out of it, and what they name is read as on a page.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import lxml.html
from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer

from earshot.scraping.audio_elements import hrefs_of, mentions
from earshot.scraping.text_links import ENDS

LONGEST_ENTRY = 200_000  # characters of one entry's HTML; a longer one is cut
PLAYER = re.compile(r"<(?:amp-)?audio|<source", re.IGNORECASE)
TYPED = re.compile(r"type\s{0,9}=\s{0,9}[\"']?audio/", re.IGNORECASE)
FOUND_BY = frozenset(("a", "audio", "source", "video", "object", "iframe"))
NAMING = SoupStrainer(["a", "audio", "amp-audio", "video", "source", "object", "param", "embed", "iframe"])


def links_in(html: str) -> Iterator[Mapping[str, Any]]:
    """Links as an enclosure gives them (`href`, `type`), of elements that may name audio; in document order."""
    html = html[:LONGEST_ENTRY]
    if not (ENDS.search(html) or PLAYER.search(html) or TYPED.search(html)):
        return
    fragment = BeautifulSoup(html.replace("\0", ""), "lxml", parse_only=NAMING).decode()
    if not fragment.strip():
        return
    page = lxml.html.document_fromstring(f"<html><body>{fragment}</body></html>")
    for mention in mentions(page, hrefs_of(page)):
        if mention.found_by in FOUND_BY:
            group = None if mention.group is None else ("player", mention.group)
            yield {
                "href": mention.href,
                "type": mention.declared_type,
                "found_by": "entry",
                "player": mention.player,
                "group": group,
            }
