"""Parses the bytes of an HTML page into a tree, in the charset that its HTTP header, a byte order mark or it names."""

import codecs

import lxml.etree
from lxml.etree import _Element as Element
from w3lib.encoding import html_body_declared_encoding, html_to_unicode, http_content_type_encoding

from earshot.scraping.overgrown_tags import without_overgrown_tags
from earshot.scraping.xml_documents import NO_ENCODINGS


def tree(content: bytes, declared: str | None = None) -> Element:
    """The parsed page; an empty tree if there is nothing to parse.

    Args:
        content: its bytes, whatever they are.
        declared: the Content-Type header.
    """
    root = parsed(without_overgrown_tags(_in_utf_8(content, declared)))
    return root if root is not None else parsed(b"<html></html>")  # only white space and comments are in the first


def parsed(markup: bytes) -> Element | None:
    """The tree of markup in UTF-8, without its comments; None if it holds no element."""
    parser = lxml.etree.HTMLParser(encoding="utf-8", remove_comments=True, no_network=True)
    try:
        return lxml.etree.fromstring(markup, parser)
    except lxml.etree.XMLSyntaxError:
        return None


def _in_utf_8(content: bytes, declared: str | None) -> bytes:
    """A page in UTF-8 without NUL: as it is, where it is that, as most are."""
    header, named = http_content_type_encoding(declared), html_body_declared_encoding(content)
    if (header or named or "utf-8") == "utf-8" and _is_utf_8(content) and not content.startswith(codecs.BOM_UTF8):
        return content.replace(b"\0", b"") if b"\0" in content else content
    if {header, named} & NO_ENCODINGS:
        text = content.decode(_guess(content), "replace")
    else:
        _, text = html_to_unicode(declared, content, auto_detect_fun=_guess)
    return text.replace("\0", "").encode("utf-8", "replace")


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(content: bytes) -> str:
    """Charset of undeclared bytes: UTF-8 if they are valid UTF-8, else windows-1252 as in browsers."""
    return "utf-8" if _is_utf_8(content) else "cp1252"
