"""Reads audio from structured data of a page (JSON-LD, microdata, RDFa) as candidates.

All are read into the same shape, a tree of schema.org nodes. A node is audio by its type, its encodingFormat, the
extension of its contentUrl, or because a podcast episode or a piece of music has it for its media; missing columns
(author, licence, language) are taken from the nodes around it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import Any

from lxml.etree import XPath
from lxml.etree import _Element as Element

from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import duration_ms, size_bytes
from earshot.scraping.extracted_links import Columns, Resolver, inherited, non_empty
from earshot.scraping.generic_titles import json_title
from earshot.scraping.lenient_json import parse
from earshot.scraping.licences import spdx
from earshot.scraping.media_types import has_audio_extension, is_audio_type
from earshot.scraping.microdata import in_microdata
from earshot.scraping.rdfa import in_rdfa

Node = Mapping[str, Any]

AUDIO_TYPES = frozenset(("AudioObject", "AudioObjectSnapshot"))
HAS_AUDIO = frozenset(  # types whose media is audio unless that says otherwise
    ("PodcastEpisode", "RadioEpisode", "RadioClip", "MusicRecording", "Audiobook", "PodcastSeries", "MusicComposition")
)
OTHER_MEDIA = frozenset(
    ("VideoObject", "ImageObject", "Image", "Photograph", "Clip", "Movie", "3DModel", "DataDownload")
)
CONTENT = ("contentUrl", "contentURL", "contenturl")
MEDIA = ("associatedMedia", "encoding", "encodings", "audio")  # properties that may name the file themselves
NAMES_AUDIO = ("audio", "contenturl", "encoding", "associatedmedia", "podcast", "radio", "music")
"""One of these occurs, in lower case, in every type and property above: without any, no node is audio."""
ESCAPED = re.compile(r"\\u00[4-7]|&#")  # how JSON, or HTML around it, may spell their characters
TYPEOF = re.compile(rb"typeof\s{0,9}=(?!=)")  # the attribute, not the operator of scripts
MICRODATA, RDFA = (
    [XPath(f"descendant-or-self::*/@{name}", smart_strings=False) for name in names]
    for names in (("itemprop", "itemtype"), ("property", "typeof"))
)
UNITS_OF_NODE = 7  # of work
DEEPEST = 60


def in_structured_data(page: Element, links: Resolver, markup: bytes) -> Iterator[Candidate]:
    """Candidates for each recording described, in order.

    Args:
        page: its tree.
        links: resolves its URLs.
        markup: its source, in lower case; what does not occur in it is not looked for.
    """
    if b"ld+json" in markup:
        for script in page.iter("script"):
            if "ld+json" in (script.get("type") or "").lower() and (text := script.text) and _may_name_audio(text):
                yield from _audio(parse(text), links, "json-ld")
    if b"itemscope" in markup and _name_audio(page, MICRODATA):
        yield from _audio(in_microdata(page), links, "microdata")
    if b"typeof" in markup and TYPEOF.search(markup) and _name_audio(page, RDFA):
        yield from _audio(in_rdfa(page), links, "rdfa")


def _may_name_audio(text: str) -> bool:
    lower = text.lower()
    return any(name in lower for name in NAMES_AUDIO) or ESCAPED.search(lower) is not None


def _name_audio(page: Element, attributes: Iterable[XPath]) -> bool:
    return any(_may_name_audio(" ".join(path(page))) for path in attributes)


def _audio(roots: Any, links: Resolver, found_by: str) -> Iterator[Candidate]:
    waiting: list[tuple[Any, Columns, bool, int]] = [(roots, {}, False, 0)]
    while waiting:
        node, around, within_audio, depth = waiting.pop()
        if not links.work.spend(UNITS_OF_NODE):
            continue
        if isinstance(node, list):
            waiting += [(one, around, within_audio, depth + 1) for one in reversed(node) if depth < DEEPEST]
        elif isinstance(node, Mapping):
            here = inherited(around, _columns(node, links))
            declared = next(_strings(node.get("encodingFormat") or node.get("fileFormat")), None)
            types = _types(node)
            is_audio_node = bool(types & AUDIO_TYPES) or (within_audio and not types & OTHER_MEDIA)
            for href in _named_files(node, is_audio_node=bool(types & (AUDIO_TYPES | HAS_AUDIO)) or within_audio):
                if url := links.recording(unescape(href), declared, player=is_audio_node or "audio" in node):
                    yield Candidate(url, found_by, here)
            if depth < DEEPEST:
                passed_on = {k: v for k, v in here.items() if k not in ("declared_bytes", "declared_type")}
                has_audio = bool(types & HAS_AUDIO)
                waiting += [
                    (value, passed_on, name == "audio" or (has_audio and name in MEDIA), depth + 1)
                    for name, value in reversed(list(node.items()))
                    if isinstance(value, list | Mapping)
                ]


def _named_files(node: Node, *, is_audio_node: bool) -> Iterator[str]:
    content = next((node[name] for name in CONTENT if node.get(name)), None)
    yield from _strings(content)
    for name in MEDIA:
        for text in _strings(node.get(name)):
            if name == "audio" or has_audio_extension(text):
                yield text
    if content is None and is_audio_node:
        for name in ("url", "embedUrl"):
            yield from filter(has_audio_extension, _strings(node.get(name)))


def _types(node: Node) -> set[str]:
    return {name.rpartition("/")[2].rpartition(":")[2] for name in _strings(node.get("@type"))}


def _columns(node: Node, links: Resolver) -> Columns:
    licence = next(_named(node.get("license")), None)
    author = next(_named(node.get("author") or node.get("creator") or node.get("byArtist")), None)
    declared = _text(node.get("encodingFormat") or node.get("fileFormat"))
    name = _text(node.get("name") or node.get("headline"))
    return non_empty(
        link_text=json_title(name),
        author=author,
        language=_text(node.get("inLanguage")),
        tags=", ".join(_strings(node.get("keywords"))),
        declared_type=declared if declared and is_audio_type(declared) else None,
        declared_duration_ms=duration_ms(next(_strings(node.get("duration") or node.get("timeRequired")), "")),
        declared_bytes=size_bytes(next(_strings(node.get("contentSize")), "")),
        license=spdx(licence) if licence else None,
        license_url=links.url(licence) if licence and "/" in licence else None,
        license_from="structured data" if licence else None,
    )


def _strings(value: Any) -> Iterator[str]:
    """The texts of a property that may be one, several, or a {"@value": …}."""
    for one in value if isinstance(value, list) else [value]:
        text = one.get("@value") or one.get("@id") if isinstance(one, Mapping) else one
        if isinstance(text, str | int | float) and not isinstance(text, bool) and str(text).strip():
            yield str(text).strip()


def _named(value: Any) -> Iterator[str]:
    """The names of persons, organisations or licences, given as text or as nodes of their own."""
    for one in value if isinstance(value, list) else [value]:
        yield from _strings((one.get("name") or one.get("url") or one.get("@id")) if isinstance(one, Mapping) else one)


def _text(value: Any) -> str | None:
    return next(_strings(value), None)
