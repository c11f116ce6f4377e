"""Cuts start tags of too many attributes out of markup: libxml2 compares each attribute of a tag with all before it.

Where a tag begins depends on what stands before it (a comment, a script, an attribute's value), which only a whole
parser of HTML knows. So every `<` with a letter behind it counts as the start of a tag, in a script too. To look at
few of them, stretches of markup in which a tag surely ends every few bytes are passed over: nearly all of a real page.
"""

import re
from collections.abc import Iterator

ATTRIBUTE = rb"[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+"
TAG = re.compile(rb"<[A-Za-z][^\s/>]*+(?:" + ATTRIBUTE + rb")*+")  # tokenised as HTML does, each byte once
ATTRIBUTES = re.compile(ATTRIBUTE)
START = re.compile(rb"<[A-Za-z]")
SEPARATORS = (b" ", b"\n", b"\r", b"\t", b"\f", b"\v", b"/", b'"', b"'")  # one of them precedes each attribute
MOST_ATTRIBUTES = 700  # of a tag: parsing n of them takes n² steps
SHORTEST = 2 * MOST_ATTRIBUTES  # bytes of a tag with more
MOST_TRIES = 8  # of ends in so many bytes that are looked at
MOST_SPACES = 20  # bytes before a quote
BYTES_OF_START = 20  # that finding a tag takes as long as
MOST_ROUNDS = 2  # a cut within an attribute's value may make another tag of what is behind it
MOST_READINGS = 8  # of each byte: tags may seem to lie within each other, and each is read to its end


def without_overgrown_tags(markup: bytes) -> bytes:
    """The markup with start tags of too many attributes cut down to `<a`.

    Args:
        markup: without NUL.
    """
    for _ in range(MOST_ROUNDS):
        spans = list(_overgrown(markup))
        if not spans:
            return markup
        starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(markup)]
        markup = b"<a".join(markup[start:end] for start, end in zip(starts, ends, strict=True))
    return markup[: next((start for start, _ in _overgrown(markup)), len(markup))]


def _overgrown(markup: bytes) -> Iterator[tuple[int, int]]:
    """Where such tags begin and end; of a stretch that takes too long to look at, all that is left."""
    left = MOST_READINGS * len(markup)
    for begin, end in _long_stretches(markup):
        done = begin
        for start in START.finditer(markup, begin, end - SHORTEST + len("<a")):
            at = start.start()
            if at < done:
                continue
            if done == begin and not _has_many_separators(markup, at, end):
                break
            tag = TAG.match(markup, at, end)
            done = tag.end() if tag else at
            left -= done - at + BYTES_OF_START
            if left < 0:
                yield at, end
                break
            if done - at > SHORTEST and len(ATTRIBUTES.findall(markup, at, done)) > MOST_ATTRIBUTES:
                yield at, done
            else:
                done = at + 1  # what seems to be within it may be a tag, and this none


def _has_many_separators(markup: bytes, begin: int, end: int) -> bool:
    """Whether there are as many of what attributes are separated by as a tag of too many takes."""
    number = 0
    for mark in SEPARATORS:
        number += markup.count(mark, begin, end)
        if number > MOST_ATTRIBUTES:
            return True
    return False


def _long_stretches(markup: bytes) -> Iterator[tuple[int, int]]:
    """Where a start tag may be long: from behind one `>` that surely ends whatever tag is open, to the next."""
    begin = at = 0
    quotes = (-1, -1)  # where the last of each kind is, of what lies between both
    while at < len(markup):
        end = _last_sure_end(markup, at, quotes)
        if end < 0:
            quotes = _last_quotes(markup, at, at + SHORTEST, quotes)
            at += SHORTEST
            continue
        if begin < at:
            yield begin, end
        begin = at = end + 1
        quotes = (-1, -1)
    if len(markup) - begin >= SHORTEST:
        yield begin, len(markup)


def _last_sure_end(markup: bytes, at: int, quotes: tuple[int, int]) -> int:
    """Position of a `>` that is in no attribute's value, within the next few bytes; -1 if there may be none."""
    end = at + SHORTEST
    for _ in range(MOST_TRIES):
        end = markup.rfind(b">", at, end)
        if end < 0:
            return -1
        double, single = _last_quotes(markup, at, end, quotes)
        if not (_may_begin_value(markup, double) or _may_begin_value(markup, single)):
            return end
    return -1


def _last_quotes(markup: bytes, start: int, end: int, before: tuple[int, int]) -> tuple[int, int]:
    double, single = markup.rfind(b'"', start, end), markup.rfind(b"'", start, end)
    return (double if double >= 0 else before[0], single if single >= 0 else before[1])


def _may_begin_value(markup: bytes, quote: int) -> bool:
    """Whether an equals sign stands before a quote, or so much white space that this is unclear."""
    if quote <= 0:
        return False
    if markup[quote - 1] > 32:
        return markup[quote - 1] == 61
    before = markup[max(0, quote - MOST_SPACES) : quote].rstrip()
    return not before or before.endswith(b"=")
