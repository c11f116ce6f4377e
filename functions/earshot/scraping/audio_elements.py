"""Elements of a page that may link to audio, as mentions: URL, kind of element, text around it, declared type."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from lxml.etree import XPath
from lxml.etree import _Element as Element

from earshot.scraping.durations_and_sizes import duration_ms, size_bytes
from earshot.scraping.media_types import has_audio_extension, is_feed_type, is_stated_audio
from earshot.scraping.text_links import telling_among
from earshot.scraping.words_in_element import caption_of, label_of, words_of
from earshot.scraping.work_budget import WorkBudget

OG_AUDIO = ("og:audio", "og:audio:url", "og:audio:secure_url")
TWITTER_STREAM = "twitter:player:stream"
LINKS = ("a", "area")
TAGS = (
    "link",
    "audio",
    "source",
    "video",
    "meta",
    "embed",
    "object",
    "param",
    "iframe",
    "amp-audio",
    "bgsound",
)
HREFS = [
    XPath(f"descendant::{tag}/@href", smart_strings=False) for tag in LINKS
]  # a union takes n² steps to be brought into order
MARKED = [XPath(f"descendant::{tag}[@type or @download]") for tag in LINKS]
UNITS_OF_ELEMENT, UNITS_OF_NESTED, UNITS_OF_QUERY = 2, 5, 4  # of work
FILE_PARAMETERS = (
    "src",
    "url",
    "file",
    "filename",
    "movie",
    "data",
    "audio",
    "mp3",
    "soundfile",
    "audiourl",
    "song_url",
)
DOWNLOADS = ("download", "dl", "getfile", "force-download", "force_download", "downloadfile", "get")
LONGEST_QUERY = 8192  # characters of a player's variables
PLAYERS = frozenset(("audio", "amp-audio", "og:audio", "bgsound"))  # only audio belongs there


@dataclass(slots=True)
class Mention:
    """A link as the markup has it."""

    href: str
    found_by: str
    text: str | None = None
    declared_type: str | None = None
    bytes: int | None = None
    duration_ms: int | None = None
    player: bool = False
    """Only audio belongs where it was found."""
    group: Hashable = None
    """Equal for the sources of one player."""
    element: Element | None = None


def hrefs_of(page: Element) -> list[str]:
    """What the links of a page lead to, as written."""
    return [href for path in HREFS for href in path(page)]


def mentions(page: Element, hrefs: Sequence[str], work: WorkBudget) -> Iterator[Mention]:
    """All candidates in document order; the caller decides which of them are audio.

    Most links of most pages show at a glance that they lead to no audio; for these no element is made.

    Args:
        page: its tree.
        hrefs: what `hrefs_of` gives of it.
        work: from which each of them takes its part; those for which it does not suffice are left out.
    """
    types: dict[str, str] | None = None
    recording, stated = 0, set[str]()  # which one Open Graph's properties are about, and those seen of it
    captions: dict[Element, str | None] = {}
    lengths: dict[Element, int | None] = {}
    telling = telling_among(hrefs)
    marked = {element for path in MARKED for element in path(page) if _is_marked(element)} if hrefs else set()
    for element in page.iter(*LINKS, *TAGS) if telling or marked else page.iter(*TAGS):
        tag = element.tag
        if tag in LINKS:
            href = element.get("href")
            if href and (href in telling or element in marked) and work.spend(units_of(element)):
                mention = _anchor(element, href.strip(), element.get("type"))
                mention.element = element
                yield mention
            continue
        if not work.spend(UNITS_OF_ELEMENT):
            continue
        kind = element.get("type")
        if tag == "link":
            yield from _link(element, kind)
        elif tag == "meta":
            name = element.get("property") or element.get("name")
            content = _attribute(element, "content")
            if content and name in OG_AUDIO:
                types = types or _declared_types(page)
                if name in stated:
                    recording += 1
                    stated.clear()
                stated.add(name)
                group = ("og:audio", recording)
                yield Mention(content, "og:audio", None, types.get("og:audio:type"), player=True, group=group)
            elif content and name == TWITTER_STREAM:
                types = types or _declared_types(page)
                yield Mention(content, "twitter:player", None, types.get(f"{TWITTER_STREAM}:content_type"))
            elif (
                content and len(content) < LONGEST_QUERY and content.startswith("http") and has_audio_extension(content)
            ):
                yield Mention(content, "meta")
        elif tag == "iframe":
            yield from _of(element, _framed(_attribute(element, "src"), "iframe", label_of(element), work))
        elif tag in ("embed", "object", "param"):
            yield from _of(element, _embedded(element, kind, captions, work))
        elif href := _attribute(element, "src") or _attribute(element, "data-src"):  # the second is loaded when played
            yield _player(element, href, kind, captions, lengths)


def _of(element: Element, mentions: Iterator[Mention]) -> Iterator[Mention]:
    for mention in mentions:
        mention.element = element
        yield mention


def units_of(element: Element) -> int:
    """Work that an element takes, and its words, which may lie deep inside."""
    return UNITS_OF_ELEMENT + (UNITS_OF_NESTED if len(element) and len(element[0]) else 0)


def _is_marked(element: Element) -> bool:
    """Whether a link's media type, or the name to save it under, tells audio."""
    kind, name = element.get("type"), element.get("download")
    return bool((kind and is_stated_audio(kind)) or (name and has_audio_extension(name.strip())))


def _anchor(element: Element, href: str, kind: str | None) -> Mention:
    """A link; one with the name of an audio file to save it under is a download of audio."""
    if (named := _attribute(element, "download")) and has_audio_extension(named) and not has_audio_extension(href):
        return Mention(href, "a", words_of(element), kind, player=True)
    if "?" in href:
        path, _, query = href.partition("?")
        script = path.rpartition("/")[2].lower().partition(".")[0] if query else ""
        if script in DOWNLOADS and len(query) < LONGEST_QUERY and not has_audio_extension(path):
            values = [value for _, value in parse_qsl(query)]
            return Mention(href, "a", words_of(element), kind, player=any(map(has_audio_extension, values)))
    is_candidate = kind or has_audio_extension(href)
    return Mention(href, "a", words_of(element) if is_candidate else None, kind)


def _player(
    element: Element,
    href: str,
    kind: str | None,
    captions: dict[Element, str | None],
    lengths: dict[Element, int | None],
) -> Mention:
    """`<audio>`, `<video>`, `<source>` of either, and relatives."""
    tag = str(element.tag)
    owner = element
    if tag == "source":
        owner = next(element.iterancestors("audio", "video", "amp-audio", "picture", "amp-video"), element)
    group = None if owner.tag in ("source", "picture") else owner
    if owner not in lengths:
        length = owner.get("data-durationhint") or owner.get("data-duration") or ""
        lengths[owner] = duration_ms(length) if ":" in length or owner.get("data-durationhint") else None
    return Mention(
        href,
        "audio" if tag in PLAYERS else tag,
        caption_of(element, owner, captions),
        kind,
        duration_ms=lengths[owner],
        player=owner.tag in PLAYERS,
        group=group,
        element=owner,
    )


def _embedded(
    element: Element, kind: str | None, captions: dict[Element, str | None], work: WorkBudget
) -> Iterator[Mention]:
    if element.tag == "param":
        name, value = (element.get("name") or "").lower(), _attribute(element, "value")
        if value and name == "flashvars":
            yield from _variables(value, "object", None)
        elif value and name in FILE_PARAMETERS:
            yield from _framed(value, "object", None, work)
        return
    label = caption_of(element, element, captions)
    if href := _attribute(element, "src") or _attribute(element, "data"):
        yield from _framed(href, "object", label, work, kind)
    if variables := _attribute(element, "flashvars"):
        yield from _variables(variables, "object", label)


def _framed(
    href: str | None, found_by: str, text: str | None, work: WorkBudget, kind: str | None = None
) -> Iterator[Mention]:
    """A document or player in the page; audio may be named by its address or by a parameter of that."""
    if href:
        yield Mention(href, found_by, text, kind)
        if ("?" in href or "#" in href) and work.spend(UNITS_OF_QUERY):
            yield from _variables(href.partition("?")[2] or href.partition("#")[2], found_by, text)


def _variables(query: str, found_by: str, text: str | None) -> Iterator[Mention]:
    """Audio that the variables of a player name."""
    if len(query) < LONGEST_QUERY:
        for _, value in parse_qsl(query.replace("&amp;", "&")):
            for one in value.replace("|", ",").split(","):
                if has_audio_extension(one) and ("/" in one or found_by == "object"):
                    yield Mention(one, found_by, text)


def _link(element: Element, kind: str | None) -> Iterator[Mention]:
    rels = (element.get("rel") or "").lower().split()
    href = _attribute(element, "href")
    title = _attribute(element, "title")
    if href and "enclosure" in rels:
        yield Mention(href, "enclosure", title, kind, size_bytes(element.get("length")))
    elif href and "alternate" in rels:
        yield Mention(href, "feed" if is_feed_type(kind) else "alternate", title, kind)
    elif href and has_audio_extension(href) and not {"stylesheet", "canonical"} & set(rels):
        yield Mention(href, "alternate", title, kind)  # preload, prefetch, audio_src


def _declared_types(page: Element) -> dict[str, str]:
    return {
        name: content
        for element in page.iter("meta")
        if (name := element.get("property") or element.get("name")) and (content := element.get("content"))
    }


def _attribute(element: Element, name: str) -> str | None:
    return (element.get(name) or "").strip() or None
