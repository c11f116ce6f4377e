"""What bytes are that are not audio, in words for a refusal: a page, a playlist, a picture, an archive, a text."""

import re

_PREFIXES = {
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "gzip data",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ\0": "xz data",
    b"\x28\xb5\x2f\xfd": "zstd data",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"\x89PNG\r\n\x1a\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF87a": "a GIF image",
    b"GIF89a": "a GIF image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"\0\0\x01\0\x01\0": "an icon image",
    b"8BPS": "a Photoshop image",
    b"MThd": "MIDI notes, which hold no samples",
    b"Extended Module: ": "a tracker module",
    b"IMPM": "a tracker module",
    b"\x7fELF": "an ELF program",
    b"MZ": "a Windows program",
    b"\xca\xfe\xba\xbe": "a Java class or Mach-O program",
    b"\0asm": "WebAssembly",
    b"SQLite format 3\0": "an SQLite database",
    b"PAR1": "Parquet data",
    b"wOFF": "a web font",
    b"wOF2": "a web font",
    b"CWS": "Flash",
    b"FWS": "Flash",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office document",
    b"d8:announce": "a BitTorrent file",
}
_TEXTS = {  # lower case, leading white space and byte order mark taken off
    "#extm3u": "an M3U playlist",
    "[playlist]": "a PLS playlist",
    "ffconcat version": "an ffconcat list of files",
    "<asx": "an ASX playlist",
    "[reference]": "an ASX playlist",
    "<!doctype html": "an HTML page",
    "<html": "an HTML page",
    "<head": "an HTML page",
    "<body": "an HTML page",
    "<script": "an HTML page",
    "<!doctype svg": "an SVG image",
    "<svg": "an SVG image",
    "webvtt": "WebVTT subtitles",
    "begin:vcalendar": "a calendar",
    "{\\rtf": "an RTF document",
    "%!ps": "PostScript",
    "http://": "a list of links",
    "https://": "a list of links",
}
_XML = {  # root elements, looked for behind <?xml
    "<html": "an HTML page",
    "<playlist": "an XSPF playlist",
    "<smil": "a SMIL playlist",
    "<mpd": "a DASH manifest",
    "<svg": "an SVG image",
    "<rss": "an RSS feed",
    "<feed": "an Atom feed",
    "<urlset": "a sitemap",
    "<sitemapindex": "a sitemap",
}
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def what_instead(head: bytes) -> str | None:
    """What the bytes are, as the end of a sentence ("an HTML page"); None where they may be audio yet."""
    for prefix, name in _PREFIXES.items():
        if head.startswith(prefix):
            return name
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0" and len(head) > 14:
        return "a BMP image"
    if head.startswith(b"RIFF"):
        return "a WebP image" if head[8:12] == b"WEBP" else f"a RIFF file of form {head[8:12]!r}"
    if head.startswith(b"FORM"):
        return f"an IFF file of form {head[8:12]!r}"
    if head[4:8] == b"ftyp":
        return "a HEIF or AVIF image"
    if head[257:262] == b"ustar":
        return "a tar archive"
    text = _as_text(head)
    return None if text is None else _which_text(text)


def _as_text(head: bytes) -> str | None:
    mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
    text = head[len(mark) :].decode(_MARKS.get(mark, "utf-8"), errors="replace")
    legible = sum(character.isprintable() or character in "\r\n\t\f" for character in text.replace("\ufffd", "\0"))
    return text if text and legible >= 0.95 * len(text) else None


def _which_text(text: str) -> str:
    start = text.lstrip().lower()
    while start.startswith("<!--") and "-->" in start:
        start = start.partition("-->")[2].lstrip()
    for prefix, name in _TEXTS.items():
        if start.startswith(prefix):
            return name
    if start.startswith("<?xml") or start.startswith("<"):
        return next((name for root, name in _XML.items() if root in start), "XML")
    if start.startswith("{") or re.match(r"\[\s*[\[{\"\d\]-]", start):
        return "JSON"
    return "text"
