"""Every reader of foreign text in the fetching half, timed on text that is made to be slow: time grows as length does.

A regular expression that sees foreign text belongs into PATTERNS, a reader without one into READERS.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from earshot import consent, downloading
from earshot.adapters import robots_txt, web
from earshot.adapters.content_decoding import Undecodable, decoded
from earshot.adapters.cookies import FetchCookies
from earshot.adapters.resumed_transfer import content_range
from earshot.adapters.site_preferences import in_robots, in_tdmrep, read_tdmrep
from earshot.audio import ObjectMetadata, Refusal, clean
from tests.growth import check

AT = datetime(2026, 11, 21, tzinfo=UTC)
URL = "http://example.org/" + "a" * 2000 + "?" + "a" * 20
PACKAGE = Path(consent.__file__).parent
FETCHING = ["consent.py", "errors.py", "audio/*.py", "downloading/*.py"] + [
    f"adapters/{name}.py"
    for name in (
        *("web", "polite_web", "robots", "robots_txt", "path_patterns", "site_preferences", "ip_addresses", "ports"),
        *("checked_connections", "host_pacing", "streamed_response", "resumed_transfer", "content_decoding", "cookies"),
        *("url_list_reader", "shared_request_quota", "audio_found_topic"),
    )
]


def repeated(*pieces: str) -> Callable[[int], str]:
    """Text of a length: the first piece, the second as often as fits, the last."""
    first, again, last = (*pieces, "")[:3]
    return lambda size: first + again * ((size - len(first) - len(last)) // len(again)) + last


TEXTS = {
    "spaces": repeated("a,", " ", "!"),
    "members": repeated("", "a=n;b,"),
    "commas": repeated("", ","),
    "equals": repeated("a", "="),
    "semicolons": repeated("x", "; "),
    "quotes": repeated('x; filename="', '\\"'),
    "open quotes": repeated("x", ';a="'),
    "percent": repeated("x; filename*=utf-8''", "%41"),
    "broken percent": repeated("x; filename*=utf-8''", "%"),
    "colons": repeated("", "a:"),
    "links": repeated("", "<a>;"),
    "agents": repeated("", "User-agent: earshot\n"),
    "many agents": lambda size: "".join(f"User-agent: a{n}\n" for n in range(size // 18)),
    "rules": lambda size: "User-agent: *\n" + "".join(f"Disallow: /{n}\n" for n in range(size // 18)),
    "wildcards": repeated("User-agent: *\nDisallow: /", "*a", "*b"),
    "wild rules": lambda size: "User-agent: *\n" + "".join(f"Disallow: *{n}*a*b\n" for n in range(size // 22)),
    "usages": lambda size: "User-agent: *\n" + "".join(f"Content-Usage: a{n}=n\n" for n in range(size // 23)),
    "escapes": repeated("User-agent: *\nDisallow: /", "%zz"),
    "one line": repeated("Disallow:", " ", "x"),
    "returns": repeated("", "\r"),
    "locations": lambda size: json.dumps([{"location": f"/*a*{n}"} for n in range(size // 24)]),
    "brackets": repeated("", "["),
    "digits": repeated("", "9"),
    "cookie": repeated("a=b; expires=", "1 "),
    "cookie dashes": repeated("a=b; expires=1", "-"),
    "cookie pairs": repeated("", "a=b; "),
    "combining": repeated("a", "\u0301"),
    "combining in disorder": lambda size: "a" + "\u0301" * (size // 2) + "\u0316" * (size // 2),
    "spaced": repeated("", "a \u0316"),
    "controls": repeated("", "\x00"),
    "range": repeated("bytes ", "1-"),
    "gzip members": repeated("", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
}


def signals(text: str) -> object:
    lines = {"x-robots-tag": [text], "content-usage": [text], "content-signal": [text], "tdm-reservation": [text]}
    found = consent.from_headers(lines, where=URL, at=AT)
    return consent.evidence(consent.for_links(found))


def meta(text: str) -> object:
    return consent.evidence(consent.from_meta([("robots", text)], where=URL, at=AT))


def robots(text: str) -> object:
    rules = robots_txt.read(text, "earshot")
    rules.allows("/x")
    return in_robots(rules, URL, where=URL, at=AT)


def tdmrep(text: str) -> object:
    return in_tdmrep(read_tdmrep(text), URL, where=URL, at=AT)


def cookies(text: str) -> object:
    jar = FetchCookies()
    headers = SimpleNamespace(getlist=lambda name: [text] + [text[n : n + 4096] for n in range(0, len(text), 4096)])
    jar.keep(SimpleNamespace(raw=SimpleNamespace(headers=headers)), URL)  # type: ignore[arg-type]
    return jar.header(URL)


def gunzip(text: str) -> object:
    try:
        return sum(map(len, decoded(iter([text.encode("latin-1", "replace")]), "gzip")))
    except Undecodable:
        return None


def metadata(text: str) -> object:
    return ObjectMetadata.from_metadata(dict.fromkeys(ObjectMetadata.model_fields, text)).as_metadata()


def refusal(text: str) -> object:
    return Refusal.model_validate(
        {"audio_id": text, "stage": text, "reason": "x", "attempts": text, "first_seen": text, "detail": text}
    )


READERS: dict[str, Callable[[str], Any]] = {
    "signals of headers": signals,
    "signals of meta elements": meta,
    "robots.txt": robots,
    "tdmrep.json": tdmrep,
    "Content-Disposition": downloading.disposition_name,
    "name in a URL": lambda text: downloading.path_name(f"http://example.org/{text[:2048]}"),
    "Retry-After": web.retry_after_s,
    "Content-Range": content_range,
    "Set-Cookie": cookies,
    "gzip": gunzip,
    "text to show": clean,
    "refusal": refusal,
}
PATTERNS = {"corpus_filters.py: re.compile("}  # of the modules above; test_hostile_input.py times that one


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("reader", READERS)
def test_the_time_to_read_grows_as_the_length_does(reader: str, text: str) -> None:
    assert check(READERS[reader], TEXTS[text]) is None


def test_the_metadata_of_an_object_are_read_in_time() -> None:
    """Twenty fields of the same text, so less of it; GCS allows 8 KiB together."""
    assert check(lambda text: metadata(text[: len(text) // 32]), TEXTS["combining"]) is None


def regular_expressions() -> Iterator[str]:
    for pattern in FETCHING:
        for path in PACKAGE.glob(pattern):
            for found in re.finditer(
                r"\bre\.(?:compile|match|search|sub|split|findall|finditer|fullmatch)\(", path.read_text()
            ):
                yield f"{path.name}: {found[0]}"


def test_each_regular_expression_that_sees_foreign_text_is_timed() -> None:
    assert set(regular_expressions()) == PATTERNS
