"""Freesound, by its API v2: a search in, its sounds out, page after page, 150 at a call.

The web client adds the API key and keeps the request quota. A sound's md5 and size are
those of its original, never of a preview.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Annotated, Any, Protocol
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from earshot.audio import AudioFound, now
from earshot.consent import Signal, evidence
from earshot.errors import SourceRefuses
from earshot.scraping.durations_and_sizes import duration_ms, size_bytes
from earshot.scraping.extracted_links import address, non_empty
from earshot.scraping.licences import spdx
from earshot.urls import canonical

PAGE_SIZE = 150  # the most that the API gives
FIELDS = "id,url,name,username,tags,license,gen_ai_preference,type,duration,filesize,md5,previews"
PREVIEW = "preview-hq-ogg"  # about 192 kbit/s, the best of the four
SITES = ("freesound.org", "www.freesound.org")
MOST_PAGE_BYTES = 8 * 1024 * 1024


class Search(BaseModel):
    """What to look for; query, filter (Solr) and sort are Freesound's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: str = ""
    filter: str = ""
    sort: str = "score"
    limit: Annotated[int, Field(ge=1, le=100_000)] = 150


class Answer(Protocol):
    """A response of the API."""

    def content(self) -> bytes: ...


class Web(Protocol):
    """Client that sends the key and keeps the request quota."""

    def fetch(
        self, url: str, *, max_bytes: int, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Answer]: ...


def search(wanted: Search, *, web: Web, api: str, timeout_s: float, originals: bool = False) -> Iterator[AudioFound]:
    """The sounds of a search, at most `wanted.limit`; the next page is requested when the one before is used up.

    Args:
        api: base address, ending in a slash.
        originals: links to the files as uploaded, which ask for an OAuth2 token; else to previews.

    Raises:
        SourceRefuses: the answer is not what the API promises.
        ComeAgain: the request quota is used up, or the API is busy.
    """
    query = {"query": wanted.query, "filter": wanted.filter, "sort": wanted.sort}
    size = min(PAGE_SIZE, wanted.limit)
    following: str | None = f"{api}search/?" + urlencode({**query, "fields": FIELDS, "page_size": size})
    left = wanted.limit
    while following and left > 0:
        with web.fetch(following, max_bytes=MOST_PAGE_BYTES, timeout_s=timeout_s) as answer:
            page = _page(answer.content(), following)
        for sound in page["results"][: min(left, PAGE_SIZE)]:
            if found := _found(sound, api, originals):
                yield found
        left -= len(page["results"])
        following = address(page.get("next"), following)
        if following and not following.startswith(canonical(api)):  # the key goes to the API and nowhere else
            return


def _page(content: bytes, url: str) -> dict[str, Any]:
    try:
        page = json.loads(content)
        if isinstance(page["results"], list):
            return dict(page)
    except (ValueError, TypeError, KeyError) as error:
        raise SourceRefuses(f"{url} does not answer as Freesound's API does: {error!r}") from error
    raise SourceRefuses(f"{url} does not answer as Freesound's API does")


def _found(sound: Any, api: str, originals: bool) -> AudioFound | None:
    if not isinstance(sound, dict) or not isinstance(sound.get("id"), int):
        return None
    original = address(f"{api}sounds/{sound['id']}/download/", api)
    target = original if originals else (sound.get("previews") or {}).get(PREVIEW)
    if (source_url := address(target, api)) is None:
        return None
    of_original = {
        "declared_md5": sound.get("md5"),
        "declared_bytes": size_bytes(sound.get("filesize", "")),
        "declared_type": f"audio/{sound.get('type')}",
    }
    preference = str(sound.get("gen_ai_preference") or "none given")
    signal = Signal("gen_ai_preference", preference, api, now(), denies=preference == "no-gen-ai")
    columns = non_empty(
        source_url=source_url,
        page_url=address(sound.get("url"), api),
        page_title=sound.get("name"),
        found_by="freesound",
        author=sound.get("username"),
        tags=", ".join(str(tag) for tag in sound.get("tags") or []),
        license=spdx(sound.get("license")),
        license_url=address(sound.get("license"), api),
        license_from="freesound API",
        declared_duration_ms=duration_ms(sound.get("duration", "")),
        source_id=f"freesound:{sound['id']}",
        rendition="original" if originals else "preview",
        consent=evidence([signal]),
        **(of_original if originals else {"declared_type": "audio/ogg", "original_url": original}),
    )
    return AudioFound.model_validate(columns)


def needs_login(url: str) -> bool:
    """Whether a canonical URL is the download of an original, which Freesound gives to nobody who is not logged in.

    Its pages link to it beside the previews, which are public.
    """
    if "/download/" not in url:
        return False
    host, _, path = url.partition("://")[2].partition("/")
    return host in SITES and "/sounds/" in path and "/download/" in path
