"""JSON as pages have it: several values behind each other, trailing commas, comments around it, escaped as HTML."""

import json
import re
from html import unescape
from typing import Any

HIDING = re.compile(r"^(?://)?\s{0,9}(?:<!--|<!\[CDATA\[|/\*\s{0,9}<!\[CDATA\[\s{0,9}\*/)")
HIDDEN = re.compile(r"(?://|/\*)?\s?(?:-->|\]\]>)\s?(?:\*/)?\s?;?$")
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|,(?=\s{0,1000}[}\]])', re.DOTALL)
MOST_CHARACTERS = 4_000_000
MOST_VALUES = 200
DECODER = json.JSONDecoder(strict=False)  # line breaks within strings are common
STARTS = re.compile(r"[{\[]")


def parse(text: str) -> list[Any]:
    """The values in a text, as many as can be read; none if it is none."""
    text = text.strip().lstrip("\ufeff")
    if len(text) > MOST_CHARACTERS or not text:
        return []
    try:
        return [DECODER.decode(text)]
    except (ValueError, RecursionError):
        pass
    text = HIDDEN.sub("", HIDING.sub("", text[:200]) + text[200:])
    if "&quot;" in text and text.count('"') < 4:
        text = unescape(text)
    try:
        return _values(TOKEN.sub(lambda token: token[0] if token[0] != "," else "", text))
    except RecursionError:
        return []


def _values(text: str) -> list[Any]:
    values: list[Any] = []
    at = 0
    while at < len(text) and len(values) < MOST_VALUES:
        start = STARTS.search(text, at)
        if start is None or (values and text[at : start.start()].strip(" \t\r\n,;")):
            break
        try:
            value, at = DECODER.raw_decode(text, start.start())
        except ValueError:
            break
        values.append(value)
    return values
