"""Reads an HTML page: links to audio, links to further pages, and the owner's preferences in meta elements.

Any bytes are accepted: the parser repairs broken markup; the charset comes from the HTTP header, a byte order mark
or a meta element; what is no URL is skipped. One tree serves links, metadata and structured data.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

import lxml.html
from lxml.html import HtmlElement
from w3lib.encoding import html_to_unicode

from earshot.audio import AudioFound
from earshot.consent import from_meta
from earshot.scraping.audio_elements import Mention, mentions, text_of
from earshot.scraping.extracted_links import MOST_LINKS, Extract, address, addresses, inherited, merged, non_empty
from earshot.scraping.licences import UNKNOWN, spdx
from earshot.scraping.media_types import has_audio_extension, is_audio_type
from earshot.scraping.structured_data import in_structured_data

OVERGROWN = re.compile(  # a start tag with 1000 attributes or more, tokenised as HTML does: parsing it takes n² steps
    rb"<[A-Za-z][^\s/>]*+(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+){1000,}+"
)
STRUCTURED = re.compile(rb"ld\+json|itemscope", re.IGNORECASE)
MOST_MENTIONS = 5 * MOST_LINKS
SURE = frozenset(("audio", "og:audio"))  # elements that mean audio unless their type says otherwise


def read_html(
    content: bytes, *, url: str, at: datetime, declared: str | None = None, licence: str | None = None
) -> Extract:
    """Read a page.

    Args:
        content: its bytes.
        url: canonical, the one that answered; `<base href>` is taken relative to it.
        at: when it was read.
        declared: the Content-Type header.
        licence: address that a `Link: rel=license` header gave.
    """
    page = tree(content, declared)
    base = address(_first(page, "//base/@href"), url) or url
    facts = _facts(page, url, licence)
    found: list[AudioFound] = []
    further: list[str | None] = []
    for mention in islice(mentions(page), MOST_MENTIONS):
        if (target := address(mention.href, base)) is None:
            continue
        if _is_audio(mention, target):
            columns = non_empty(
                source_url=target,
                found_by=mention.found_by,
                link_text=mention.text,
                declared_type=mention.declared_type,
                declared_bytes=mention.bytes,
            )
            found.append(AudioFound.model_validate(facts | columns))
        elif mention.found_by in ("a", "feed"):
            further.append(target)
    if STRUCTURED.search(content):
        found += [AudioFound.model_validate(inherited(facts, item)) for item in in_structured_data(page, base)]
    meta = [
        (name, text)
        for element in page.iter("meta")
        if (name := element.get("name")) and (text := element.get("content"))
    ]
    return Extract(found=merged(found), pages=addresses(further, base), signals=from_meta(meta, where=url, at=at))


def tree(content: bytes, declared: str | None = None) -> HtmlElement:
    """The parsed page; an empty tree if there is nothing to parse."""
    _, text = html_to_unicode(declared, content, auto_detect_fun=_guess)
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, no_network=True)
    try:
        markup = OVERGROWN.sub(b"<a", text.replace("\0", "").encode("utf-8", "replace"))
        return lxml.html.document_fromstring(markup, parser=parser)
    except lxml.etree.ParserError:  # nothing in it but white space, comments or processing instructions
        return lxml.html.document_fromstring(b"<html></html>", parser=parser)


def _guess(content: bytes) -> str:
    """Charset of undeclared bytes: UTF-8 if they are valid UTF-8, else windows-1252 as in browsers."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _is_audio(mention: Mention, target: str) -> bool:
    if mention.declared_type:
        return is_audio_type(mention.declared_type)
    return mention.found_by in SURE or has_audio_extension(target)


def _facts(page: HtmlElement, url: str, licence: str | None) -> dict[str, str]:
    """Metadata of the page, as columns of every link in it."""
    return non_empty(
        page_url=url,
        page_title=text_of(page.find(".//title")).strip() or _first(page, "//meta[@property='og:title']/@content"),
        language=_first(page, "/html/@lang"),
        author=_first(page, "//meta[@name='author']/@content"),
        tags=_first(page, "//meta[@name='keywords']/@content"),
        **_licence(page, url, licence),
    )


def _licence(page: HtmlElement, url: str, header: str | None) -> dict[str, str | None]:
    """The licence of the page; `unknown` if it declares several, since nothing says which link each is for."""
    declared = list(_declared_licences(page, url))
    if not declared and header:
        return {"license": spdx(header), "license_url": header, "license_from": "Link header"}
    if not declared:
        return {}
    if len(declared) > 1:
        return {"license": UNKNOWN, "license_from": "page, several rel=license"}
    return {"license": spdx(declared[0]), "license_url": declared[0], "license_from": "page rel=license"}


def _declared_licences(page: HtmlElement, url: str) -> Iterator[str]:
    seen = set()
    for element in page.iter("a", "link", "area"):
        if "license" in (element.get("rel") or "").lower().split():
            target = address(element.get("href"), url)
            if target and target not in seen:
                seen.add(target)
                yield target


def _first(page: HtmlElement, path: str) -> str | None:
    return next((str(value) for value in page.xpath(path)), None)
