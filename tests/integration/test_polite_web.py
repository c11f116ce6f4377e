"""Politeness and consent against a real server: robots.txt, opt-outs, Retry-After, transfers that break."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from earshot.adapters.polite_web import PoliteWeb
from earshot.adapters.resumed_transfer import ResumedTransfer
from earshot.adapters.robots import Robots
from earshot.adapters.web import Web
from earshot.consent import Respect
from earshot.errors import ComeAgain, RobotsForbid, SourceAsksToWait, SourceFails
from tests.sites import Behaviour, Site, answer, raw

TONE = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as served:
        yield served


@pytest.fixture
def slept() -> list[float]:
    return []


def polite(slept: list[float], **settings: Any) -> PoliteWeb:
    web = Web(user_agent="earshot/0.1 (+https://example.org/bot)", allow_private_addresses=True)
    return PoliteWeb(web, **({"host_delay_s": 0, "sleep": slept.append} | settings))


def fetch(web: PoliteWeb, url: str, max_bytes: int = 10_000_000) -> tuple[bytes, ResumedTransfer]:
    with web.fetch(url, max_bytes=max_bytes, timeout_s=20) as got:
        return got.content(), got


def robots(text: str) -> Behaviour:
    return answer(text.encode(), Content_Type="text/plain")


def test_robots_txt_is_asked_first_and_once(site: Site, slept: list[float]) -> None:
    site.routes |= {"/robots.txt": robots("User-agent: *\nDisallow: /private"), "/a": answer(b"x")}
    web = polite(slept)
    for _ in range(2):
        _, got = fetch(web, site.url("/a"))
    assert site.paths() == ["/robots.txt", "/.well-known/tdmrep.json", "/a", "/a"]
    assert [(one.signal, one.value, one.denies) for one in got.signals] == [("robots.txt", "allow", False)]


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\nDisallow: /a",
        "User-agent: earshot\nDisallow: /",
        "User-agent: Earshot/9.9\nDisallow: /\n\nUser-agent: *\nAllow: /",
        "User-agent: otherbot\nUser-agent: earshot\nDisallow: /*.wav$",
    ],
)
def test_what_robots_txt_disallows_is_not_asked(site: Site, slept: list[float], text: str) -> None:
    site.routes |= {"/robots.txt": robots(text), "/a.wav": answer(TONE)}
    with pytest.raises(RobotsForbid, match=r"robots\.txt says disallow") as caught:
        fetch(polite(slept), site.url("/a.wav"))
    assert "/a.wav" not in site.paths()
    assert "robots.txt" in str(caught.value.evidence["signals"])


def test_robots_txt_is_asked_at_each_hop(site: Site, slept: list[float]) -> None:
    with Site({"/robots.txt": robots("User-agent: *\nDisallow: /closed"), "/closed/a": answer(b"x")}) as other:
        site.routes["/a"] = answer(b"", 302, Location=other.url("/closed/a"))
        with pytest.raises(RobotsForbid):
            fetch(polite(slept), site.url("/a"))
        assert other.paths() == ["/robots.txt", "/.well-known/tdmrep.json"]


def test_a_policy_that_respects_nothing_still_records(site: Site, slept: list[float]) -> None:
    site.routes |= {"/robots.txt": robots("User-agent: *\nDisallow: /"), "/a": answer(b"x")}
    body, got = fetch(polite(slept, respect=Respect.NONE), site.url("/a"))
    assert body == b"x"
    assert got.signals[0].denies


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_txt_has_no_rules(site: Site, slept: list[float], status: int) -> None:
    site.routes |= {"/robots.txt": answer(b"", status), "/a": answer(b"x")}
    assert fetch(polite(slept), site.url("/a"))[0] == b"x"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_site_that_cannot_say_is_left_for_now(site: Site, slept: list[float], status: int) -> None:
    site.routes |= {"/robots.txt": answer(b"", status), "/a": answer(b"x")}
    with pytest.raises(ComeAgain):
        fetch(polite(slept), site.url("/a"))
    assert "/a" not in site.paths()


def test_a_redirect_of_robots_txt_is_followed(site: Site, slept: list[float]) -> None:
    site.routes |= {
        "/robots.txt": answer(b"", 301, Location="/rules.txt"),
        "/rules.txt": robots("User-agent: *\nDisallow: /"),
    }
    with pytest.raises(RobotsForbid):
        fetch(polite(slept), site.url("/a"))


def test_of_an_endless_robots_txt_the_first_half_mebibyte_counts(site: Site, slept: list[float]) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(b"User-agent: *\nDisallow: /a\n")
        while not site.closing.is_set():
            request.wfile.write(b"# filler\n" * 1000)

    site.routes |= {"/robots.txt": endless, "/b": answer(b"x")}
    web = polite(slept)
    assert fetch(web, site.url("/b"))[0] == b"x"
    with pytest.raises(RobotsForbid):
        fetch(web, site.url("/a"))


def test_rules_that_have_expired_are_asked_for_again(site: Site, slept: list[float]) -> None:
    site.routes |= {"/a": answer(b"x")}
    web = Web(user_agent="earshot-tests", allow_private_addresses=True)
    kept = PoliteWeb(web, host_delay_s=0, robots=Robots(web, kept_for=timedelta(0)), sleep=slept.append)
    fetch(kept, site.url("/a"))
    fetch(kept, site.url("/a"))
    assert site.paths().count("/robots.txt") == 2


def test_rules_of_many_hosts_do_not_fill_the_memory(site: Site) -> None:
    site.routes["/robots.txt"] = answer(b"User-agent: *\n" + b"# filler\n" * 40_000)  # 360 kB
    web = Web(user_agent="earshot-tests", allow_private_addresses=True, resolve=lambda host, port: ["127.0.0.1"])
    kept = Robots(web)
    hosts = [f"http://host{number}.example:{site.server.server_port}/" for number in range(12)]
    for url in [*hosts, hosts[-1], hosts[0]]:
        kept.rules(url)
    assert site.paths().count("/robots.txt") == 13  # the first was forgotten, the last was not


def test_opt_outs_come_with_the_answer_before_its_bytes(site: Site, slept: list[float]) -> None:
    site.routes |= {
        "/robots.txt": robots("User-agent: *\nContent-Usage: train-ai=n"),
        "/.well-known/tdmrep.json": answer(b'[{"location": "/", "tdm-reservation": 1}]'),
        "/a": answer(b"x", X_Robots_Tag="noai"),
        "/b": answer(b"x", TDM_Reservation="0"),
    }
    web = polite(slept)
    with web.fetch(site.url("/a"), max_bytes=10, timeout_s=20) as got:
        assert {one.signal for one in got.signals if one.denies} == {"content-usage", "tdm-reservation", "x-robots-tag"}
    _, got = fetch(web, site.url("/b"))
    assert {one.signal for one in got.signals if one.denies} == {"content-usage"}  # the header outdoes the file


def test_crawl_delay_is_kept_between_requests_up_to_the_longest(site: Site, slept: list[float]) -> None:
    site.routes |= {"/robots.txt": robots("User-agent: *\nCrawl-delay: 7"), "/a": answer(b"x")}
    web = polite(slept, host_delay_s=1)
    for _ in range(2):
        fetch(web, site.url("/a"))
    assert slept == [pytest.approx(7, abs=1)]
    slept.clear()
    web = polite(slept, longest_delay_s=3)
    for _ in range(2):
        fetch(web, site.url("/a"))
    assert slept == [pytest.approx(3, abs=1)]


def test_a_delivery_can_hold_its_host_until_it_is_free(site: Site, slept: list[float]) -> None:
    site.routes |= {"/robots.txt": robots("User-agent: *\nCrawl-delay: 9"), "/a": answer(b"x")}
    fetch(polite(slept, holds=True), site.url("/a"))
    assert slept == [pytest.approx(9, abs=1)]


@pytest.mark.parametrize(("name", "pauses"), [("127.0.0.1", 0), ("radio.example", 1)])
def test_a_host_is_given_a_pause_but_this_very_machine_is_not(
    site: Site, slept: list[float], name: str, pauses: int
) -> None:
    site.routes["/a"] = answer(b"x")
    web = Web(user_agent="earshot-tests", allow_private_addresses=True, resolve=lambda host, port: ["127.0.0.1"])
    kept = PoliteWeb(web, host_delay_s=5, sleep=slept.append)
    for _ in range(2):
        fetch(kept, f"http://{name}:{site.server.server_port}/a")
    assert len(slept) == pauses


def busy(times: int, then: Behaviour, **headers: str) -> Behaviour:
    answers = iter([answer(b"", 503, **headers)] * times + [then])
    return lambda request: next(answers)(request)


def test_a_busy_source_is_asked_again_when_it_said(site: Site, slept: list[float]) -> None:
    site.routes["/a"] = busy(2, answer(b"x"), Retry_After="20")
    assert fetch(polite(slept), site.url("/a"))[0] == b"x"
    assert slept == [20, 20]


def test_a_busy_source_that_says_no_time_is_asked_with_growing_pauses(site: Site, slept: list[float]) -> None:
    site.routes["/a"] = busy(3, answer(b"x"))
    assert fetch(polite(slept), site.url("/a"))[0] == b"x"
    assert len(slept) == 3
    assert all(pause <= 30 for pause in slept)


def test_a_source_busy_for_longer_than_our_patience_is_left_alone(site: Site, slept: list[float]) -> None:
    site.routes["/a"] = busy(1, answer(b"x"), Retry_After="3600")
    web = polite(slept)
    for _ in range(2):
        with pytest.raises(ComeAgain) as caught:
            fetch(web, site.url("/a"))
        assert caught.value.retry_after_s == pytest.approx(3600, abs=5)
    assert slept == []
    assert site.paths().count("/a") == 1


class Counter:
    def __init__(self) -> None:
        self.taken = 0

    def take(self) -> None:
        self.taken += 1


def test_an_api_with_a_key_is_asked_under_its_own_terms(site: Site, slept: list[float]) -> None:
    site.routes |= {
        "/robots.txt": robots("User-agent: *\nDisallow: /"),
        "/api/a": answer(b"", 302, Location="/file"),
        "/file": answer(b"x"),
    }
    quota = Counter()
    web = Web(user_agent="earshot-tests", allow_private_addresses=True, keys={site.url("/api/"): "Token abc"})
    kept = PoliteWeb(web, host_delay_s=0, quotas={site.url("/api/"): quota}, respect=Respect.NONE)
    assert fetch(kept, site.url("/api/a"))[0] == b"x"
    sent = {path: headers.get("Authorization") for path, headers in site.asked}
    assert sent["/api/a"] == "Token abc"
    assert sent["/file"] is None  # the key stays with the API
    assert quota.taken == 1


def breaking(body: bytes, pieces: list[int], etag: str = '"1"', **first: str) -> Behaviour:
    """Sends `pieces[n]` bytes of what is asked for at the n-th request, then hangs up; the last sends all."""
    left = iter(pieces)

    def behave(request: BaseHTTPRequestHandler) -> None:
        start = int(request.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in request.headers else 0
        if request.headers.get("If-Range", etag) != etag:
            start = 0
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(body) - start))
        request.send_header("ETag", etag)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        request.end_headers()
        request.wfile.write(body[start : start + next(left, len(body))])
        request.close_connection = True

    return behave


def test_a_broken_transfer_is_taken_up_where_it_broke(site: Site, slept: list[float]) -> None:
    site.routes["/a"] = breaking(TONE, [300_000, 1, 400_000])
    body, got = fetch(polite(slept), site.url("/a"))
    assert body == TONE
    assert got.resumed == 3
    ranges = [headers.get("Range") for path, headers in site.asked if path == "/a"]
    assert ranges == [None, "bytes=300000-", "bytes=300001-", "bytes=700001-"]


def test_a_transfer_that_keeps_breaking_comes_again(site: Site, slept: list[float]) -> None:
    site.routes["/a"] = breaking(TONE, [1000] * 9)
    with pytest.raises(ComeAgain, match="broke off"):
        fetch(polite(slept), site.url("/a"))
    assert site.paths().count("/a") == 4


def test_bytes_of_two_versions_are_never_put_together(site: Site, slept: list[float]) -> None:
    versions = iter([breaking(TONE, [300_000]), breaking(TONE[::-1], [], etag='"2"')])
    site.routes["/a"] = lambda request: next(versions)(request)
    with pytest.raises(ComeAgain, match="does not continue"):
        fetch(polite(slept), site.url("/a"))


@pytest.mark.parametrize("etag", ["", 'W/"1"'])
def test_without_a_strong_validator_nothing_is_resumed(site: Site, slept: list[float], etag: str) -> None:
    site.routes["/a"] = raw(
        f"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n{f'ETag: {etag}' if etag else 'X: y'}\r\n\r\n".encode() + b"x" * 40
    )
    with pytest.raises(ComeAgain, match="after 40 bytes"):
        fetch(polite(slept), site.url("/a"))
    assert site.paths().count("/a") == 1


def part(body: bytes, size: int, etag: str = '"1"') -> Behaviour:
    """Answers 206 with the first bytes to whoever asks for no range, and with the rest to whoever asks for that."""

    def behave(request: BaseHTTPRequestHandler) -> None:
        start = int(request.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in request.headers else 0
        end = len(body) if start else size
        headers = {"Content_Range": f"bytes {start}-{end - 1}/{len(body)}"} | ({"ETag": etag} if etag else {})
        answer(body[start:end], 206, **headers)(request)

    return behave


def test_a_part_that_nobody_asked_for_is_completed(site: Site, slept: list[float]) -> None:
    site.routes["/a"] = part(TONE, 8000)
    assert fetch(polite(slept), site.url("/a"))[0] == TONE


def test_a_part_that_is_the_whole_is_the_whole(site: Site, slept: list[float]) -> None:
    site.routes["/a"] = part(TONE, len(TONE))
    assert fetch(polite(slept), site.url("/a"))[0] == TONE


@pytest.mark.parametrize(
    "behaviour",
    [
        part(TONE, 8000, etag=""),
        answer(TONE, 206),
        answer(TONE, 206, Content_Range="bytes 0-99/*"),
        answer(TONE, 206, Content_Range="bytes 8000-9000/9001"),
        answer(TONE, 206, Content_Range="bytes " + "9" * 5000 + "-1/2"),
    ],
)
def test_a_part_that_cannot_be_completed_is_not_taken_for_the_whole(
    site: Site, slept: list[float], behaviour: Behaviour
) -> None:
    site.routes["/a"] = behaviour
    with pytest.raises(SourceFails):
        fetch(polite(slept), site.url("/a"))


def test_a_host_that_stays_busy_is_asked_nothing_for_a_minute_by_the_downloader(site: Site, slept: list[float]) -> None:
    site.routes["/a"] = answer(b"", 503)
    web = polite(slept, holds=True)
    for _ in range(2):
        with pytest.raises(SourceAsksToWait):
            fetch(web, site.url("/a"))
    assert site.paths().count("/a") == 4  # all of them in the first fetch
