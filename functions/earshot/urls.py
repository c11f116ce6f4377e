"""Canonical URLs: maps any text to an http(s) URL that can be compared and fetched.

Escapes of reserved characters stay (RFC 3986, 2.2): `%2B` and `+` are different to many servers. The query keeps its
order and its escapes: sorted or re-quoted arguments break signed links on some hosts, and a link that cannot be fetched
is worse than one recording known under two URLs.
"""

import ipaddress
import re
import socket
from functools import lru_cache
from urllib.parse import SplitResult, urljoin, urlsplit

import idna

from earshot.errors import BadUrl
from earshot.url_paths import escaped, normalised_path, spelled, without_dots

MAX_URL_CHARACTERS = 2048  # servers and proxies cut longer ones; also bounds ids, labels and log lines
LONGEST_TEXT = 65_536  # characters of a text that can be a URL: a longer one is not even looked at
LONGEST_HOST = 1000  # characters, before its labels are encoded, each of which takes its time
DEFAULT_PORTS = {"http": 80, "https": 443}
NUMERIC = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")  # a last label like this makes the host an IPv4 address (WHATWG)
PLAIN_PATH = re.compile(  # from the host on, canonical as it is, as most links are: a short cut around the whole way
    r"(?:/(?:[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9_.~!$&'()*+,;=:@-]*)?+)++(?:\?[A-Za-z0-9_.~=&+,;:@!$()*/?%-]++)?+"
)
PLAIN_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,126}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
PLAIN_FILE = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_.~/-]*+")  # a relative path without a colon in its first segment
ABSOLUTE = re.compile(r"https?://[^/?#\\]", re.IGNORECASE)
PATH_END = re.compile(r"([?#])")
CREDENTIALS = re.compile(r"[/\\]{2}[^/\\\s]*@|^[^/\s@:]*+:/?[^/\s]*@")  # a password may itself hold @, ? or #
LABELS_ALONE = re.compile(r"[a-z0-9_.-]+")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")  # "_" is no host name, yet the DNS and sites use it
NOT_IN_QUERY = re.compile(r"[\x00-\x20\x7f-\U0010ffff\"#<>]+")  # the query percent-encode set of WHATWG's URL standard


def canonical(url: str, base: str | None = None) -> str:
    """The URL as a browser would request it, made comparable.

    Lower-case scheme and host, IDN as A-labels, decimal, octal and hex hosts as dotted IPv4, no default port,
    no trailing dot, no dot segments, unreserved escapes decoded, no fragment. A canonical URL stays as it is.

    Args:
        url: absolute, or relative to `base`; spaces, line breaks, backslashes are repaired as browsers do.
        base: an absolute URL.

    Raises:
        BadUrl: no http(s) URL, no valid host or port, credentials in it, or over 2048 characters.
    """
    if len(url) > LONGEST_TEXT:
        raise BadUrl(f"a URL of {len(url)} characters, limit is {MAX_URL_CHARACTERS}: {_shown(url)}")
    try:
        plain = _plain(url, base)
        if plain is not None:
            return plain
        if made := _assembled(url, base):
            return _bounded(made)
        if base and url.strip()[:1] not in ("", "#"):
            base = base.partition("?")[0]  # which may be long, and counts for a fragment alone
        parts = urlsplit(_mended(_joined(base, _mended(url)) if base else url))
        if parts.scheme not in DEFAULT_PORTS:
            raise BadUrl(f"{_shown(url)} is not http or https")
        if "@" in parts.netloc:
            raise BadUrl(f"a link to {_shown(parts.hostname or '')} carries credentials")
        number = _port(parts)
        port = f":{number}" if number not in (None, DEFAULT_PORTS[parts.scheme]) else ""
        netloc = _host(parts.hostname or "") + port
        query = NOT_IN_QUERY.sub(escaped, parts.query)
        made = f"{parts.scheme}://{netloc}{normalised_path(parts.path)}" + (f"?{query}" if query else "")
    except (ValueError, OSError) as error:
        raise BadUrl(f"{_shown(url)}: {error}") from error
    return _bounded(made)


def _bounded(made: str) -> str:
    if len(made) > MAX_URL_CHARACTERS:
        raise BadUrl(f"a URL of {len(made)} characters, limit is {MAX_URL_CHARACTERS}: {_shown(made)}")
    return made


def _joined(base: str, url: str) -> str:
    if url[:1] == "/" and url[1:2] != "/" and (origin_of_base := _origin_and_folder(base)[0]):
        return origin_of_base + url
    return url if ABSOLUTE.match(url) else urljoin(base, url)  # which would drop a semicolon at the end of a path


def _plain(url: str, base: str | None) -> str | None:
    """The canonical URL where a glance shows it; None where it takes the whole way."""
    if len(url) > MAX_URL_CHARACTERS:
        return None
    url = url.partition("#")[0] if "#" in url else url
    if base and url[:2] == "//" and url[2:3] not in ("/", "\\"):
        url = f"{base.partition(':')[0]}:{url}"
    if url.startswith(("http://", "https://")):
        start = url.find("/", 8)
        if not _is_plain_origin(url[:start] if start >= 0 else url):
            return None
        if start < 0:
            return f"{url}/" if len(url) < MAX_URL_CHARACTERS else None
    elif base is None or not url:
        return None
    else:
        origin_of_base, folder = _origin_and_folder(base)
        if not origin_of_base:
            return None
        if url[0] == "/" and url[1:2] != "/":
            start, url = len(origin_of_base), origin_of_base + url
        elif PLAIN_FILE.fullmatch(url):
            start, url = len(origin_of_base), folder + url
        else:
            return None
    return url if PLAIN_PATH.fullmatch(url, start) and len(url) <= MAX_URL_CHARACTERS else None


def _assembled(url: str, base: str | None) -> str | None:
    """The canonical URL of a printable text whose host is an ASCII name, or that of `base`.

    None where that takes more: a port, credentials, any other host, a query alone.

    Raises:
        ValueError, OSError: its host is none.
    """
    url = url.strip()
    if not url or url[0] in "?#" or "\\" in url or not url.isprintable():
        return None
    if base and url[:2] == "//" and url[2:3] != "/":
        url = f"{base.partition(':')[0]}:{url}"
    path, _, query = url.partition("#")[0].partition("?")
    if path.startswith(("http://", "https://")):
        scheme, _, rest = path.partition("://")
        name, slash, path = rest.partition("/")
        if not LABELS_ALONE.fullmatch(name):
            return None
        start, path = f"{scheme}://{_host(name)}", slash + path
    elif base is None or path[:2] == "//":
        return None
    else:
        start, folder = _origin_and_folder(base)
        if not start or (path[0] != "/" and ":" in path.partition("/")[0]):
            return None
        if path[0] != "/":  # only its own escapes take another spelling: the folder, which may be long, is ready
            path = without_dots(folder[len(start) :] + spelled(path))
            return _with_query(start + path, query)
    return _with_query(start + normalised_path(path), query)


def _with_query(address: str, query: str) -> str:
    query = NOT_IN_QUERY.sub(escaped, query) if query else ""
    return f"{address}?{query}" if query else address


@lru_cache(maxsize=4096)
def _is_plain_origin(text: str) -> bool:
    name = text.partition("://")[2]
    return len(name) <= 253 and PLAIN_HOST.fullmatch(name) is not None


@lru_cache(maxsize=256)
def _origin_and_folder(base: str) -> tuple[str, str]:
    """Scheme and host of an absolute URL, and the same up to the last slash of its path."""
    address = PATH_END.split(base, maxsplit=1)[0]
    start = address.find("/", 8)
    if start < 0 or not base.startswith(("http://", "https://")) or not _is_plain_origin(address[:start]):
        return "", ""
    return address[:start], address[:start] + spelled(address[start : address.rfind("/") + 1])


def host(url: str) -> str:
    """Host of a canonical URL, without its port: the key under which requests wait for each other."""
    authority = url.partition("://")[2].partition("/")[0]
    return authority if LABELS_ALONE.fullmatch(authority) else urlsplit(url).hostname or ""


def origin(url: str) -> str:
    """Scheme, host and port of a canonical URL: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def without_credentials(text: str) -> str:
    """A text that names URLs, to be shown or logged: without what stands before `@` where a host is named."""
    return CREDENTIALS.sub(lambda match: "//" if match[0][0] in "/\\" else "", text) if "@" in text else text


def _mended(url: str) -> str:
    """Slashes where a browser reads a backslash as one; urlsplit drops line breaks and tabs itself."""
    address, *rest = PATH_END.split(url.strip(), maxsplit=1)
    return address.replace("\\", "/") + "".join(rest)


def _host(name: str) -> str:
    """A host in one spelling; ValueError or OSError when it is none."""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name).compressed}]" if "%" not in name else _no_host(name)
    if len(name) > LONGEST_HOST:
        return _no_host(name)
    name = name if name.isascii() else idna.encode(name, uts46=True).decode()
    name = name.removesuffix(".").lower()
    if NUMERIC.fullmatch(name.rsplit(".", 1)[-1]):
        return socket.inet_ntoa(socket.inet_aton(name))  # reads 127.1, 0x7f.1 and 2130706433 as libc does
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in name.split(".")):
        return _no_host(name)
    return name


def _port(parts: SplitResult) -> int | None:
    """The port; ValueError where it is none, without its text, which may be the beginning of a password."""
    try:
        return parts.port
    except ValueError:
        raise ValueError("its port is no number up to 65535") from None


def _no_host(name: str) -> str:
    raise ValueError(f"{_shown(name)} is not a host name")


def _shown(text: str) -> str:
    return ascii(without_credentials(text[:LONGEST_TEXT])[:200])
