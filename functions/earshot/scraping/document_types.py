"""Detects the type of a document from its bytes (the declared media type helps) and reads its links to audio."""

import json
import re
import zlib
from datetime import datetime
from urllib.parse import urlsplit

from earshot.errors import TooLarge
from earshot.scraping.extracted_links import Extract
from earshot.scraping.feeds import read_feed
from earshot.scraping.html_page import read_html
from earshot.scraping.internet_archive import is_item, read_item
from earshot.scraping.json_feed import read_json_feed
from earshot.scraping.media_types import extension, media_type
from earshot.scraping.playlists import read_m3u, read_pls, read_xspf
from earshot.scraping.sitemaps import read_sitemap, read_url_list

HEAD_BYTES = 4096
ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")  # the first element; declarations and comments begin otherwise
PROLOGUE = re.compile(r"<!--.*?-->|<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>|<\?.*?\?>", re.DOTALL | re.IGNORECASE)
FEEDS, SITEMAPS = ("rss", "feed", "rdf", "channel"), ("urlset", "sitemapindex")
M3U_TYPES = ("audio/mpegurl", "audio/x-mpegurl", "application/mpegurl", "application/x-mpegurl")
PLS_TYPES = ("audio/x-scpls", "audio/scpls")
NEVER = ("image/", "video/", "font/", "application/pdf", "application/zip", "application/wasm")
LINK_LICENCE = re.compile(r"<([^<>]*)>\s*;[^,]*\brel=\"?[^\",;]*\blicense\b", re.IGNORECASE)


def may_hold_links(declared: str | None) -> bool:
    """Whether a response of this media type can hold links; images, video, fonts and archives cannot."""
    return not media_type(declared).startswith(NEVER)


def licence_in_link(header: str | None) -> str | None:
    """The URL in a `Link: <…>; rel=license` header (RFC 8288), or None."""
    match = LINK_LICENCE.search(header or "")
    return match[1] if match else None


def read(
    content: bytes,
    *,
    url: str,
    at: datetime,
    max_bytes: int,
    declared: str | None = None,
    licence: str | None = None,
) -> Extract:
    """Links to audio and further pages in a document of any supported type; empty for an unsupported one.

    Raises:
        TooLarge: a compressed sitemap unfolds to more than `max_bytes`.
    """
    content = _unfolded(content, url, max_bytes)
    head = _text(content[:HEAD_BYTES]).lstrip("\ufeff\r\n\t ")
    kind = media_type(declared)
    if head.startswith("#EXTM3U") or kind in M3U_TYPES or (extension(url) in (".m3u", ".m3u8") and head[:1] != "<"):
        return read_m3u(_text(content), url=url)
    if head[:10].lower() == "[playlist]" or kind in PLS_TYPES:
        return read_pls(_text(content), url=url)
    if head.startswith("{"):
        return _json(content, url)
    match root(head):
        case name if name in FEEDS:
            return read_feed(content, url=url, at=at, declared=declared)
        case name if name in SITEMAPS:
            return read_sitemap(content, url=url)
        case "playlist":
            return read_xspf(content, url=url)
    if kind == "text/plain" and (head.startswith(("http://", "https://")) or urlsplit(url).path == "/robots.txt"):
        return read_url_list(_text(content), url=url)
    if kind.startswith("text/") or kind in ("", "application/xhtml+xml", "application/xml"):
        return read_html(content, url=url, at=at, declared=declared, licence=licence)
    return Extract()


def root(head: str) -> str:
    """The local name of the first element, in lower case; empty without one."""
    match = ROOT.match(PROLOGUE.sub("", head).lstrip())
    return match[1].lower() if match else ""


def _json(content: bytes, url: str) -> Extract:
    try:
        answer = json.loads(content)
        if is_item(answer):
            return read_item(answer, url=url)
        if "jsonfeed.org/version" in str(answer.get("version")):
            return read_json_feed(answer, url=url)
    except (ValueError, RecursionError):
        return Extract()
    return Extract()


def _unfolded(content: bytes, url: str, max_bytes: int) -> bytes:
    """A file that is compressed itself, as sitemaps are; a broken one as far as it goes."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    unfolding = zlib.decompressobj(wbits=31)
    try:
        whole = unfolding.decompress(content, max_bytes)
    except zlib.error:
        return b""
    if unfolding.unconsumed_tail:
        raise TooLarge(f"{url} unfolds to more than {max_bytes} bytes", final_url=url)
    return whole


def _text(content: bytes) -> str:
    """As UTF-8 or UTF-16 if it is that, else as Latin-1, which never fails."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
