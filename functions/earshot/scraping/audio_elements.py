"""Elements of a page that may link to audio, as mentions: URL, kind of element, text around it, declared type."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from earshot.audio import clean
from earshot.scraping.durations_and_sizes import size_bytes
from earshot.scraping.media_types import has_audio_extension, is_feed_type

TEXT_BYTES = 500  # of a link's words: context for a reader, not the whole text
OG_AUDIO = ("og:audio", "og:audio:url", "og:audio:secure_url")
TWITTER_STREAM = "twitter:player:stream"
DATA = re.compile(r"data-.*(src|url|href|audio|mp3|ogg|wav|file|stream|track|media)")  # a title is no address
TAGS = ("a", "area", "link", "audio", "source", "meta", "embed", "object")


@dataclass(frozen=True)
class Mention:
    """A link as the markup has it."""

    href: str
    found_by: str
    text: str | None = None
    declared_type: str | None = None
    bytes: int | None = None


def mentions(page: HtmlElement) -> Iterator[Mention]:
    """All candidates in document order; the caller decides which of them are audio."""
    types = _declared_types(page)
    captions: dict[HtmlElement, str | None] = {}
    for element in page.iter(*TAGS):
        kind = _attribute(element, "type")
        match element.tag:
            case "a" | "area":
                if href := _attribute(element, "href"):
                    yield Mention(href, "a", _words(element), kind)
            case "link":
                yield from _link(element, kind)
            case "audio" | "source":
                if href := _attribute(element, "src"):
                    yield Mention(href, str(element.tag), _caption(element, captions), kind)
            case "embed" | "object":
                if href := _attribute(element, "src") or _attribute(element, "data"):
                    yield Mention(href, "object", _caption(element, captions), kind)
            case "meta":
                name = element.get("property") or element.get("name")
                content = _attribute(element, "content")
                if content and name in OG_AUDIO:
                    yield Mention(content, "og:audio", None, types.get("og:audio:type"))
                elif content and name == TWITTER_STREAM:
                    yield Mention(content, "twitter:player", None, types.get(f"{TWITTER_STREAM}:content_type"))
    for element in page.xpath("//*[@*[starts-with(name(), 'data-')]]"):
        for name, value in element.items():
            if DATA.fullmatch(name) and len(value) < 2048 and " " not in value and has_audio_extension(value):
                yield Mention(value, "data", _words(element))


def text_of(element: HtmlElement | None, limit: int = 4 * TEXT_BYTES) -> str:
    """Text inside an element, cut at `limit` characters."""
    words, length = [], 0
    for text in element.itertext(with_tail=False) if element is not None else ():
        words.append(str(text))
        length += len(text)
        if length > limit:
            break
    return " ".join(words)


def _link(element: HtmlElement, kind: str | None) -> Iterator[Mention]:
    rels = (element.get("rel") or "").lower().split()
    href = _attribute(element, "href")
    title = _attribute(element, "title")
    if href and "enclosure" in rels:
        yield Mention(href, "enclosure", title, kind, size_bytes(element.get("length")))
    elif href and "alternate" in rels:
        yield Mention(href, "feed" if is_feed_type(kind) else "alternate", title, kind)


def _declared_types(page: HtmlElement) -> dict[str, str]:
    return {
        name: content
        for element in page.iter("meta")
        if (name := element.get("property") or element.get("name")) and (content := element.get("content"))
    }


def _words(element: HtmlElement) -> str | None:
    return clean(text_of(element), TEXT_BYTES) or _label(element)


def _label(element: HtmlElement) -> str | None:
    label = element.get("title") or element.get("aria-label") or element.get("alt") or ""
    return clean(label, TEXT_BYTES) or None


def _caption(element: HtmlElement, known: dict[HtmlElement, str | None]) -> str | None:
    """Caption of the figure around a player; each figure is searched once, however many players it contains."""
    label = _label(element)
    if label is None and element.tag == "source":
        label = _label(element.getparent())
    figure = next(element.iterancestors("figure"), None)
    if label is not None or figure is None:
        return label
    if figure not in known:
        known[figure] = clean(text_of(figure.find(".//figcaption")), TEXT_BYTES) or None
    return known[figure]


def _attribute(element: HtmlElement, name: str) -> str | None:
    return (element.get(name) or "").strip() or None
