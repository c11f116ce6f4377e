"""Reads audio from structured data of a page (JSON-LD and microdata) as columns of AudioFound.

Both are read into the same shape, a tree of schema.org nodes. A node is audio by its type, its encodingFormat or the
extension of its contentUrl; missing columns (author, licence, language) are taken from the nodes around it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement

from earshot.scraping.durations_and_sizes import duration_ms, size_bytes
from earshot.scraping.extracted_links import address, inherited, non_empty
from earshot.scraping.licences import spdx
from earshot.scraping.media_types import has_audio_extension, is_audio_type
from earshot.scraping.microdata import in_microdata

Node = Mapping[str, Any]
Columns = dict[str, Any]

AUDIO_TYPES = frozenset(("AudioObject", "AudioObjectSnapshot"))
MOST_NODES = 20_000
DEEPEST = 60
HIDING = re.compile(r"^\s*(?://)?\s*(?:<!--|<!\[CDATA\[)|(?://)?\s*(?:-->|\]\]>)\s*$")


def in_structured_data(page: HtmlElement, base: str) -> Iterator[Columns]:
    """Columns of an AudioFound for each recording described, in order."""
    for script in page.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            yield from _audio(_json(script.text or ""), base, "json-ld")
    yield from _audio(in_microdata(page), base, "microdata")


def _json(text: str) -> Any:
    """The parsed value of a script, or None; comments that hide it from old browsers are removed."""
    try:
        return json.loads(HIDING.sub("", text), strict=False)  # line breaks within strings are common
    except (ValueError, RecursionError):
        return None


def _audio(roots: Any, base: str, found_by: str) -> Iterator[Columns]:
    waiting: list[tuple[Any, Columns, int]] = [(roots, {}, 0)]
    for _ in range(MOST_NODES):
        if not waiting:
            return
        node, around, depth = waiting.pop()
        if isinstance(node, list):
            waiting += [(one, around, depth + 1) for one in reversed(node) if depth < DEEPEST]
        elif isinstance(node, Mapping):
            here = inherited(around, _columns(node, base))
            for href in _strings(node.get("contentUrl") or node.get("contentURL") or node.get("audio")):
                if (url := address(href, base)) and _is_audio(node, url):
                    yield here | {"source_url": url, "found_by": found_by}
            if depth < DEEPEST:
                passed_on = {name: value for name, value in here.items() if name != "declared_bytes"}
                waiting += [(value, passed_on, depth + 1) for value in reversed(list(node.values())) if _nests(value)]


def _nests(value: Any) -> bool:
    return isinstance(value, list | Mapping)


def _is_audio(node: Node, url: str) -> bool:
    declared = next(_strings(node.get("encodingFormat") or node.get("fileFormat")), None)
    if declared and "/" in declared:
        return is_audio_type(declared)
    return bool(_types(node) & AUDIO_TYPES) or "audio" in node or has_audio_extension(url)


def _types(node: Node) -> set[str]:
    return {name.rpartition("/")[2].rpartition(":")[2] for name in _strings(node.get("@type"))}


def _columns(node: Node, base: str) -> Columns:
    licence = next(_named(node.get("license")), None)
    author = next(_named(node.get("author") or node.get("creator") or node.get("byArtist")), None)
    return non_empty(
        link_text=_text(node.get("name") or node.get("headline")),
        author=author,
        language=_text(node.get("inLanguage")),
        tags=", ".join(_strings(node.get("keywords"))),
        declared_type=_text(node.get("encodingFormat") or node.get("fileFormat")),
        declared_duration_ms=duration_ms(next(_strings(node.get("duration")), "")),
        declared_bytes=size_bytes(next(_strings(node.get("contentSize")), "")),
        license=spdx(licence) if licence else None,
        license_url=address(licence, base) if licence and "/" in licence else None,
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
