"""Which attributes of a page may name audio, found in its source before its tree is looked at: most pages have none."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from earshot.scraping.audio_elements import LINKS, TAGS
from earshot.scraping.text_links import ENDINGS

ENDING = re.compile(  # in a source in lower case; of hosts in Australia there may be many
    rb"\.(" + ENDINGS.encode() + rb")(?![a-z0-9_])(?<!\.(?:com|net|org|gov|edu|asn)\.au)(?<!\.id\.au)"
)
KEYS = (b"mp3-", b"audiourl", b"audio_url", b"ahr0c")  # that tell audio where no ending does, the last being base64
KEYS_WITHOUT_AUDIO = [key for key in KEYS if b"audio" not in key]
OF_NAMES = b"abcdefghijklmnopqrstuvwxyz0123456789_@:.-"
NEVER_FIRST = b"0123456789_.-"  # in a name
PLAIN_NAME = re.compile(rb"[a-z][a-z0-9_-]*+")
TAG = re.compile(rb"<([a-z][a-z0-9-]{0,60})[\s/]")
LONGEST_NAME = 61  # bytes of an attribute's name
MOST_AROUND = 20  # bytes between it and its value: an equals sign, white space, a quote
LONGEST_BEFORE = 65_536  # bytes before a hint in which its value begins
MOST_HINTS, MOST_NAMES = 2000, 6
ANY = "*"  # stands for all names
READ_ELSEWHERE = frozenset(
    ("href", "src", "content", "data", "flashvars", "value")
)  # of the elements in audio_elements
READ_TAGS = frozenset((*LINKS, *TAGS))
NO_URLS = frozenset(
    ("title", "alt", "class", "id", "style", "aria-label", "download", "placeholder", "name", "itemtype")
)


def hints_in(markup: bytes) -> list[bytes]:
    """Endings of audio files, and keys of players, that occur in the source of a page, given in lower case."""
    endings = set(map(b".".__add__, ENDING.findall(markup)))
    keys = KEYS if b"audio" in markup else KEYS_WITHOUT_AUDIO
    return [*endings, *(key for key in keys if key in markup)]


def names_in_attributes(markup: bytes, hints: Iterable[bytes]) -> set[str]:
    """Names of the attributes that may hold one of the hints and are not read elsewhere; ANY where it takes a search.

    Most pages have none, and the others few: so only these are looked up in the tree.

    Args:
        markup: source of the page, in lower case.
        hints: what `hints_in` found in it.
    """
    spans = _script_spans(markup)
    names: set[str] = set()
    seen = 0
    for hint in hints:
        marks = _LastMarks(markup)
        at = markup.find(hint)
        while at >= 0:
            span = bisect_right(spans, (at, len(markup))) - 1
            script_end = spans[span][1] if span >= 0 else 0
            if at >= script_end:
                seen += 1
                name = _name_at(markup, marks, at) if seen <= MOST_HINTS else ANY
                if name == ANY or len(names) > MOST_NAMES:
                    return {ANY}
                if name:
                    names.add(name)
            at = markup.find(hint, max(at + 1, script_end))
    return names


def names_for_audio(markup: bytes) -> list[str]:
    """Names of the attributes that by their names hold URLs of audio, such as `data-audio-url`, in alphabetical order.

    Args:
        markup: source of the page, in lower case.
    """
    names: set[bytes] = set()
    at = markup.find(b"audio")
    for _ in range(MOST_HINTS):
        if at < 0:
            break
        before, behind = markup[max(0, at - LONGEST_NAME) : at], markup[at : at + LONGEST_NAME]
        rest = behind.lstrip(OF_NAMES)
        if rest[:1] == b"=":
            name = before[len(before.rstrip(OF_NAMES)) :] + behind[: len(behind) - len(rest)]
            if name.startswith(b"data-") and any(map(name.__contains__, (b"url", b"src", b"href"))):
                names.add(name)
        at = markup.find(b"audio", at + len(b"audio"))
    return sorted(name.decode() for name in names if PLAIN_NAME.fullmatch(name))[:MOST_NAMES]


def _script_spans(markup: bytes) -> list[tuple[int, int]]:
    """Where the texts of scripts begin and end; their attributes are no script."""
    spans = []
    start = markup.find(b"<script")
    while start >= 0:
        begin = markup.find(b">", start)
        end = markup.find(b"</script", begin) if begin >= 0 else -1
        if end < 0:
            spans.append((begin if begin >= 0 else len(markup), len(markup)))
            break
        spans.append((begin, end))
        start = markup.find(b"<script", end)
    return spans


class _LastMarks:
    """Where the last quotes, equals sign and end of a tag are before positions that come in order, each byte once."""

    def __init__(self, markup: bytes) -> None:
        self._markup = markup
        self._at = 0
        self._known = dict.fromkeys((b'"', b"'", b"=", b">"), -1)

    def before(self, at: int) -> list[int]:
        """Position behind the last of each in front of this one; 0 where none is near."""
        low = at - LONGEST_BEFORE
        for mark, known in self._known.items():
            self._known[mark] = max(known, self._markup.rfind(mark, self._at, at))
        self._at = at
        return [position + 1 if position >= low else 0 for position in self._known.values()]


def _name_at(markup: bytes, marks: _LastMarks, at: int) -> str:
    """Name of the attribute whose value holds this position; empty if it is read elsewhere, or is none; ANY if unclear.

    A value may contain `>`: what counts is the last quote that opens one and is not closed.
    """
    *quoted, unquoted, behind_tag = marks.before(at)
    text = behind_tag - 1
    values = sorted(quoted, reverse=True)
    for value in [*values, unquoted]:
        if value > (text if value == unquoted else 0) and (attribute := _name_before(markup, value)):
            if attribute in NO_URLS:
                return ""
            if attribute not in READ_ELSEWHERE:
                return attribute
            tag = TAG.match(markup, markup.rfind(b"<", max(0, value - LONGEST_BEFORE), value))
            return "" if tag and tag[1].decode() in READ_TAGS else attribute
    return "" if text >= max(*values, 1) else ANY


def _name_before(markup: bytes, value: int) -> str:
    """Name of the attribute whose value begins at this position; empty if no `name=` or `name="` stands before it."""
    before = markup[max(0, value - LONGEST_NAME - MOST_AROUND) : value]
    before = (before[:-1] if before[-1:] in (b'"', b"'") else before).rstrip()
    if before[-1:] != b"=":
        return ""
    before = before[:-1].rstrip()
    return before[len(before.rstrip(OF_NAMES)) :][-LONGEST_NAME:].lstrip(NEVER_FIRST).decode()
