"""Declared licences as SPDX identifiers: maps the licence of a page, feed or API to an identifier or 'unknown'.

Nothing is guessed: "CC BY" without a version, a port that SPDX does not list, or "free to use" is unknown.
"""

import re
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

UNKNOWN = "unknown"
CREATIVE_COMMONS = re.compile(
    r"/licenses/(?P<code>by(?:-nc)?(?:-(?:sa|nd))?)/(?P<version>\d\.\d)(?:/(?P<port>[a-z]{2,4}))?"
    r"(?:/(?:deed|legalcode)(?:[._-][a-z_-]+)*)?/?",
    re.IGNORECASE,
)
PUBLIC_DOMAIN = {"/publicdomain/zero/1.0": "CC0-1.0", "/publicdomain/mark/1.0": "CC-PDM-1.0"}
NAMED = re.compile(  # the official names: "CC BY-SA 4.0", "Creative Commons Attribution-ShareAlike 4.0 International"
    r"(?:creative commons|cc)[ -]+(?P<code>[a-z -]{2,80}?)[ -]+(?P<version>\d\.\d)"
    r"(?:[ -]+(?:international|unported|generic))?(?: public)?(?: licen[cs]e)?",
    re.IGNORECASE,
)
WORDS = {
    "attribution": "by",
    "noncommercial": "nc",
    "non commercial": "nc",
    "sharealike": "sa",
    "share alike": "sa",
    "noderivatives": "nd",
    "noderivs": "nd",
    "no derivatives": "nd",
}
OPERATORS = frozenset(("AND", "OR", "WITH"))
LONGEST = 200  # characters of a statement that can still be an identifier


@lru_cache(maxsize=1024)
def spdx(declared: str | None) -> str:
    """The SPDX identifier or expression of a declared licence, by its address or its name; else 'unknown'."""
    text = " ".join((declared or "").split())[:LONGEST]
    if text.lower().startswith(("http://", "https://", "//")):
        return _by_address(text) or UNKNOWN
    return _listed(text) or _by_name(text) or UNKNOWN


def _by_address(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = unquote(parts.path)
    if host == "creativecommons.org":
        for start, identifier in PUBLIC_DOMAIN.items():
            if path.lower().startswith(start):
                return identifier
        match = CREATIVE_COMMONS.fullmatch(path)
        return _creative_commons(match["code"], match["version"], match["port"]) if match else None
    if host in ("spdx.org", "opensource.org"):
        start, _, name = path.rstrip("/").rpartition("/")
        return _listed(name.removesuffix(".html").removesuffix(".json")) if start.startswith("/licen") else None
    return None


def _by_name(text: str) -> str | None:
    plain = text.strip(" .()").lower().replace("_", " ")
    if plain in ("cc0", "cc0 1.0", "cc0 1.0 universal", "creative commons zero v1.0 universal", "creative commons 0"):
        return "CC0-1.0"  # there is only one version
    match = NAMED.fullmatch(plain)
    if match is None:
        return None
    code = match["code"]
    for word, short in WORDS.items():
        code = code.replace(word, short)
    return _creative_commons("-".join(code.replace("-", " ").split()), match["version"], None)


def _creative_commons(code: str, version: str, port: str | None) -> str | None:
    return _listed("-".join(part for part in ("CC", code.upper(), version, (port or "").upper()) if part))


def _listed(text: str) -> str | None:
    """The expression as SPDX spells it, if each of its identifiers is on SPDX's list."""
    words = text.split()
    operators = words[1::2]
    names = [_identifiers().get(word.lower()) for word in words[::2]]
    if len(words) % 2 == 0 or not all(word.upper() in OPERATORS for word in operators) or None in names:
        return None
    spelt = [word.upper() if odd % 2 else str(names[odd // 2]) for odd, word in enumerate(words)]
    return " ".join(spelt)


@cache
def _identifiers() -> dict[str, str]:
    """Identifiers on SPDX's list, by their lower-case form. The library's own parser trips over some texts."""
    from license_expression import get_spdx_licensing  # here, since most pages declare nothing and its list is large

    known = get_spdx_licensing().known_symbols
    return {name.lower(): name for name in known if not name.startswith("LicenseRef-")}
