"""The web adapter against a real server that misbehaves on purpose."""

import gzip
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from earshot.adapters.web import Web
from earshot.errors import (
    BadUrl,
    ComeAgain,
    EarshotError,
    ForbiddenAddress,
    SourceAsksToWait,
    SourceFails,
    SourceGone,
    SourceRefuses,
    TooLarge,
    TooManyRedirects,
)
from tests.sites import Behaviour, Site, answer, raw

TONE = bytes(range(256)) * 1024


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as served:
        yield served


@pytest.fixture
def web() -> Web:
    return Web(user_agent="earshot-tests", read_timeout_s=5, allow_private_addresses=True)


def fetch(web: Web, url: str, max_bytes: int = 10_000_000, timeout_s: float = 20, **more: object) -> bytes:
    with web.fetch(url, max_bytes=max_bytes, timeout_s=timeout_s, **more) as got:  # type: ignore[arg-type]
        return got.content()


def test_an_answer_has_url_status_headers_and_all_its_bytes(site: Site, web: Web) -> None:
    site.routes["/a.wav"] = answer(TONE, Content_Type="audio/wav", ETag='"1"')
    with web.fetch(site.url("/a.wav#t=3"), max_bytes=len(TONE), timeout_s=20) as got:
        assert (got.url, got.status) == (site.url("/a.wav"), 200)
        assert (got.headers["content-TYPE"], got.headers["etag"]) == ("audio/wav", '"1"')
        blocks = list(got.blocks())
    assert b"".join(blocks) == TONE
    assert max(map(len, blocks)) <= 64 * 1024


def test_a_request_is_honest_and_carries_no_cookies_of_another_fetch(site: Site, web: Web) -> None:
    site.routes["/a"] = answer(b"x", Set_Cookie="id=1; Path=/")
    fetch(web, site.url("/a"))
    fetch(web, site.url("/a"), headers={"If-None-Match": '"1"'})
    first, second = (headers for _, headers in site.asked)
    assert first["User-Agent"] == "earshot-tests"
    assert first["Accept-Encoding"] == "identity"
    assert second["If-None-Match"] == '"1"'
    assert "Cookie" not in second


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, SourceGone),
        (410, SourceGone),
        (401, SourceRefuses),
        (403, SourceRefuses),
        (451, SourceRefuses),
        (304, SourceRefuses),
        (408, SourceAsksToWait),
        (429, SourceAsksToWait),
        (500, SourceFails),
        (502, SourceFails),
        (503, SourceAsksToWait),
        (504, SourceFails),
    ],
)
def test_a_status_says_whether_to_come_again(site: Site, web: Web, status: int, error: type[EarshotError]) -> None:
    site.routes["/a"] = answer(b"", status)
    with pytest.raises(error, match=str(status)) as caught:
        fetch(web, site.url("/a"))
    assert type(caught.value) is error


def test_a_source_that_asks_for_patience_is_busy_and_does_not_fail(site: Site, web: Web) -> None:
    site.routes["/a"] = answer(b"", 500, Retry_After="60")
    with pytest.raises(ComeAgain) as caught:
        fetch(web, site.url("/a"))
    assert type(caught.value) is SourceAsksToWait


def test_an_unchanged_source_answers_a_conditional_request(site: Site, web: Web) -> None:
    site.routes["/a"] = answer(b"", 304, ETag='"1"')
    with web.fetch(site.url("/a"), max_bytes=10, timeout_s=20, headers={"If-None-Match": '"1"'}) as got:
        assert got.status == 304
        assert got.content() == b""


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("7", 7, 7), ("Fri, 31 Dec 1999 23:59:59 GMT", 0, 0), ("999999999", 86400, 86400), ("soon", None, None)],
)
def test_retry_after_is_read_in_both_forms(
    site: Site, web: Web, header: str, low: float | None, high: float | None
) -> None:
    site.routes["/a"] = answer(b"", 429, Retry_After=header)
    with pytest.raises(ComeAgain) as caught:
        fetch(web, site.url("/a"))
    assert caught.value.retry_after_s == low == high


def test_redirects_are_followed_and_each_hop_is_shown_first(site: Site, web: Web) -> None:
    site.routes |= {
        "/1": answer(b"x" * 100, 302, Location="two/../2?q=1"),
        "/2": answer(b"", 308, Location=site.url("/3")),
        "/3": answer(b"here"),
    }
    hops: list[str] = []
    with web.fetch(site.url("/1"), max_bytes=10, timeout_s=20, before_hop=hops.append) as got:
        assert got.content() == b"here"
        assert got.url == site.url("/3")
    assert hops == got.hops == [site.url("/1"), site.url("/2?q=1"), site.url("/3")]


def test_a_hop_that_is_not_allowed_is_never_asked(site: Site, web: Web) -> None:
    def only_first(url: str) -> None:
        if not url.endswith("/1"):
            raise SourceRefuses(f"{url} is not for us")

    site.routes["/1"] = answer(b"", 302, Location="/2")
    with pytest.raises(SourceRefuses, match="/2"):
        fetch(web, site.url("/1"), before_hop=only_first)
    assert site.paths() == ["/1"]


def test_a_redirect_loop_ends(site: Site, web: Web) -> None:
    site.routes |= {"/1": answer(b"", 302, Location="/2"), "/2": answer(b"", 302, Location="/1")}
    with pytest.raises(TooManyRedirects):
        fetch(web, site.url("/1"))


def test_a_long_chain_ends_at_the_limit(site: Site, web: Web) -> None:
    site.routes |= {f"/{n}": answer(b"", 302, Location=f"/{n + 1}") for n in range(20)}
    with pytest.raises(TooManyRedirects):
        fetch(web, site.url("/0"))
    assert len(site.asked) == 6  # the first, and five redirects


def test_the_body_of_a_redirect_is_not_read(site: Site, web: Web) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", "/2")
        request.end_headers()
        while not site.closing.is_set():
            request.wfile.write(b"x" * 65536)

    site.routes |= {"/1": endless, "/2": answer(b"here")}
    assert fetch(web, site.url("/1")) == b"here"


@pytest.mark.parametrize("location", ["ftp://example.org/a", "file:///etc/passwd", "http://u:p@example.org/"])
def test_a_redirect_out_of_the_web_is_refused(site: Site, web: Web, location: str) -> None:
    site.routes["/1"] = answer(b"", 302, Location=location)
    with pytest.raises(BadUrl):
        fetch(web, site.url("/1"))


def test_a_redirect_into_a_metadata_server_is_refused(site: Site, web: Web) -> None:
    site.routes["/1"] = answer(b"", 302, Location="http://169.254.169.254/computeMetadata/v1/")
    with pytest.raises(ForbiddenAddress, match=r"169\.254\.169\.254"):
        fetch(web, site.url("/1"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0177.1", "127.1", "[::1]", "localhost", "LOCALHOST."]
)
def test_loopback_is_closed_in_every_spelling(site: Site, host: str) -> None:
    site.routes["/"] = answer(b"secret")
    with pytest.raises(ForbiddenAddress):
        fetch(Web(user_agent="earshot-tests"), f"http://{host}:{site.server.server_port}/")
    assert site.asked == []


def test_a_resolver_that_changes_its_mind_gains_nothing(site: Site) -> None:
    """DNS rebinding: one address for the check, another a moment later."""
    answers = iter(["127.0.0.1", "169.254.169.254"])
    site.routes["/"] = answer(b"here", Connection="close")
    web = Web(
        user_agent="earshot-tests",
        allow_private_addresses=True,
        resolve=lambda host, port: [next(answers)],
    )
    url = f"http://rebinding.example:{site.server.server_port}/"
    assert fetch(web, url) == b"here"  # what was checked is what was connected to: no second look-up
    with pytest.raises(ForbiddenAddress, match=r"169\.254"):
        fetch(web, url)
    assert len(site.asked) == 1


def test_the_host_header_keeps_the_name_while_the_checked_address_is_connected_to(site: Site) -> None:
    site.routes["/"] = answer(b"here")
    web = Web(user_agent="earshot-tests", allow_private_addresses=True, resolve=lambda host, port: ["127.0.0.1"])
    assert fetch(web, f"http://radio.example:{site.server.server_port}/") == b"here"
    assert site.asked[0][1]["Host"] == f"radio.example:{site.server.server_port}"


def test_of_several_addresses_only_the_allowed_ones_are_tried(site: Site) -> None:
    site.routes["/"] = answer(b"here")
    web = Web(
        user_agent="earshot-tests",
        allow_private_addresses=True,
        resolve=lambda host, port: ["169.254.169.254", "127.0.0.1"],
    )
    assert fetch(web, f"http://radio.example:{site.server.server_port}/") == b"here"


def test_a_closed_port_comes_again(site: Site, web: Web) -> None:
    url = site.url("/")
    site.server.server_close()
    with pytest.raises(SourceFails):
        fetch(web, url)


def test_an_announced_length_over_the_limit_is_refused_before_the_bytes(site: Site, web: Web) -> None:
    site.routes["/a"] = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n")
    with pytest.raises(TooLarge, match="11 bytes, limit is 10"):
        fetch(web, site.url("/a"), max_bytes=10)


def test_an_unannounced_length_over_the_limit_is_cut_off(site: Site, web: Web) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not site.closing.is_set():
            request.wfile.write(b"x" * 65536)

    site.routes["/a"] = endless
    with pytest.raises(TooLarge):
        fetch(web, site.url("/a"), max_bytes=1_000_000)


def test_a_compressed_bomb_is_counted_as_it_unfolds(site: Site, web: Web) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    site.routes["/a"] = answer(bomb, Content_Encoding="gzip")
    largest = 0

    def unfold() -> None:
        nonlocal largest
        with web.fetch(site.url("/a"), max_bytes=1_000_000, timeout_s=20) as got:
            for block in got.blocks():
                largest = max(largest, len(block))

    with pytest.raises(TooLarge):
        unfold()
    assert largest <= 64 * 1024


def test_a_compressed_page_is_unfolded(site: Site, web: Web) -> None:
    site.routes["/a"] = answer(gzip.compress(TONE), Content_Encoding="gzip")
    assert fetch(web, site.url("/a")) == TONE


TRUNCATED: dict[str, Behaviour] = {
    "fewer bytes than announced": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 40),
    "a chunk cut short": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + b"x" * 40),
    "no last chunk": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nxxxx\r\n"),
    "not HTTP": raw(b"hello\r\n\r\n"),
    "nothing": raw(b""),
    "endless headers": raw(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: y\r\n" * 1000 + b"\r\n"),
    "a header of a megabyte": raw(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"y" * 1_000_000 + b"\r\n\r\n"),
    "broken gzip": answer(b"\x1f\x8b" + b"x" * 50, Content_Encoding="gzip"),
}


@pytest.mark.parametrize("case", TRUNCATED)
def test_a_broken_answer_comes_again(site: Site, web: Web, case: str) -> None:
    site.routes["/a"] = TRUNCATED[case]
    with pytest.raises(SourceFails):
        fetch(web, site.url("/a"))


def drip_body(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(300):
        request.wfile.write(b"x")
        time.sleep(0.05)


def drip_headers(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(300):
        request.wfile.write(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("drip", [drip_body, drip_headers])
def test_a_source_that_drips_is_left_when_its_time_is_over(site: Site, web: Web, drip: Behaviour) -> None:
    site.routes["/a"] = drip
    with pytest.raises(ComeAgain, match="time was over"):
        fetch(web, site.url("/a"), timeout_s=0.4)


def brisk(grace_s: float) -> Web:
    return Web(user_agent="earshot-tests", least_bytes_per_s=1000, slow_start_s=grace_s, allow_private_addresses=True)


def test_a_source_slower_than_the_least_rate_is_left_long_before_its_time_is_over(site: Site) -> None:
    site.routes["/a"] = drip_body  # 20 bytes a second
    with pytest.raises(SourceFails, match="too slow"):
        fetch(brisk(grace_s=0.3), site.url("/a"), timeout_s=600)


def test_a_source_that_falls_silent_is_left(site: Site) -> None:
    def silent(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        site.closing.wait(20)

    site.routes["/a"] = silent
    web = Web(user_agent="earshot-tests", read_timeout_s=2, allow_private_addresses=True)
    with pytest.raises(ComeAgain, match="after 3 bytes"):
        fetch(web, site.url("/a"))


def test_a_location_in_the_sites_own_charset_is_followed_byte_by_byte(site: Site, web: Web) -> None:
    site.routes |= {
        "/1": raw(b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9.mp3\r\nContent-Length: 0\r\n\r\n"),
        "/2": raw("HTTP/1.1 302 Found\r\nLocation: /café.mp3\r\nContent-Length: 0\r\n\r\n".encode()),
        "/caf%E9.mp3": answer(b"latin"),
        "/caf%C3%A9.mp3": answer(b"utf"),
    }
    assert fetch(web, site.url("/1")) == b"latin"
    assert fetch(web, site.url("/2")) == b"utf"


def wants_a_cookie(request: BaseHTTPRequestHandler) -> None:
    if "seen=1" in request.headers.get("Cookie", ""):
        answer(b"here")(request)
    else:
        answer(b"", 302, Location=request.path, Set_Cookie="seen=1; Path=/")(request)


def test_a_site_that_sets_a_cookie_and_redirects_to_itself_gets_it_back_within_the_fetch(site: Site, web: Web) -> None:
    site.routes["/a"] = wants_a_cookie
    for _ in range(2):
        assert fetch(web, site.url("/a")) == b"here"
    assert ["Cookie" in headers for _, headers in site.asked] == [False, True, False, True]


def test_a_cookie_goes_back_to_the_host_that_set_it_and_to_no_other(site: Site, web: Web) -> None:
    with Site({"/b": answer(b"there")}) as other:
        elsewhere = other.url("/b").replace("127.0.0.1", "localhost")
        site.routes["/a"] = answer(b"", 302, Location=elsewhere, Set_Cookie="id=7; Path=/")
        assert fetch(web, site.url("/a")) == b"there"
        assert "Cookie" not in other.asked[0][1]


def test_a_site_that_never_has_enough_cookies_is_left_at_the_limit(site: Site, web: Web) -> None:
    def greedy(request: BaseHTTPRequestHandler) -> None:
        count = len(site.asked)
        answer(b"", 302, Location=request.path, Set_Cookie=f"n{count}={count}; Path=/")(request)

    site.routes["/a"] = greedy
    with pytest.raises(TooManyRedirects):
        fetch(web, site.url("/a"))
    assert len(site.asked) == 6


@pytest.mark.parametrize("port", [1, 22, 25, 110, 6000, 6667, 10080])
def test_a_port_that_browsers_refuse_is_not_connected_to(web: Web, port: int) -> None:
    with pytest.raises(ForbiddenAddress, match=f"port {port}"):
        fetch(web, f"http://127.0.0.1:{port}/a.mp3")


def test_a_redirect_to_a_mail_server_is_refused(site: Site, web: Web) -> None:
    site.routes["/a"] = answer(b"", 302, Location="http://127.0.0.1:25/")
    with pytest.raises(ForbiddenAddress, match="port 25"):
        fetch(web, site.url("/a"))


GZIPPED = gzip.compress(TONE)


@pytest.mark.parametrize("size", [1, 10, len(GZIPPED) // 2, len(GZIPPED) - 8, len(GZIPPED) - 1])
def test_gzip_that_ends_early_is_not_the_whole(site: Site, web: Web, size: int) -> None:
    site.routes["/a"] = answer(GZIPPED[:size], Content_Encoding="gzip")
    with pytest.raises(SourceFails, match="broke off"):
        fetch(web, site.url("/a"))


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (GZIPPED + gzip.compress(b"more"), "gzip"),
        (GZIPPED + bytes(700), "x-gzip"),
        (zlib.compress(TONE), "deflate"),
        (zlib.compress(TONE)[2:-4], "deflate"),
        (gzip.compress(GZIPPED), "gzip, gzip"),
        (TONE, "audio/wav"),
        (TONE, ""),
    ],
)
def test_content_is_decoded_as_servers_encode_it(site: Site, web: Web, body: bytes, encoding: str) -> None:
    site.routes["/a"] = answer(body, Content_Encoding=encoding)
    assert fetch(web, site.url("/a")).startswith(TONE)


@pytest.mark.parametrize("length", ["9" * 30, "9" * 5000])
def test_an_announced_length_of_any_size_is_too_large(site: Site, web: Web, length: str) -> None:
    site.routes["/a"] = raw(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode())
    with pytest.raises((TooLarge, SourceFails)):
        fetch(web, site.url("/a"), max_bytes=10)


@pytest.mark.parametrize("retry_after", ["9" * 5000, "²", "Fri, 31 Dec 99999999999 23:59:59 GMT", "a, b c d e f"])
def test_a_retry_after_that_is_none_is_passed_over(site: Site, web: Web, retry_after: str) -> None:
    site.routes["/a"] = answer(b"", 429, Retry_After=retry_after)
    with pytest.raises(SourceAsksToWait) as caught:
        fetch(web, site.url("/a"))
    assert caught.value.retry_after_s in (None, 86_400)
