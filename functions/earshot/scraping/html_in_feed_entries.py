"""HTML that a feed carries as text, in its entries: the text in, the audio it names out.

Blogs and older podcasts set their players and links there, and give no enclosure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.filter import SoupStrainer

PROSE_CHARACTERS = 200_000  # of one entry; a longer one is read as far as this
NAMING = {"a": "href", "audio": "src", "source": "src", "embed": "src"}


def links_in(html: str) -> Iterator[Mapping[str, Any]]:
    """Links as an enclosure gives them (`href`, `type`), of elements that may name audio; in document order."""
    soup = BeautifulSoup(html[:PROSE_CHARACTERS], "lxml", parse_only=SoupStrainer(list(NAMING)))
    for element in soup.find_all(list(NAMING)):
        if isinstance(element, Tag) and (href := element.get(NAMING[element.name])):
            yield {"href": str(href), "type": element.get("type"), "found_by": "entry"}
