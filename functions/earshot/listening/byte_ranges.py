"""Range requests: which bytes are asked for, and what the answer says. Source: RFC 9110, sections 13 and 14."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")
AUDIO = re.compile(r"^(audio|video)/[a-z0-9.+-]+$")
PLAYABLE = {"video/ogg": "audio/ogg", "audio/x-wav": "audio/wav", "application/ogg": "audio/ogg"}


@dataclass(frozen=True)
class Answer:
    """Status, headers, and the bytes `first` to `last` inclusive; no bytes where last is below first."""

    status: int
    headers: dict[str, str]
    first: int = 0
    last: int = -1


def answer(given: Mapping[str, str], size: int, etag: str, content_type: str) -> Answer:
    """What to answer a GET or HEAD.

    Args:
        given: headers of the request.
        etag: of the whole, with its quotes.
        content_type: what the object is called; anything but audio becomes application/octet-stream.
    """
    named = content_type.lower().split(";")[0].strip()
    headers = {
        "etag": etag,
        "accept-ranges": "bytes",
        "content-type": PLAYABLE.get(named, named) if AUDIO.match(named) or named in PLAYABLE else OCTETS,
        "cache-control": "private, no-cache",
        "content-security-policy": "default-src 'none'; sandbox",
        "content-disposition": "inline" if AUDIO.match(named) or named in PLAYABLE else "attachment",
    }
    if etag in [tag.strip() for tag in given.get("if-none-match", "").split(",")]:
        return Answer(304, headers)
    whole = Answer(200, headers | {"content-length": str(size)}, 0, size - 1)
    wanted = RANGE.match(given.get("range", "").replace(" ", ""))
    if not wanted or wanted[0] == "bytes=-" or given.get("if-range", etag) != etag:
        return whole  # several ranges at once are answered by the whole, as the standard allows
    if wanted[1]:
        first, last = int(wanted[1]), min(int(wanted[2] or size), size - 1)
        if wanted[2] and int(wanted[2]) < first:
            return whole  # no valid range: ignored
    else:
        first, last = max(size - int(wanted[2]), 0), size - 1
        if int(wanted[2]) == 0:
            first = size
    if first >= size:
        return Answer(416, headers | {"content-range": f"bytes */{size}", "content-length": "0"})
    partial = {"content-range": f"bytes {first}-{last}/{size}", "content-length": str(last - first + 1)}
    return Answer(206, headers | partial, first, last)


OCTETS = "application/octet-stream"
