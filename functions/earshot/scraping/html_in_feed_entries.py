"""Reads the HTML inside feed entries (descriptions, content) for players and links to audio.

Blogs and older podcasts put them there and have no enclosure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.filter import SoupStrainer

LONGEST_ENTRY = 200_000  # characters of one entry's HTML; a longer one is cut
NAMING = {"a": "href", "audio": "src", "source": "src", "embed": "src"}


def links_in(html: str) -> Iterator[Mapping[str, Any]]:
    """Links as an enclosure gives them (`href`, `type`), of elements that may name audio; in document order."""
    soup = BeautifulSoup(html[:LONGEST_ENTRY], "lxml", parse_only=SoupStrainer(list(NAMING)))
    for element in soup.find_all(list(NAMING)):
        if isinstance(element, Tag) and (href := element.get(NAMING[element.name])):
            yield {"href": str(href), "type": element.get("type"), "found_by": "entry"}
