"""Detects the type of a document from its bytes (the declared media type helps) and reads its links to audio."""

import json
import re
import zlib
from datetime import datetime
from urllib.parse import urlsplit

from earshot.errors import TooLarge
from earshot.scraping.extracted_links import Extract, Resolver
from earshot.scraping.feeds import read_feed
from earshot.scraping.garbage_collection import collector_paused
from earshot.scraping.html_page import read_html
from earshot.scraping.internet_archive import is_item, read_item
from earshot.scraping.json_documents import read_json
from earshot.scraping.json_feed import read_json_feed
from earshot.scraping.media_types import extension, manifest, media_type
from earshot.scraping.passed_over import PassedOver
from earshot.scraping.playlists import read_m3u, read_pls, read_references, read_xspf
from earshot.scraping.sitemaps import read_sitemap, read_url_list
from earshot.scraping.work_budget import WorkBudget

HEAD_BYTES = 4096
PROLOGUE_BYTES = 1_000_000  # before the first element, comments and document type included
ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?([A-Za-z][\w.-]{0,40})")
FEEDS, SITEMAPS = ("rss", "feed", "rdf", "channel"), ("urlset", "sitemapindex")
M3U_TYPES = ("audio/mpegurl", "audio/x-mpegurl", "application/mpegurl", "application/x-mpegurl")
PLS_TYPES = ("audio/x-scpls", "audio/scpls")
ASX_TYPES = ("video/x-ms-asf", "video/x-ms-asx", "video/x-ms-wax", "video/x-ms-wvx")  # registered as video, but text
NEVER = ("image/", "video/", "font/", "application/pdf", "application/zip", "application/wasm")
MOST_MEMBERS = 10_000  # of a gzip file
PORTION_BYTES = 16_384  # of a compressed file, decompressed at once


def may_hold_links(declared: str | None) -> bool:
    """Whether a response of this media type can hold links; images, video, fonts and archives cannot."""
    kind = media_type(declared)
    return not kind.startswith(NEVER) or kind in ASX_TYPES


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
        TooLarge: a compressed document unfolds to more than `max_bytes`.
    """
    content = _unfolded(content, url, max_bytes)
    links = Resolver(url, WorkBudget(len(content)))
    with collector_paused():
        extract = _read(content, links, at, declared, licence)
    extract.work = links.work
    return extract


def _read(content: bytes, links: Resolver, at: datetime, declared: str | None, licence: str | None) -> Extract:
    url = links.base
    head = _text(content[:HEAD_BYTES]).lstrip("\ufeff\r\n\t ")
    kind = media_type(declared)
    if (
        head.startswith("#EXTM3U")
        or kind in M3U_TYPES
        or (extension(url) in (".m3u", ".m3u8", ".ram") and head[:1] != "<")
    ):
        return read_m3u(_text(content), links)
    if head[:10].lower() == "[playlist]" or kind in PLS_TYPES:
        return read_pls(_text(content), links)
    if head.startswith(("{", "[")) and (kind.endswith("json") or head[1:].lstrip()[:1] in ('"', "{", "[", "}", "]")):
        return _json(content, links)
    match root(head if _is_whole(head) else _text(content[:PROLOGUE_BYTES]).lstrip("\ufeff\r\n\t ")):
        case name if name in FEEDS:
            return read_feed(content, links, at=at)
        case name if name in SITEMAPS:
            return read_sitemap(content, links)
        case "playlist":
            return read_xspf(content, links)
        case "asx" | "smil" | "opml":
            return read_references(content, links)
        case "html":
            return read_html(content, links, at=at, declared=declared, licence=licence)
        case "mpd":
            return Extract(passed_over=[PassedOver(url, "stream", "DASH manifest: segments of a stream, no file")])
    if kind == "text/plain" and (head.startswith(("http://", "https://")) or urlsplit(url).path == "/robots.txt"):
        return read_url_list(_text(content), links)
    if kind.startswith("text/") or not kind or kind.endswith("xml"):
        return read_html(content, links, at=at, declared=declared, licence=licence)
    if streaming := manifest(url, declared):
        return Extract(passed_over=[PassedOver(url, "stream", f"{streaming} manifest: segments of a stream, no file")])
    return Extract()


def root(text: str) -> str:
    """The local name of the first element, in lower case; empty without one.

    White space, comments, processing instructions and the document type before it are skipped, each with one search.
    """
    match = ROOT.match(text, _after_prologue(text))
    return match[1].lower() if match else ""


def _is_whole(head: str) -> bool:
    """Whether the first element begins within the head."""
    return _after_prologue(head) < len(head)


def _after_prologue(text: str) -> int:
    at = 0
    while at < len(text):
        while at < len(text) and text[at].isspace():
            at += 1
        if text.startswith("<!--", at):
            end, length = text.find("-->", at + 4), 3
        elif text.startswith("<?", at):
            end, length = text.find("?>", at), 2
        elif text[at : at + 9].lower() == "<!doctype":
            end, length = _end_of_doctype(text, at), 1
        else:
            return at
        if end < 0:
            return len(text)
        at = end + length
    return at


def _end_of_doctype(text: str, at: int) -> int:
    end = text.find(">", at)
    bracket = text.find("[", at, max(end, 0))  # no further: there may be many document types
    if bracket >= 0:
        closed = text.find("]", bracket)
        while closed >= 0 and text[closed + 1 : closed + 50].lstrip()[:1] not in (">", ""):
            closed = text.find("]", closed + 1)
        return text.find(">", closed) if closed >= 0 else -1
    return end


def _json(content: bytes, links: Resolver) -> Extract:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return Extract()
    if is_item(answer):
        return read_item(answer, links)
    if isinstance(answer, dict) and "jsonfeed.org/version" in str(answer.get("version")):
        return read_json_feed(answer, links)
    return read_json(answer, links)


def _unfolded(content: bytes, url: str, max_bytes: int) -> bytes:
    """A file that is compressed itself, as sitemaps are, of one member or several; a broken one as far as it goes."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    whole, at = bytearray(), 0
    for _ in range(MOST_MEMBERS):
        unfolding = zlib.decompressobj(wbits=31)
        while at < len(content) and not unfolding.eof:
            portion = content[at : at + PORTION_BYTES]  # what follows a member is copied, so no more than this
            try:
                whole += unfolding.decompress(portion, max_bytes - len(whole) + 1)
            except zlib.error:
                return bytes(whole)
            if unfolding.unconsumed_tail or len(whole) > max_bytes:
                raise TooLarge(f"{url} unfolds to more than {max_bytes} bytes", final_url=url)
            at += len(portion) - len(unfolding.unused_data)
        if not content.startswith(b"\x1f\x8b", at):
            break
    return bytes(whole)


def _text(content: bytes) -> str:
    """As UTF-8 or UTF-16 if it is that, else as Latin-1, which never fails."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if content.startswith((b"<\0", b"\0<")):
        return content.decode("utf-16-le" if content[1] == 0 else "utf-16-be", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
