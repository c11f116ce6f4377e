"""Reads the podcast namespace of a feed from its XML: licence, block and alternate enclosures of feed and items.

No entities are resolved, nothing is fetched. Source: podcast-namespace, docs/1.0.md.
"""

from dataclasses import dataclass, field
from typing import Any

import lxml.etree

from earshot.consent import OUR_NAME

NAMESPACES = frozenset(  # the specification defines both as equal
    (
        "https://podcastindex.org/namespace/1.0",
        "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    )
)


@dataclass
class Podcast:
    """Podcast-namespace metadata of a feed or an item."""

    licence: tuple[str, str | None] | None = None
    """Its identifier or name, and its address."""
    blocks: bool = False
    alternates: list[dict[str, Any]] = field(default_factory=list)
    """Further files of the same recording, as links with `href`, `type`, `length` and `sri`."""


def read_podcast(content: bytes) -> tuple[Podcast, dict[str, Podcast]]:
    """Podcast-namespace metadata of the feed, and of each item by the URL of its enclosure."""
    whole, of_item = Podcast(), {}
    parser = lxml.etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = lxml.etree.fromstring(content, parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        return whole, {}
    channel = root.find("channel") if root is not None else None
    for element in channel if channel is not None else ():
        _read(element, whole)
    for item in root.iter("item") if root is not None else ():
        about = Podcast()
        for element in item:
            _read(element, about)
        for enclosure in item.iterfind("enclosure"):
            of_item[str(enclosure.get("url", "")).strip()] = about
    return whole, of_item


def _read(element: Any, about: Podcast) -> None:
    if not isinstance(element.tag, str) or lxml.etree.QName(element).namespace not in NAMESPACES:
        return
    name, text = lxml.etree.QName(element).localname, (element.text or "").strip()
    if name == "license":
        about.licence = (text, element.get("url"))
    elif name == "block" and element.get("id", OUR_NAME).lower() == OUR_NAME:
        about.blocks = text.lower() == "yes"
    elif name == "alternateEnclosure":
        sri = next((one.get("value") for one in element.iter("{*}integrity") if one.get("type") == "sri"), None)
        about.alternates += [
            {"href": one.get("uri"), "sri": sri, "found_by": "alternateEnclosure"}
            | {"type": element.get("type"), "length": element.get("length")}
            for one in element.iter("{*}source")
        ]
