"""The name of a file: a Content-Disposition header (RFC 6266, RFC 8187) or a URL in, a name that can be shown out.

The header is read in one pass, without regular expressions, so that it costs time linear in its length.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from earshot.audio import clean

NAME_BYTES = 255
HEADER_CHARACTERS = 8192  # of a Content-Disposition; the rest is not read
CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "iso-8859-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252"}


def path_name(url: str) -> str:
    """The last part of a URL's path, unquoted and cleaned; may be empty."""
    return _shown(unquote(urlsplit(url).path))


def disposition_name(header: str | None) -> str:
    """The name that a Content-Disposition header gives, cleaned and without folders; empty where it gives none.

    Args:
        header: as Python's http.client decodes it, ISO 8859-1; servers that send UTF-8 are understood all the same.
            `filename*` is preferred to `filename`.
    """
    named: dict[str, str] = {}
    for name, value in _parameters((header or "")[:HEADER_CHARACTERS]):
        named.setdefault(name, value)
    return _shown(_extended(named.get("filename*", "")) or _as_utf8(named.get("filename", "")))


def _parameters(header: str) -> Iterator[tuple[str, str]]:
    """Name in lower case and value of each parameter; a quoted value without its quotes and escapes."""
    at = header.find(";")
    while 0 <= at < len(header):
        equals = header.find("=", at)
        if equals < 0:
            return
        name = header[at + 1 : equals].rpartition(";")[2].strip().lower()
        at = equals + 1
        while at < len(header) and header[at] in " \t":
            at += 1
        if header[at : at + 1] == '"':
            value, at = _quoted(header, at + 1)
            at = header.find(";", at)
        else:
            end = header.find(";", at)
            value, at = header[at : end if end >= 0 else None].strip(), end
        yield name, value


def _quoted(header: str, at: int) -> tuple[str, int]:
    kept: list[str] = []
    while at < len(header) and header[at] != '"':
        at += header[at] == "\\" and header[at + 1 : at + 2] in ('"', "\\")  # a lone backslash is a Windows path
        kept.append(header[at])
        at += 1
    return "".join(kept), at + 1


def _extended(value: str) -> str:
    """An extended value (RFC 8187, 3.2.1): charset'language'percent-encoded; empty if it is none."""
    charset, _, rest = value.partition("'")
    _, quote, encoded = rest.partition("'")
    codec = CHARSETS.get(charset.strip().lower())
    return unquote_to_bytes(encoded).decode(codec, "replace") if quote and codec else ""


def _as_utf8(value: str) -> str:
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _shown(name: str) -> str:
    """The last part of a path of any system, cleaned; empty for `.` and `..`."""
    kept = clean(PurePosixPath(name.replace("\\", "/")).name, NAME_BYTES)
    return "" if kept in (".", "..") else kept
