"""Reads the metadata of an Internet Archive item: its recordings with their checksums.

Format: archive.org/developers/md-read.html. Originals are taken; a derivative only where there is no original audio.
"""

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from earshot.scraping.candidates import Candidate
from earshot.scraping.durations_and_sizes import duration_ms, size_bytes
from earshot.scraping.extracted_links import Extract, Resolver, address, non_empty
from earshot.scraping.licences import spdx
from earshot.scraping.media_types import AUDIO_EXTENSIONS
from earshot.scraping.renditions import recordings

UNITS_OF_FILE = 10  # of work
LONGEST_IDENTIFIER = 200  # characters; the Archive gives at most 100


def is_item(answer: Any) -> bool:
    """Whether a JSON document is the metadata of an item."""
    return (
        isinstance(answer, dict) and isinstance(answer.get("metadata"), dict) and isinstance(answer.get("files"), list)
    )


def read_item(answer: dict[str, Any], links: Resolver) -> Extract:
    """Read the recordings of an item; a dark item has none, and private files are skipped."""
    url = links.base
    about, identifier = answer["metadata"], _first(answer["metadata"].get("identifier"))
    if not identifier or len(identifier) > LONGEST_IDENTIFIER or answer.get("is_dark"):
        return Extract()
    files = [one for one in answer["files"] if isinstance(one, dict) and _is_public_audio(one)]
    licence = _first(about.get("licenseurl"))
    around = non_empty(
        page_url=address(f"/details/{identifier}", url),
        page_title=_first(about.get("title")),
        author=_first(about.get("creator")),
        language=_first(about.get("language")),
        tags=", ".join(_all(about.get("subject"))),
        license=spdx(licence) if licence else None,
        license_url=address(licence, url),
        license_from="archive licenseurl" if licence else None,
    )
    folder = f"/download/{quote(identifier)}"
    found = []
    for one in _wanted(files):
        name = one["name"]
        if not links.take(UNITS_OF_FILE, name):
            continue
        columns = non_empty(
            source_url=address(f"{folder}/{quote(name)}", url),
            link_text=_first(one.get("title")) or name,
            declared_bytes=size_bytes(one.get("size", "")),
            declared_duration_ms=duration_ms(one.get("length", "")),
            declared_md5=_first(one.get("md5")),
            source_id=f"archive:{identifier}/{name}",
            rendition="original" if one.get("source") == "original" else "preview",
        )
        if target := columns.pop("source_url", None):
            group = _first(one.get("original")) if one.get("source") != "original" else name
            found.append(Candidate(target, "archive", {**around, **columns}, ("original", group or name)))
    return Extract(found=recordings(found))


def _wanted(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The originals, each followed by its derivatives; derivatives alone where no original is audio."""
    originals = {one["name"]: one for one in files if one.get("source") == "original"}
    if not originals:
        return files
    return [one for one in files if one["name"] in originals or _first(one.get("original")) in originals]


def _is_public_audio(one: dict[str, Any]) -> bool:
    name = one.get("name")
    return (
        isinstance(name, str)
        and PurePosixPath(name).suffix.lower() in AUDIO_EXTENSIONS
        and one.get("private") != "true"
    )


def _all(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str | int | float)]


def _first(value: Any) -> str | None:
    return next(iter(_all(value)), None)
