"""Names of feeds, sitemaps and playlists that are written in another case, and attributes without quotes, put right.

XML tells `ENCLOSURE` from `enclosure` and wants quotes; some generators, and people, write neither. Names that no
format of ours has stay as they are. All of it is linear in the size of the document.
"""

import re

SPELLED = {
    name.lower(): name
    for name in (
        "rss", "channel", "item", "liveItem", "enclosure", "alternateEnclosure", "feed", "entry", "link", "title",
        "description", "guid", "author", "category", "duration", "block", "license", "language", "urlset",
        "sitemapindex", "sitemap", "url", "loc", "content_loc", "playlist", "trackList", "track", "location", "creator",
        "content", "group", "encoded", "summary", "image", "textInput", "source", "integrity", "new-feed-url",
        "asx", "ref", "entryref", "smil", "media", "opml", "outline",
    )
}  # fmt: skip
NAMES = "|".join(SPELLED.values())
MISSPELT = re.compile(rf"</?(?:[\w-]{{1,40}}:)?(?!(?:{NAMES})[\s/>])(?i:{NAMES})[\s/>]".encode())
TAG = re.compile(r"<(/?)([A-Za-z_][\w.:-]{0,80}+)((?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>")
ATTRIBUTE = re.compile(r"([A-Za-z_][\w.:-]{0,80}+)\s{0,9}+=\s{0,9}+(\"[^\"]*+\"|'[^']*+'|[^\s\"'<>]++)")
END_OF_ENCLOSURE = re.compile(r"</(?:[\w-]{1,40}:)?enclosure", re.IGNORECASE)
UNCLOSED = re.compile(r"(<(?:[\w-]{1,40}:)?enclosure\s(?:[^<>\"'/]|/(?!>)|\"[^\"<]*+\"|'[^'<]*+')*+)>", re.IGNORECASE)
OF_LONG_NAMESPACE = r"""(xmlns(?::[\w.-]{1,60})?\s{0,9}=\s{0,9})(?:"[^"<]{300}[^"<]*+"|'[^'<]{300}[^'<]*+')"""
LONG_NAMESPACE = re.compile(OF_LONG_NAMESPACE.encode())
LONG_NAMESPACE_IN_TEXT = re.compile(OF_LONG_NAMESPACE)
ATTRIBUTES = {"filesize": "fileSize"}  # the only one of ours in mixed case


def is_misspelt(content: bytes) -> bool:
    """Whether a name that our formats have is written in another case; of UTF-16 too."""
    return MISSPELT.search(content.replace(b"\0", b"") if b"\0" in content[:200] else content) is not None


def has_long_namespace(content: bytes) -> bool:
    """Whether a namespace is declared that is longer than any of a format; of UTF-16 too.

    Each name in it carries it whole.
    """
    plain = content.replace(b"\0", b"") if b"\0" in content[:200] else content
    return LONG_NAMESPACE.search(plain) is not None


def without_long_namespaces(text: str) -> str:
    """Markup in which each namespace that is longer than any of a format is another, short one."""
    return LONG_NAMESPACE_IN_TEXT.sub(r'\1"urn:too-long"', text)


def respelt(text: str) -> str:
    """Markup without CDATA, with the tags whose names our formats have written as these write them."""
    return TAG.sub(_tag, text)


def with_closed_enclosures(text: str) -> str:
    """Markup whose enclosures end where they begin, if none of them ends elsewhere: they have no content."""
    return text if END_OF_ENCLOSURE.search(text) else UNCLOSED.sub(r"\1/>", text)


def _tag(match: re.Match[str]) -> str:
    slash, name, rest = match.groups()
    prefix, colon, local = name.rpartition(":")
    spelled = SPELLED.get(local.lower())
    if spelled is None:
        return match[0]
    if "=" in rest:
        end = "/" if rest.endswith("/") else ""
        rest = ATTRIBUTE.sub(_attribute, rest[: len(rest) - len(end)]) + end
    return f"<{slash}{prefix.lower()}{colon}{spelled}{rest}>"


def _attribute(match: re.Match[str]) -> str:
    name, value = match[1], match[2]
    if not name.startswith("xmlns"):
        name = ATTRIBUTES.get(name.lower(), name.lower())
    return f"{name}={value}" if value[0] in "\"'" else f'{name}="{value}"'
