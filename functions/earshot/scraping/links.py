"""Links out of HTML: the bytes of a page in, the audio it names and the pages it leads to out.

Any bytes will do: broken markup is mended by the parser, the charset is taken from the HTTP header, a byte order
mark or a meta element, and what is no URL is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag

from earshot.audio import AudioFound, clean
from earshot.errors import BadUrl
from earshot.scraping.media import has_audio_extension, is_audio_type
from earshot.urls import canonical

TEXT_BYTES = 500  # of a title or a link's text: context for a person, not a document
OG_AUDIO = ("og:audio", "og:audio:url", "og:audio:secure_url")


@dataclass(frozen=True)
class Extract:
    """What a page holds for us."""

    found: list[AudioFound] = field(default_factory=list)
    """In order of appearance, repeats included; `position` counts from 1."""
    pages: list[str] = field(default_factory=list)
    """Canonical URLs of ordinary links, in order, distinct."""


@dataclass(frozen=True)
class _Named:
    """A link as the markup has it."""

    href: str
    found_by: str
    text: str | None = None
    declared_type: str | None = None


def read_html(content: bytes, *, url: str, charset: str | None = None) -> Extract:
    """Read a page.

    Args:
        content: its bytes.
        url: canonical, the one that answered; `<base href>` is taken relative to it.
        charset: as the HTTP header declares it.
    """
    page = BeautifulSoup(content, "lxml", from_encoding=charset)
    base = _base(page, url)
    title = _title(page)
    language = _attribute(page.html, "lang") if page.html else None
    extract = Extract()
    pages: dict[str, None] = {}
    for named in _named(page):
        try:
            target = canonical(named.href, base)
        except BadUrl:
            continue
        sure = named.found_by in ("audio", "og:audio") and not named.declared_type
        if sure or is_audio_type(named.declared_type) or has_audio_extension(target):
            extract.found.append(
                AudioFound(
                    source_url=target,
                    page_url=url,
                    page_title=title,
                    link_text=named.text,
                    found_by=named.found_by,
                    position=len(extract.found) + 1,
                    language=language,
                    declared_type=named.declared_type,
                )
            )
        elif named.found_by == "a":
            pages[target] = None
    extract.pages.extend(pages)
    return extract


def _named(page: BeautifulSoup) -> Iterator[_Named]:
    for tag in page.find_all(["a", "area", "audio", "source", "meta"]):
        kind = _attribute(tag, "type")
        if tag.name in ("a", "area") and (href := _attribute(tag, "href")):
            yield _Named(href, "a", _text(tag), kind)
        elif tag.name == "audio" and (href := _attribute(tag, "src")):
            yield _Named(href, "audio", _caption(tag), kind)
        elif tag.name == "source" and tag.find_parent("audio") and (href := _attribute(tag, "src")):
            yield _Named(href, "source", _caption(tag), kind)
        elif _attribute(tag, "property") in OG_AUDIO and (href := _attribute(tag, "content")):
            yield _Named(href, "og:audio", None, _og_type(page))


def _og_type(page: BeautifulSoup) -> str | None:
    tag = page.find("meta", property="og:audio:type")
    return _attribute(tag, "content") if isinstance(tag, Tag) else None


def _base(page: BeautifulSoup, url: str) -> str:
    tag = page.find("base", href=True)
    try:
        return canonical(_attribute(tag, "href") or "", url) if isinstance(tag, Tag) else url
    except BadUrl:
        return url


def _title(page: BeautifulSoup) -> str | None:
    return clean(page.title.get_text(" "), TEXT_BYTES) or None if page.title else None


def _text(tag: Tag) -> str | None:
    text = clean(tag.get_text(" "), TEXT_BYTES)
    return text or clean(_attribute(tag, "title") or _attribute(tag, "aria-label") or "", TEXT_BYTES) or None


def _caption(tag: Tag) -> str | None:
    """What a figure says about the player in it."""
    figure = tag.find_parent("figure")
    caption = figure.find("figcaption") if figure else None
    if isinstance(caption, Tag):
        return _text(caption)
    return clean(_attribute(tag, "title") or _attribute(tag, "aria-label") or "", TEXT_BYTES) or None


def _attribute(tag: Tag, name: str) -> str | None:
    value = tag.get(name)
    text = value if isinstance(value, str) else " ".join(value or [])
    return text.strip() or None
