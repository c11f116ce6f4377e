"""One entry of a feed, or the feed itself, as its elements say: texts, enclosures, alternates, blocks, licence.

RSS 0.9 to 2.0, RDF and Atom, with the vocabularies of iTunes, Media RSS, the podcast namespace, Dublin Core and
Creative Commons, under any prefix, declared or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import lxml.etree

from earshot.consent import OUR_NAME
from earshot.scraping.durations_and_sizes import bit_rate_bps, duration_ms
from earshot.scraping.media_types import has_audio_extension
from earshot.scraping.work_budget import WorkBudget
from earshot.scraping.xml_documents import local_name, prefix_and_namespace

ENTRIES = ("item", "entry", "liveItem")
HTML_IN = frozenset(("description", "encoded", "summary", "content", "subtitle", "content_encoded"))
NAMESPACES = {  # namespace to the prefix by which it is known; other prefixes stand for themselves
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "https://podcastindex.org/namespace/1.0": "podcast",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/rss/1.0/": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dc",
}
IMPORTANT = frozenset(("podcast", "itunes", "media"))
PLAYED = {"a": "href", "audio": "src", "source": "src", "embed": "src", "iframe": "src"}  # HTML that is not escaped
FREE_ELEMENTS = 40  # of an entry, as few have more; each further one takes work
UNITS_OF_ELEMENT = 3
MOST_HTML = 10  # texts of an entry
MOST_OF_ONE_NAME = 20  # attributes of an element, under different prefixes
LONGEST_HTML = 200_000  # characters of one entry's HTML; a longer one is cut
Link = dict[str, Any]


@dataclass
class Entry:
    """What the elements of a feed or an entry say."""

    texts: dict[str, str] = field(default_factory=dict)
    """`title`, `link`, `author`, `language`, `duration`, `itunes:block`, `guid`, `new-feed-url`: the first of each."""
    tags: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    """Relation and address of Atom links."""
    enclosures: list[Link] = field(default_factory=list)
    media: list[Link] = field(default_factory=list)
    alternates: list[Link] = field(default_factory=list)
    written: list[Link] = field(default_factory=list)
    """Links of HTML that is not escaped."""
    html: list[str] = field(default_factory=list)
    licence: tuple[str, str | None] | None = None
    """Of the podcast namespace: identifier or name, and address."""
    blocks: list[tuple[str, bool]] = field(default_factory=list)
    """`podcast:block` elements: the id, empty for all, and whether it blocks."""

    @property
    def names_audio(self) -> bool:
        """Whether a link of the entry is itself the address of an audio file."""
        return next(named_links(self), None) is not None

    @property
    def is_blocked(self) -> bool:
        """Whether `podcast:block` asks us to stay away: the block that names us counts, else the general one."""
        ours = [blocks for name, blocks in self.blocks if name == OUR_NAME]
        return any(ours or [blocks for name, blocks in self.blocks if not name])


def read_entry(top: Any, work: WorkBudget, *, but: str = "") -> Entry:
    """Read an element's children, at any depth, but not the entries among them; many of them take from `work`.

    Args:
        but: name of children that are left out.
    """
    entry = Entry()
    waiting = [(element, False) for element in reversed(top) if not but or local_name(element) != but]
    read = 0
    while waiting:
        element, is_within_html = waiting.pop()
        name = local_name(element)
        if not name or name in ENTRIES:
            continue
        read += 1
        if read > FREE_ELEMENTS and not work.spend(UNITS_OF_ELEMENT):
            continue
        vocabulary = _vocabulary(element)
        _read(element, vocabulary, name, entry, is_child=element.getparent() is top)
        is_html = name in HTML_IN and vocabulary != "media"
        if is_html and not is_within_html:  # which contains all the HTML within it
            _html(element, entry)
        is_closed = name in ("alternateEnclosure", "author", "image", "textInput", "source") or (
            name == "content" and element.get("type") == "xhtml"
        )
        if not is_closed:
            waiting += [(one, is_within_html or is_html) for one in reversed(element)]
    return entry


def _read(element: Any, vocabulary: str, name: str, entry: Entry, *, is_child: bool) -> None:
    text = (element.text or "").strip()
    if vocabulary == "podcast":
        _podcast(element, name, text, entry)
    elif vocabulary == "media":
        if name == "content":
            entry.media.append(_media(element))
        elif name == "title" and text:
            entry.texts.setdefault("media:title", text)
    elif name == "enclosure":
        href = _attribute(element, "url", "href", "src", "resource") or text
        entry.enclosures.append(
            {"href": href, "type": _attribute(element, "type"), "length": _attribute(element, "length", "fileSize")}
        )
    elif name == "link" and element.get("href") is not None:
        relation, href = (element.get("rel") or "alternate").lower(), element.get("href", "").strip()
        entry.links.append((relation, href))
        if relation == "enclosure":
            kind, length = element.get("type"), element.get("length")
            entry.enclosures.append({"href": href, "type": kind, "length": length})
    elif name == "block":
        entry.texts.setdefault("itunes:block", text)
    elif name == "category":
        entry.tags += [one for one in (element.get("term") or element.get("text") or text,) if one]
    elif name in ("license", "licence"):
        entry.texts.setdefault("license", text or _attribute(element, "resource", "href", "url") or "")
    elif name == "author":
        person = next((child.text for child in element.iter() if local_name(child) == "name"), None)
        entry.texts.setdefault("author", (person or text).strip())
    elif name in ("creator", "duration", "language", "new-feed-url", "guid") or (
        is_child and name in ("title", "link")
    ):
        entry.texts.setdefault("author" if name == "creator" else name, text)
    elif name in PLAYED and (href := _attribute(element, PLAYED[name])):
        entry.written.append({"href": href, "type": element.get("type"), "found_by": "entry"})


def _html(element: Any, entry: Entry) -> None:
    """The HTML in a text: escaped, or as elements of XHTML."""
    text = (element.text or "").strip()
    if len(entry.html) >= MOST_HTML:
        return
    if len(element):
        text = lxml.etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    if "<" in text:
        entry.html.append(text[:LONGEST_HTML])


def _podcast(element: Any, name: str, text: str, entry: Entry) -> None:
    if name == "license":
        entry.licence = (text, element.get("url"))
    elif name == "block":
        entry.blocks.append(((element.get("id") or "").strip().lower(), text.lower() in ("yes", "true", "1")))
    elif name == "alternateEnclosure":
        entry.alternates += _alternates(element)


def _alternates(element: Any) -> Iterator[Link]:
    inner = [(local_name(one), one) for one in element.iter()]
    common = {
        "type": element.get("type"),
        "length": element.get("length"),
        "sri": next(
            (one.get("value") for name, one in inner if name == "integrity" and one.get("type") == "sri"), None
        ),
        "bit_rate_bps": bit_rate_bps(element.get("bitrate") or ""),
        "found_by": "alternateEnclosure",
    }
    for name, one in inner:
        if name == "source":
            yield {"href": (one.get("uri") or one.get("url") or "").strip(), **common}


def _media(element: Any) -> Link:
    parent = element.getparent()
    group = parent if parent is not None and local_name(parent) == "group" else None
    kilobits = element.get("bitrate") or ""
    return {
        "href": (element.get("url") or "").strip(),
        "type": element.get("type"),
        "length": element.get("fileSize"),
        "medium": (element.get("medium") or "").lower(),
        "bit_rate_bps": bit_rate_bps(f"{kilobits} kbit/s") if kilobits else None,
        "duration_ms": duration_ms(element.get("duration") or ""),
        "media_group": group,
    }


def _vocabulary(element: Any) -> str:
    prefix, namespace = prefix_and_namespace(element)
    known = NAMESPACES.get(namespace.lower()) if namespace else None
    return known if known is not None else prefix if prefix in IMPORTANT or not namespace else ""


def _attribute(element: Any, *names: str) -> str | None:
    """Value of the first attribute with one of these local names. To get all values of n attributes takes n² steps."""
    meant = (name for name in element.attrib if name[max(name.rfind("}"), name.rfind(":")) + 1 :] in names)
    return next(
        (value for name in islice(meant, MOST_OF_ONE_NAME) if (value := (element.get(name) or "").strip())), None
    )


def named_links(entry: Entry) -> Iterator[Link]:
    """Links of an entry that are themselves the address of an audio file."""
    for name in ("link", "guid"):
        if has_audio_extension(entry.texts.get(name, "")):
            yield {"href": entry.texts[name]}
    for relation, href in entry.links:
        if relation in ("alternate", "related", "via") and has_audio_extension(href):
            yield {"href": href}
