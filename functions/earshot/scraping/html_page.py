"""Reads an HTML page: links to audio, links to further pages, and the owner's preferences in meta elements.

Any bytes are accepted: the parser repairs broken markup; the charset comes from the HTTP header, a byte order mark
or a meta element; what is no URL is skipped. One tree serves links, metadata and structured data.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain, islice

from lxml.etree import XPath
from lxml.etree import _Element as Element

from earshot.consent import from_meta
from earshot.scraping.attribute_links import in_attributes, in_attributes_for_audio
from earshot.scraping.attribute_names import hints_in, names_for_audio, names_in_attributes
from earshot.scraping.audio_elements import Mention, hrefs_of, mentions
from earshot.scraping.candidates import Candidate
from earshot.scraping.extracted_links import Extract, Resolver, address, non_empty
from earshot.scraping.freesound import needs_login
from earshot.scraping.html_tree import tree
from earshot.scraping.licences import UNKNOWN, spdx
from earshot.scraping.live_streams_and_interface_sounds import INTERFACE_SOUND, why_none
from earshot.scraping.renditions import recordings
from earshot.scraping.script_links import in_scripts
from earshot.scraping.shortcodes import in_texts
from earshot.scraping.structured_data import in_structured_data
from earshot.scraping.text_links import UNITS_OF_URL_IN_CODE
from earshot.scraping.titles_from_context import add_titles
from earshot.scraping.words_in_element import text_of

MOST_OF_ONE_URL = 8
RELATED = [XPath(f"//{tag}[@rel]") for tag in ("a", "link", "area")]


def read_html(
    content: bytes, links: Resolver, *, at: datetime, declared: str | None = None, licence: str | None = None
) -> Extract:
    """Read a page.

    Args:
        content: its bytes.
        links: of the URL that answered; from here on relative to its `<base href>`, if it has one.
        at: when it was read.
        declared: the Content-Type header.
        licence: address that a `Link: rel=license` header gave.
    """
    url = links.base
    page = tree(content, declared)
    content = content.lower()
    based, named = _head(page)
    links.move(address(based, url) or url)
    feeds: list[str] = []
    hrefs = hrefs_of(page)
    candidates = [
        one for one in _not_too_often(_candidates(page, content, links, hrefs, feeds)) if _is_recording(one, url, links)
    ]
    candidates = _without_neighbours_of_interface_sounds(candidates, links)
    about = _facts(page, content, url, licence, dict(reversed(named))) if candidates else {}
    return Extract(
        found=recordings(candidates, about, entitle=partial(add_titles, work=links.work)) if candidates else [],
        linked=lambda: links.urls([*feeds, *(href for href in hrefs if not links.means_audio(href))]),
        signals=from_meta(named, where=url, at=at),
        passed_over=list(links.passed_over.values()),
    )


def _head(page: Element) -> tuple[str | None, list[tuple[str, str]]]:
    """What its links are relative to, if it says so, and names and contents of its meta elements."""
    based, named = None, []
    for element in page.iter("base", "meta"):
        if element.tag == "base":
            based = based or element.get("href")
        elif (name := element.get("name")) and (text := element.get("content")):
            named.append((name, text))
    return based, named


def _candidates(
    page: Element, content: bytes, links: Resolver, hrefs: list[str], feeds: list[str]
) -> Iterator[Candidate]:
    """Mentions of audio in elements, structured data, attributes and scripts; feeds that it links to go to `feeds`."""
    seen: list[str] = []
    for mention in mentions(page, hrefs, links.work):
        is_link = mention.found_by == "a"
        if target := links.recording(mention.href, mention.declared_type, player=mention.player, is_link=is_link):
            seen.append(target)
            yield Candidate(target, mention.found_by, _columns(mention), mention.group, mention.element)
        elif mention.found_by == "feed":
            feeds.append(mention.href)
    for candidate in in_structured_data(page, links, content):
        seen.append(candidate.url)
        yield candidate
    if names_of_audio := names_for_audio(content):
        yield from in_attributes_for_audio(page, links, names_of_audio)
    hints = hints_in(content)
    if hints:
        if names := names_in_attributes(content, hints):
            yield from in_attributes(page, links, seen, hints, names)
        yield from in_scripts(page, links)
        if b"[audio" in content:
            for text in in_texts(page):
                links.work.charge(UNITS_OF_URL_IN_CODE)
                if target := links.recording(text, None):
                    yield Candidate(target, "audio", {})


def _columns(mention: Mention) -> dict[str, object]:
    if not (mention.declared_type or mention.bytes or mention.duration_ms):
        return non_empty(link_text=mention.text) if mention.text else {}
    return non_empty(
        link_text=mention.text,
        declared_type=mention.declared_type,
        declared_bytes=mention.bytes,
        declared_duration_ms=mention.duration_ms,
    )


def _not_too_often(candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    """The first few mentions of each URL: further ones say nothing new."""
    seen: dict[str, int] = {}
    for candidate in candidates:
        times = seen[candidate.url] = seen.get(candidate.url, 0) + 1
        if times <= MOST_OF_ONE_URL:
            yield candidate


def _is_recording(candidate: Candidate, page_url: str, links: Resolver) -> bool:
    if candidate.url in (page_url, links.base):
        return False
    if needs_login(candidate.url):
        links.pass_over(candidate.url, "source_refuses", "an original, for which Freesound wants a login")
        return False
    reason = why_none(candidate.url)
    if reason and not (reason[0] == INTERFACE_SOUND and candidate.found_by == "a"):  # a link offers it by its name
        links.pass_over(candidate.url, *reason)
        return False
    return True


def _without_neighbours_of_interface_sounds(candidates: list[Candidate], links: Resolver) -> list[Candidate]:
    """Where a folder holds several sounds of the page itself, all of it does, but for what the page links to."""
    sounds = [one.url for one in links.passed_over.values() if one.reason == INTERFACE_SOUND]
    folders = {folder for folder, number in Counter(url.rpartition("/")[0] for url in sounds).items() if number > 2}
    if not folders:
        return candidates
    return [one for one in candidates if one.found_by == "a" or one.url.rpartition("/")[0] not in folders]


def _facts(page: Element, content: bytes, url: str, licence: str | None, named: Mapping[str, str]) -> dict[str, str]:
    """Metadata of the page, as columns of every link in it.

    Args:
        named: content of its meta elements, by name.
    """
    return non_empty(
        page_url=url,
        page_title=text_of(page.find(".//title")).strip() or _first(page, "//meta[@property='og:title']/@content"),
        language=_first(page, "/html/@lang"),
        author=named.get("author"),
        tags=named.get("keywords"),
        **_licence(page if b"license" in content else None, url, licence),
    )


def _licence(page: Element | None, url: str, header: str | None) -> dict[str, str | None]:
    """The licence of the page; `unknown` if it declares several, since nothing says which link each is for."""
    declared = list(islice(_declared_licences(page, url), 2)) if page is not None else []
    if not declared and header:
        return {"license": spdx(header), "license_url": header, "license_from": "Link header"}
    if not declared:
        return {}
    if len(declared) > 1:
        return {"license": UNKNOWN, "license_from": "page, several rel=license"}
    return {"license": spdx(declared[0]), "license_url": declared[0], "license_from": "page rel=license"}


def _declared_licences(page: Element, url: str) -> Iterator[str]:
    seen = set()
    for element in chain.from_iterable(path(page) for path in RELATED):
        if "license" in element.get("rel").lower().split():
            target = address(element.get("href"), url)
            if target and target not in seen:
                seen.add(target)
                yield target


def _first(page: Element, path: str) -> str | None:
    return next((str(value) for value in page.xpath(path)), None)
