"""Reads playlists (M3U, PLS, XSPF): their entries; entries that are playlists themselves are parts.

HLS playlists, which have the form of M3U, list segments of a stream: no recordings, so nothing is found in them.
"""

import configparser
import re
from collections.abc import Iterator
from typing import Any

import lxml.etree

from earshot.audio import AudioFound
from earshot.scraping.durations_and_sizes import duration_ms
from earshot.scraping.extracted_links import Extract, address, addresses, merged, non_empty
from earshot.scraping.licences import spdx
from earshot.scraping.media_types import extension, has_audio_extension

PLAYLIST_EXTENSIONS = frozenset((".m3u", ".m3u8", ".pls", ".xspf"))
EXTINF = re.compile(r"#EXTINF:\s*(?P<seconds>-?\d+(?:\.\d+)?)[^,]*,?(?P<title>.*)", re.IGNORECASE)
Entry = dict[str, Any]


def read_m3u(text: str, *, url: str) -> Extract:
    """Read M3U, plain or extended."""
    if "#EXT-X-" in text:
        return Extract()
    return _extract(_m3u(text), url)


def read_pls(text: str, *, url: str) -> Extract:
    """Read PLS, an INI file with FileN, TitleN and LengthN."""
    parser = configparser.RawConfigParser(strict=False, interpolation=None, delimiters=("=",), allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return Extract()
    values = dict(parser.items("playlist")) if parser.has_section("playlist") else {}
    numbers = sorted(int(name[4:]) for name in values if re.fullmatch(r"file\d{1,6}", name))
    return _extract(
        (
            {
                "href": values.get(f"file{number}"),
                "link_text": values.get(f"title{number}"),
                "declared_duration_ms": duration_ms(values.get(f"length{number}") or ""),
            }
            for number in numbers
        ),
        url,
    )


def read_xspf(content: bytes, *, url: str) -> Extract:
    """Read XSPF; a track's licence is its own, else the playlist's."""
    parser = lxml.etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = lxml.etree.fromstring(content, parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        return Extract()
    return _extract(_xspf(root), url, page_title=_text(root, "title")) if root is not None else Extract()


def _m3u(text: str) -> Iterator[Entry]:
    about: Entry = {}
    for line in text.splitlines():
        if match := EXTINF.match(line.strip()):
            about = {"link_text": match["title"].strip(), "declared_duration_ms": duration_ms(match["seconds"])}
        elif line.strip() and not line.lstrip().startswith("#"):
            yield {"href": line.strip(), **about}
            about = {}


def _xspf(root: Any) -> Iterator[Entry]:
    licence = _text(root, "license")
    for track in root.iter("{*}track"):
        milliseconds = _text(track, "duration") or ""
        own = _text(track, "license") or licence
        for location in track.iterfind("{*}location"):
            yield {
                "href": location.text,
                "link_text": _text(track, "title"),
                "author": _text(track, "creator"),
                "declared_duration_ms": int(milliseconds) if milliseconds.isdecimal() else None,
                "license": spdx(own) if own else None,
                "license_url": address(own, "http://example.org/") if own and "/" in own else None,
                "license_from": "playlist" if own else None,
            }


def _text(element: Any, name: str) -> str | None:
    found = element.find(f"{{*}}{name}")
    return found.text if found is not None else None


def _extract(entries: Iterator[Entry], url: str, page_title: str | None = None) -> Extract:
    """Entries as recordings: an entry counts as audio unless its name has the extension of something else."""
    found, parts = [], []
    for entry in entries:
        target = address(entry.pop("href"), url)
        if target is None:
            continue
        if extension(target) in PLAYLIST_EXTENSIONS:
            parts.append(target)
        elif has_audio_extension(target) or not extension(target):
            columns = non_empty(source_url=target, page_url=url, page_title=page_title, found_by="playlist", **entry)
            found.append(AudioFound.model_validate(columns))
    return Extract(found=merged(found), parts=addresses(parts, url))
