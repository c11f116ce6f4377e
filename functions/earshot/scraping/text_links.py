"""URLs of audio in text that is no markup: scripts, attribute values, JSON that does not parse. Linear in the text."""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import groupby

from earshot.scraping.media_types import AUDIO_EXTENSIONS, has_audio_extension
from earshot.scraping.work_budget import MOST_RECORDINGS


def _alternatives(words: list[str]) -> str:
    """A pattern of any of these words, common beginnings tried once: half the time of a list of them."""
    rest = [word for word in words if word]
    branches = [
        first + _alternatives([word[1:] for word in group])
        for first, group in groupby(sorted(rest), key=lambda word: word[0])
    ]
    joined = (
        f"(?:{'|'.join(branches)})" if len(branches) > 1 or (branches and len(rest) < len(words)) else "".join(branches)
    )
    return f"{joined}?" if rest and len(rest) < len(words) else joined


ENDINGS = _alternatives([one[1:] for one in AUDIO_EXTENSIONS])
ENDS = re.compile(rf"\.(?:{ENDINGS})(?![A-Za-z0-9_])", re.IGNORECASE)
STOPS = re.compile(r"""["'`<>\s){}|\[\]]|\\(?![/u])""")
QUOTES = "\"'`"
SCHEMES = ("http://", "https://")
ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})|\\(.)")
OF_MODEL = re.compile(r";\$\d{1,4}$")  # a reference behind a URL, in attributes of Google's pages
LONGEST = 2048  # characters of a URL in a text
MOST = MOST_RECORDINGS + 1  # of a text
UNITS_OF_URL_IN_CODE = 3  # of work, besides what its resolution takes


def may_be_audio(url: str) -> bool:
    """Whether the ending of an audio file may occur in a URL, escaped or not: a quick look, before a thorough one."""
    return ENDS.search(url) is not None or ("%2" in url and "%2e" in url.lower())


def telling_among(urls: Sequence[str]) -> set[str]:
    """Those for which `may_be_audio` holds, found in all of them at once."""
    text = "\0".join(urls)
    if "%2" in text and "%2e" in text.lower():
        return set(filter(may_be_audio, urls))
    found: set[str] = set()
    done = 0
    for match in ENDS.finditer(text):
        if match.start() >= done:
            start, end = text.rfind("\0", 0, match.start()) + 1, text.find("\0", match.end())
            done = end if end >= 0 else len(text)
            found.add(text[start:done])
    return found


def urls_in(text: str) -> Iterator[str]:
    """URLs with the ending of an audio file: absolute, or from the root of the host, in order.

    Escapes of JSON and JavaScript are decoded. A URL in quotes may contain spaces.
    """
    for escape in ("\\\\/", "\\/", "\\u002F", "\\u002f") if "\\" in text else ():
        if escape in text:
            text = text.replace(escape, "/")
    schemes = [scheme for scheme in SCHEMES if scheme in text]
    done = seen = 0
    quote = origin = -1  # where the last is before what has been seen
    for number, ending in enumerate(ENDS.finditer(text)):
        if number >= MOST:
            return
        at, behind = ending.span()
        if at < done:
            continue
        low = max(done, at - LONGEST)
        since = seen if seen > low else low
        for mark in QUOTES:
            if (last := text.rfind(mark, since, at)) > quote:
                quote = last
        for scheme in schemes:
            if (last := text.rfind(scheme, max(0, seen - len(scheme)), at)) > origin:
                origin = last
        seen = at
        start = quote + 1 if quote >= low else low
        if origin >= start:
            start = origin
        elif quote < low or text[start] != "/":
            continue
        stop = STOPS.search(text, behind, behind + LONGEST)
        done = stop.start() if stop else min(len(text), behind + LONGEST)
        url = decoded(text[start:done]).partition("#")[0]
        url = OF_MODEL.sub("", url).rstrip(".,;")
        if has_audio_extension(url) and "<" not in url and "\n" not in url and not url.startswith("/*"):
            yield url


def decoded(text: str) -> str:
    """A text with the escapes of JavaScript strings and of HTML decoded."""
    if "\\" in text:
        text = ESCAPED.sub(_character, text)
    return unescape(text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    if code := match[1] or match[2]:
        return chr(int(code, 16))
    return match[3] if match[3] in "/\"'`\\" else " "
