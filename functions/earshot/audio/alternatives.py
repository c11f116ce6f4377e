"""Renditions of one recording: other files that the same page offers of it, in the order in which they are tried."""

import json
from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict

from earshot.audio.bounded import Count
from earshot.clean_text import clean

MAX_ALTERNATIVES = 8  # of one recording: each is asked for when all before it have failed
JSON_BYTES = 1000  # of the list in the metadata of an object
SHORT_BYTES = 60  # of a type or a rendition in that list
URL_BYTES = 2048


class Alternative(BaseModel):
    """Another rendition of a recording: the URL to fetch and what the page declares of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str
    """Canonical URL, as it is fetched."""
    rendition: str | None = None
    """What the source calls it: original, preview, hq-mp3, Ogg Vorbis 128 kbit/s."""
    declared_type: str | None = None
    declared_bytes: Count = None
    declared_bit_rate_bps: Count = None
    declared_md5: str | None = None
    declared_sri: str | None = None


def alternatives_json(others: Iterable[Alternative], failed: Mapping[str, str] | None = None) -> str | None:
    """A JSON list of renditions, whole ones only, at most 1000 bytes; None when there is none.

    Args:
        failed: URL to the reason code with which its fetch was given up.
    """
    kept: list[dict[str, object]] = []
    for other in others:
        one: dict[str, object] = {
            "url": clean(other.url, URL_BYTES),
            "rendition": clean(other.rendition or "", SHORT_BYTES),
            "declared_type": clean(other.declared_type or "", SHORT_BYTES),
            "declared_bytes": other.declared_bytes,
            "declared_bit_rate_bps": other.declared_bit_rate_bps,
            "failed": (failed or {}).get(other.url),
        }
        longer = [*kept, {name: value for name, value in one.items() if value}]
        if len(json.dumps(longer, ensure_ascii=False).encode()) <= JSON_BYTES:
            kept = longer
    return json.dumps(kept, ensure_ascii=False) if kept else None
