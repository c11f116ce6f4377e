"""XML of any state: well-formed documents are parsed as they are, others are repaired and parsed as far as it goes.

No entities are resolved and nothing is fetched. All of it is linear in the size of the document.
"""

import io
import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import Any
from xml.sax.saxutils import escape

import lxml.etree
from w3lib.encoding import resolve_encoding

from earshot.scraping.xml_spelling import (
    has_long_namespace,
    is_misspelt,
    respelt,
    with_closed_enclosures,
    without_long_namespaces,
)

CHARACTERS = re.compile(
    "[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
)  # what XML 1.0 does not allow
REFERENCE = re.compile(r"&(?:#(\d{1,7});|#[xX]([0-9A-Fa-f]{1,6});|([A-Za-z][A-Za-z0-9]{1,31});)?")
HTML_TAG = re.compile(  # formatting that feeds carry unescaped; no vocabulary of feeds or sitemaps has these names
    r"</?(?:br|hr|p|b|i|u|em|strong|span|div|font|center|small|wbr|nobr|img|ul|ol|li|blockquote|h[1-6]|table|tr|td|sup)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
DECLARATION = re.compile(r"<\?xml[^<>]*\?>")
ENCODING = re.compile(rb"<\?xml[^<>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
WIDE = ("utf-16", "utf16", "utf-32", "utf32", "ucs-", "iso-10646-ucs")
NO_ENCODINGS = frozenset(  # codecs of Python that no document is written in; punycode's takes n² steps
    ("punycode", "idna", "unicode-escape", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape", "undefined")
)
PREDEFINED = frozenset(("amp", "lt", "gt", "quot", "apos"))
CDATA, END_OF_CDATA = "<![CDATA[", "]]>"
HEAD = 300  # bytes in which the XML declaration stands


def elements(content: bytes, names: tuple[str, ...] = ()) -> Iterator[Any]:
    """Elements of a well-formed document as they end; last its root.

    Args:
        content: the document.
        names: local names, without namespaces, of the elements wanted; all if none.

    Raises:
        lxml.etree.XMLSyntaxError: it is not well-formed; elements given before are to be dropped.
        ValueError: names are written in another case than their formats write them, or their namespace is too long.
    """
    if is_misspelt(content) or has_long_namespace(content):
        raise ValueError("names in upper case, or in a namespace that is too long")
    events = lxml.etree.iterparse(
        io.BytesIO(content),
        tag=_tags(names),
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        load_dtd=False,
    )
    for _, element in events:
        yield element
    if events.root is not None:
        yield events.root


def repaired_elements(content: bytes, names: tuple[str, ...] = ()) -> Iterator[Any]:
    """The same of any bytes at all, as far as they can be read.

    All of it is parsed first: lxml's iterparse takes n² steps for n faults.
    """
    try:
        root = lxml.etree.fromstring(repaired(content), _parser(recover=True))
    except (lxml.etree.XMLSyntaxError, ValueError):
        return
    if root is not None:
        found = [element for _, element in lxml.etree.iterwalk(root, events=("end",), tag=_tags(names))]
        found.reverse()
        while found:  # none is kept: to free n elements that were cut out of a tree takes n² steps
            yield found.pop()
        yield root


def root_of(content: bytes) -> Any | None:
    """The root of a document in any state; None if nothing of it can be read."""
    try:
        if not is_misspelt(content) and not has_long_namespace(content):
            return lxml.etree.fromstring(content, _parser(recover=False))
    except (lxml.etree.XMLSyntaxError, ValueError):
        pass
    try:
        return lxml.etree.fromstring(repaired(content), _parser(recover=True))
    except (lxml.etree.XMLSyntaxError, ValueError):
        return None


def local_name(element: Any) -> str:
    """Name without namespace or prefix, declared or not; empty for a comment, an entity and the like."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2].rpartition(":")[2] if "}" in tag or ":" in tag else tag


def prefix_and_namespace(element: Any) -> tuple[str, str]:
    """The prefix in the document, declared or not, and the namespace; each empty if there is none."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag.startswith("{"):
        return element.prefix or "", tag[1 : tag.find("}")]
    return tag.rpartition(":")[0], ""


def repaired(content: bytes) -> bytes:
    """The document as UTF-8 with what most often makes one not well-formed put right.

    Illegal characters, names in upper case, enclosures without an end, attributes without quotes, text before the first
    element, document types, bare ampersands, entities of HTML, and formatting tags of HTML outside CDATA.
    """
    text = CHARACTERS.sub("", _text(content))
    text = DECLARATION.sub("", _without_doctype(text[max(text.find("<"), 0) :]), count=1)
    text = with_closed_enclosures(without_long_namespaces(text))
    pieces, at = [], 0
    while at < len(text):
        start = text.find(CDATA, at)
        stop = start if start >= 0 else len(text)
        pieces.append(respelt(REFERENCE.sub(_reference, HTML_TAG.sub(" ", text[at:stop]))))
        if start < 0:
            break
        end = text.find(END_OF_CDATA, start)
        at = end + len(END_OF_CDATA) if end >= 0 else len(text)
        pieces.append(text[start:at] if end >= 0 else escape(text[start + len(CDATA) :]))
    return "".join(pieces).encode()


def _tags(names: tuple[str, ...]) -> list[str] | None:
    return [tag for name in names for tag in (name, f"{{*}}{name}")] or None


def _parser(*, recover: bool) -> Any:
    return lxml.etree.XMLParser(
        recover=recover, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, load_dtd=False
    )


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if content.startswith((b"<\0", b"\0<")):
        return content.decode("utf-16-le" if content[1] == 0 else "utf-16-be", "replace")
    declared = ENCODING.search(content[:HEAD])  # which is read as ASCII: so a wide encoding that it names is wrong
    named = (resolve_encoding(declared[1].decode()) or "utf-8") if declared else "utf-8"
    is_wrong = named.startswith(WIDE) or named in NO_ENCODINGS
    for encoding in ("utf-8" if is_wrong else named, "utf-8"):
        try:
            return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        except (UnicodeError, LookupError):
            continue
    return content.decode("cp1252", "replace")


def _without_doctype(text: str) -> str:
    start = text[:100_000].lower().find("<!doctype")
    if start < 0:
        return text
    end, bracket = text.find(">", start), text.find("[", start)
    if 0 <= bracket < end:
        closed = text.find("]", bracket)
        while closed >= 0 and text[closed + 1 : closed + 21].lstrip()[:1] != ">":
            closed = text.find("]", closed + 1)
        end = text.find(">", closed) if closed >= 0 else -1
    return text[:start] + text[end + 1 :] if end >= 0 else text[:start]


def _reference(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        if name in PREDEFINED:
            return match[0]
        return chr(name2codepoint[name]) if name in name2codepoint else f"&amp;{name};"
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        is_character = code < 0x110000 and not 0xD800 <= code < 0xE000 and CHARACTERS.match(chr(code)) is None
        return f"&#{code};" if is_character else ""
    return "&amp;"
