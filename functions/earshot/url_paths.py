"""Paths of URLs in one spelling: escapes, and segments of dots (RFC 3986, 2.3, 5.2.4, 6.2.2)."""

import re
from functools import lru_cache

ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
NOT_IN_PATH = re.compile(r"[^A-Za-z0-9_.~!$&'()*+,;=:@/%-]+")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
DOT_SEGMENT = re.compile(r"/\.\.?(?:/|$)")


def normalised_path(path: str) -> str:
    """A path with illegal characters escaped, escapes of unreserved ones decoded, and without dot segments."""
    return without_dots(spelled(path)) or "/"


def spelled(path: str) -> str:
    """A path with illegal characters escaped, and escapes of unreserved ones decoded."""
    path = ESCAPE.sub(_escape, path) if "%" in path else path
    return NOT_IN_PATH.sub(escaped, path)


def without_dots(path: str) -> str:
    """A path without the segments `.` and `..`; of the latter each takes the one before it away (RFC 3986, 5.2.4)."""
    if "/." in path and DOT_SEGMENT.search(path):
        kept: list[str] = []
        segments = path.split("/")[1:]
        for segment in segments:
            if segment == "..":
                del kept[-1:]
            elif segment != ".":
                kept.append(segment)
        path = "/" + "/".join(kept)
        if segments[-1] in (".", "..") and not path.endswith("/"):
            path += "/"
    return path


def escaped(match: re.Match[str]) -> str:
    """What a pattern found, each byte of its UTF-8 escaped."""
    text = match[0]
    return _escaped_character(text) if len(text) == 1 else "".join(map(_escaped_character, text))


@lru_cache(maxsize=4096)
def _escaped_character(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _escape(match: re.Match[str]) -> str:
    """One escape, of an unreserved character as that; a percent sign that begins none is itself escaped."""
    if match[1] is None:
        return "%25"
    character = chr(int(match[1], 16))
    return character if character in UNRESERVED else f"%{match[1].upper()}"
