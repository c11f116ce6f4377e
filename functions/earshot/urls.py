"""Canonical URLs: maps any text to an http(s) URL that can be compared and fetched.

The query keeps its order and its escapes: sorted or re-quoted arguments break signed links on some hosts, and
a link that cannot be fetched is worse than one recording known under two addresses.
"""

import ipaddress
import re
import socket
from urllib.parse import urljoin, urlsplit, urlunsplit

import idna
from w3lib.url import canonicalize_url, safe_url_string

from earshot.errors import BadUrl

MAX_URL_CHARACTERS = 2048  # servers and proxies cut longer ones; also bounds ids, labels and log lines
DEFAULT_PORTS = {"http": 80, "https": 443}
NUMERIC = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")  # a last label like this makes the host an IPv4 address (WHATWG)
PLAIN = re.compile(  # canonical as it stands, as most links are; a short cut, an order faster than the whole way
    r"https?://(?=[^/]{1,253}/)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
    r"(/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/?(\?[A-Za-z0-9_.~=&+-]+)?"
)
PATH_END = re.compile(r"([?#])")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")  # "_" is no host name, yet the DNS and sites use it


def canonical(url: str, base: str | None = None) -> str:
    """The URL as a browser would ask for it, made comparable.

    Lower-case scheme and host, IDN as A-labels, decimal, octal and hex hosts as dotted IPv4, no default port,
    no trailing dot, no dot segments, unreserved escapes decoded, no fragment. A canonical URL stays as it is.

    Args:
        url: absolute, or relative to `base`; spaces, line breaks, backslashes are mended as browsers do.
        base: an absolute URL.

    Raises:
        BadUrl: no http(s) URL, no valid host or port, credentials in it, or over 2048 characters.
    """
    try:
        joined = urljoin(base, url) if base else url
        if PLAIN.fullmatch(joined) and len(joined) <= MAX_URL_CHARACTERS:
            return joined
        parts = urlsplit(_mended(urljoin(base, _mended(url)) if base else url))
        if parts.scheme not in DEFAULT_PORTS:
            raise BadUrl(f"{_shown(url)} is not http or https")
        if "@" in parts.netloc:
            raise BadUrl(f"a link to {_shown(parts.hostname or '')} carries credentials")
        port = f":{parts.port}" if parts.port not in (None, DEFAULT_PORTS[parts.scheme]) else ""
        netloc = _host(parts.hostname or "") + port
        path = urlsplit(canonicalize_url(urlunsplit((parts.scheme, netloc, parts.path, "", "")))).path
        query = urlsplit(safe_url_string(urlunsplit((parts.scheme, netloc, "/", parts.query, "")))).query
        made = urlunsplit((parts.scheme, netloc, path, query, ""))
    except (ValueError, OSError) as error:
        raise BadUrl(f"{_shown(url)}: {error}") from error
    if len(made) > MAX_URL_CHARACTERS:
        raise BadUrl(f"a URL of {len(made)} characters, limit is {MAX_URL_CHARACTERS}: {_shown(made)}")
    return made


def host(url: str) -> str:
    """Host of a canonical URL, without its port: the key under which requests wait for each other."""
    return urlsplit(url).hostname or ""


def origin(url: str) -> str:
    """Scheme, host and port of a canonical URL: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _mended(url: str) -> str:
    """Slashes where a browser reads a backslash as one; urlsplit drops line breaks and tabs itself."""
    address, *rest = PATH_END.split(url.strip(), maxsplit=1)
    return address.replace("\\", "/") + "".join(rest)


def _host(name: str) -> str:
    """A host in one spelling; ValueError or OSError when it is none."""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name).compressed}]" if "%" not in name else _no_host(name)
    name = name if name.isascii() else idna.encode(name, uts46=True).decode()
    name = name.removesuffix(".").lower()
    if NUMERIC.fullmatch(name.rsplit(".", 1)[-1]):
        return socket.inet_ntoa(socket.inet_aton(name))  # reads 127.1, 0x7f.1 and 2130706433 as libc does
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in name.split(".")):
        return _no_host(name)
    return name


def _no_host(name: str) -> str:
    raise ValueError(f"{_shown(name)} is not a host name")


def _shown(text: str) -> str:
    return ascii(text[:200])
