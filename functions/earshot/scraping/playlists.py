"""Reads playlists (M3U, RAM, PLS, XSPF, ASX, WPL) and OPML: their entries; those that are playlists are parts.

HLS playlists, which have the form of M3U, list segments of a stream: no recordings, so nothing is found in them.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from earshot.audio import clean
from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import duration_ms, milliseconds
from earshot.scraping.extracted_links import TEXT_BYTES, Extract, Resolver, non_empty
from earshot.scraping.licences import spdx
from earshot.scraping.media_types import MANIFESTS, PLAYLIST_EXTENSIONS, extension, has_audio_extension
from earshot.scraping.passed_over import PassedOver
from earshot.scraping.renditions import recordings
from earshot.scraping.xml_documents import local_name, root_of

PLS_LINE = re.compile(r"(file|title|length)(\d{1,6})\s{0,99}=(.*)", re.IGNORECASE | re.DOTALL)
LONGEST_LINE = 8192  # characters
EXTINF = re.compile(r"#EXTINF:\s*(?P<seconds>-?\d+(?:\.\d+)?)[^,]*,?(?P<title>.*)", re.IGNORECASE)
UNITS_OF_ENTRY, UNITS_OF_TRACK = 2, 2  # of work; one more with a title
Entry = dict[str, Any]


def read_m3u(text: str, links: Resolver) -> Extract:
    """Read M3U, plain or extended; a RAM file is a plain one."""
    if "#EXT-X-" in text:
        return Extract(passed_over=[PassedOver(links.base, "stream", "HLS playlist: segments of a stream, no file")])
    return _extract(_m3u(text), links)


def read_pls(text: str, links: Resolver) -> Extract:
    """Read PLS, an INI file with FileN, TitleN and LengthN."""
    values: dict[tuple[str, int], str] = {}
    for line in text.splitlines():
        if match := PLS_LINE.fullmatch(line[:LONGEST_LINE].strip()):
            values.setdefault((match[1].lower(), int(match[2])), match[3].strip())
    return _extract(
        (
            {
                "href": values[kind, number],
                "link_text": values.get(("title", number)),
                "declared_duration_ms": duration_ms(values.get(("length", number), "")),
            }
            for kind, number in sorted(values, key=lambda key: key[1])
            if kind == "file"
        ),
        links,
    )


def read_xspf(content: bytes, links: Resolver) -> Extract:
    """Read XSPF; a track's licence is its own, else the playlist's."""
    root = root_of(content)
    return _extract(_xspf(root, links), links, page_title=_text(root, "title")) if root is not None else Extract()


def read_references(content: bytes, links: Resolver) -> Extract:
    """Read ASX, WPL or OPML: recordings that they refer to; further playlists and feeds are parts."""
    root = root_of(content)
    if root is None:
        return Extract()
    read = _extract(_references(root), links, page_title=next((one.text for one in root.iter("title")), None))
    feeds = [feed for one in root.iter("outline") if (feed := one.get("xmlUrl") or one.get("xmlurl"))]
    more = [one.get("href") for one in root.iter("entryref")]
    return replace(read, parts=list(dict.fromkeys([*read.parts, *links.urls([*more, *feeds])])))


def _references(root: Any) -> Iterator[Entry]:
    titles: dict[Any, str | None] = {}  # each is looked for once, however many references stand beside it
    for element in root.iter("ref", "media", "outline"):
        parent = element.getparent()
        if element.tag == "ref" and parent is not None:
            if parent not in titles:
                titles[parent] = _title(parent)
            title = titles[parent]
        else:
            title = element.get("text")
        href = element.get("href") or element.get("src") or element.get("url")
        if href and (element.tag != "outline" or has_audio_extension(href)):
            yield {"href": href, "link_text": title}


def _m3u(text: str) -> Iterator[Entry]:
    about: Entry = {}
    for line in text.splitlines():
        line = line[:LONGEST_LINE].strip()
        if line[:1] == "#":
            if match := EXTINF.match(line):
                about = {"link_text": match["title"].strip(), "declared_duration_ms": duration_ms(match["seconds"])}
        elif line:
            yield {"href": line, **about}
            about = {}


def _xspf(root: Any, links: Resolver) -> Iterator[Entry]:
    licence = _text(root, "license")
    for track in root.iter("{*}track", "track"):
        if not links.work.spend(UNITS_OF_TRACK):
            continue
        own = _text(track, "license") or licence
        about = {
            "link_text": _title(track),
            "author": _text(track, "creator"),
            "declared_duration_ms": milliseconds(_text(track, "duration") or ""),
            "license": spdx(own) if own else None,
            "license_url": links.url(own) if own and "/" in own else None,
            "license_from": "playlist" if own else None,
        }
        for location in (one for one in track if local_name(one) == "location"):
            yield {"href": location.text, **about}


def _title(element: Any) -> str | None:
    return clean(_text(element, "title") or "", TEXT_BYTES) or None  # once, however many entries share it


def _text(element: Any, name: str) -> str | None:
    text = next((one.text for one in element if local_name(one) == name), None)
    return text[:LONGEST_LINE] if text else text  # many entries may share it


def _extract(entries: Iterator[Entry], links: Resolver, page_title: str | None = None) -> Extract:
    """Entries as recordings: an entry counts as audio unless its name has the extension of something else."""
    found: list[Candidate] = []
    parts: list[str] = []
    about = non_empty(page_url=links.base, page_title=page_title)
    for entry in entries:
        target = links.url(entry.pop("href"))
        if target is None:
            continue
        ending = extension(target)
        if ending in MANIFESTS and ending != ".m3u8":
            links.pass_over(target, "stream", f"{MANIFESTS[ending]} manifest: segments of a stream, no file")
        elif ending in PLAYLIST_EXTENSIONS or ending == ".m3u8":
            parts.append(target)
        elif (has_audio_extension(target) or not ending) and links.take(UNITS_OF_ENTRY + (1 if entry else 0), target):
            found.append(Candidate(target, "playlist", about | non_empty(**entry) if entry else about))
    passed_over = list(links.passed_over.values())
    return Extract(found=recordings(found), parts=list(dict.fromkeys(parts)), passed_over=passed_over)
