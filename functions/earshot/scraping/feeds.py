"""Reads a feed (RSS, RDF or Atom, any version, well-formed or not): enclosures, further pages, the owner's preferences.

One parse serves all: entries are read as they end and freed at once, so that memory does not grow with the feed.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import lxml.etree

from earshot.consent import Signal, evidence
from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import duration_ms
from earshot.scraping.extracted_links import Columns, Extract, Resolver, enclosed, inherited, non_empty
from earshot.scraping.feed_entries import ENTRIES, Entry, named_links, read_entry
from earshot.scraping.html_in_feed_entries import links_in
from earshot.scraping.licences import UNKNOWN, spdx
from earshot.scraping.passed_over import PassedOver
from earshot.scraping.renditions import recordings
from earshot.scraping.work_budget import WorkBudget
from earshot.scraping.xml_documents import elements, local_name, repaired_elements

FURTHER = frozenset(("next", "prev-archive", "next-archive"))  # RFC 5005
BLOCKS = frozenset(("yes", "true", "1"))
UNITS_OF_ENTRY, UNITS_OF_ALTERNATE = 6, 2  # of work
Elements = Callable[[bytes, tuple[str, ...]], Iterator[Any]]


def read_feed(content: bytes, links: Resolver, *, at: datetime) -> Extract:
    """Read a feed; one that does not parse to the end gives what came before the fault.

    A block of the whole feed is a signal of the extract; a block of one entry is evidence of its recordings alone.
    """
    url = links.base
    try:
        whole, entries = _entries(content, elements, links.work)
        is_broken = False
    except (lxml.etree.XMLSyntaxError, ValueError):
        links.work.unread, is_broken = 0, True
        whole, entries = _entries(content, repaired_elements, links.work)
    if is_broken and not entries and whole == Entry():
        return Extract(passed_over=[PassedOver(url, "unreadable", "a feed that is not well-formed and yields nothing")])
    around = _columns(whole, links) | non_empty(page_url=url, page_title=whole.texts.get("title"))
    around.pop("link_text", None)
    found = [one for number, entry in enumerate([whole, *entries]) for one in _found(entry, number, around, links, at)]
    further = [href for relation, href in whole.links if relation in FURTHER]
    homes = [href for relation, href in whole.links if relation == "alternate"]
    pages = [whole.texts.get("link"), *homes, *(_page(entry) for entry in entries)]
    moved = links.url(whole.texts.get("new-feed-url"))
    return Extract(
        found=recordings(found),
        linked=links.urls(pages),
        parts=links.urls(further),
        moved=[moved] if moved and moved != url else [],
        signals=_signals(whole, url, at),
        passed_over=list(links.passed_over.values()),
    )


def _entries(content: bytes, read: Elements, work: WorkBudget) -> tuple[Entry, list[Entry]]:
    """The feed itself and its entries."""
    entries: list[Entry] = []
    root = None
    for element in read(content, ENTRIES):
        root = element
        if local_name(element) in ENTRIES:
            if element.getparent() is None and local_name(element) != "entry":
                break
            if len(element):
                if work.spend(UNITS_OF_ENTRY):
                    entries.append(read_entry(element, work))
                element.clear()
            element.set("read", "")
    if root is None:
        return Entry(), entries
    unclosed = [
        one for one in root.iter() if local_name(one) in ENTRIES and one.get("read") is None and one is not root
    ]
    entries += [read_entry(one, work) for one in unclosed if work.spend(UNITS_OF_ENTRY)]
    channel = next((one for one in root.iter() if local_name(one) == "channel"), root)
    whole = read_entry(channel, work)
    if channel is not root:
        outside = read_entry(root, work, but="channel")  # where broken markup has put it
        whole.blocks += outside.blocks
        whole.enclosures += outside.enclosures
    return whole, entries


def _found(entry: Entry, number: int, around: Columns, links: Resolver, at: datetime) -> Iterator[Candidate]:
    if not (entry.enclosures or entry.media or entry.alternates or entry.written or entry.html or entry.names_audio):
        return
    about = dict(around) if number == 0 else inherited(around, _columns(entry, links))
    if number and (blocked := evidence(_signals(entry, links.base, at))):
        about = about | {"consent": blocked}
    group = ("entry", number)
    has_one = len(entry.enclosures) == 1
    for place, link in enumerate(entry.enclosures):
        is_main = place == 0 and (has_one or bool(entry.alternates))
        yield from enclosed(link | {"group": group if is_main else None}, about, links)
    for link in entry.media:
        of_group = ("media", link["media_group"]) if link["media_group"] is not None else None
        yield from enclosed(link | {"group": group if has_one else of_group}, about, links)
    for link in entry.alternates:
        links.work.charge(UNITS_OF_ALTERNATE)
        yield from enclosed(link | {"group": group}, about, links)
    for link in [*named_links(entry), *entry.written]:
        yield from enclosed(link, about, links)
    for text in entry.html:
        for written in links_in(text, links.work):
            yield from enclosed(written, about, links)


def _page(entry: Entry) -> str | None:
    page = next((href for relation, href in entry.links if relation == "alternate"), None)
    return entry.texts.get("link") or page


def _columns(entry: Entry, links: Resolver) -> Columns:
    texts = entry.texts
    return non_empty(
        link_text=texts.get("title") or texts.get("media:title"),
        author=texts.get("author"),
        language=texts.get("language"),
        tags=", ".join(entry.tags),
        declared_duration_ms=duration_ms(texts.get("duration", "")),
        **_licence(entry, links),
    )


def _signals(entry: Entry, where: str, at: datetime) -> list[Signal]:
    is_blocked = entry.texts.get("itunes:block", "").lower() in BLOCKS
    return [
        Signal(name, "yes", where, at, denies=True)
        for name, blocks in (("podcast:block", entry.is_blocked), ("itunes:block", is_blocked))
        if blocks
    ]


def _licence(entry: Entry, links: Resolver) -> dict[str, Any]:
    if entry.licence:
        name, link = entry.licence
        identifier = spdx(link) if spdx(link) != UNKNOWN else spdx(name)
        return {"license": identifier, "license_url": links.url(link), "license_from": "feed podcast:license"}
    linked = next((href for relation, href in entry.links if relation == "license"), None) or entry.texts.get("license")
    return {"license": spdx(linked), "license_url": links.url(linked), "license_from": "feed"} if linked else {}
