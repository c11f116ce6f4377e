"""What passes the guard, who asks, and which bytes are answered."""

import asyncio
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from google.auth import crypt, jwt
from starlette.responses import PlainTextResponse

from earshot.adapters.iap_identity import HEADER, ISSUER, SignedByProxy
from earshot.errors import NotAllowed
from earshot.listening.byte_ranges import answer
from earshot.listening.live_socket import read_greeting
from earshot.listening.security import Guard, host_name

ETAG = '"7"'
AUDIENCE = "/projects/1/locations/europe-west1/services/listener"


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("", 200, 0, 99),
        ("bytes=0-9", 206, 0, 9),
        ("bytes=90-", 206, 90, 99),
        ("bytes=-5", 206, 95, 99),
        ("bytes=-500", 206, 0, 99),
        ("bytes=0-500", 206, 0, 99),
        ("bytes=100-", 416, 0, -1),
        ("bytes=-0", 416, 0, -1),
        ("bytes=9-3", 200, 0, 99),
        ("bytes=0-1,4-5", 200, 0, 99),
        ("lines=0-1", 200, 0, 99),
    ],
)
def test_a_range_is_answered_as_the_standard_says(asked: str, status: int, first: int, last: int) -> None:
    found = answer({"range": asked}, 100, ETAG, "audio/wav")
    assert (found.status, found.first, found.last) == (status, first, last)


def test_a_range_of_another_generation_gives_the_whole() -> None:
    assert answer({"range": "bytes=0-1", "if-range": '"6"'}, 100, ETAG, "audio/wav").status == 200
    assert answer({"range": "bytes=0-1", "if-range": ETAG}, 100, ETAG, "audio/wav").status == 206
    assert answer({"if-none-match": '"6", "7"'}, 100, ETAG, "audio/wav").status == 304


@pytest.mark.parametrize("named", ["text/html", "image/svg+xml", "", "audio/<script>", "application/xhtml+xml"])
def test_what_is_no_audio_is_never_named_so_that_a_browser_runs_it(named: str) -> None:
    headers = answer({}, 100, ETAG, named).headers
    assert (headers["content-type"], headers["content-disposition"]) == ("application/octet-stream", "attachment")


class Signer:
    """A proxy of our own, with a key of its own."""

    def __init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.signer = crypt.ES256Signer.from_string(private, "one")
        self.keys = {"one": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()}

    def token(self, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "aud": AUDIENCE,
            "iss": ISSUER,
            "iat": now,
            "exp": now + 60,
            "email": "accounts.google.com:a@example.org",
        }
        return str(jwt.encode(self.signer, claims | changes).decode())


def test_a_token_of_the_proxy_names_the_person() -> None:
    proxy = Signer()
    assert SignedByProxy(AUDIENCE, lambda: proxy.keys)({HEADER: proxy.token()}) == "a@example.org"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "/projects/2"},
        {"iss": "https://evil.example"},
        {"iat": 1, "exp": 2},
        {"email": ""},
        {"email": "a b@c\n"},
    ],
)
def test_a_token_for_another_service_of_another_issuer_or_time_is_refused(changes: dict[str, Any]) -> None:
    proxy = Signer()
    with pytest.raises(NotAllowed):
        SignedByProxy(AUDIENCE, lambda: proxy.keys)({HEADER: proxy.token(**changes)})


def test_a_forged_token_and_a_header_without_one_are_refused() -> None:
    proxy, forger = Signer(), Signer()
    identity = SignedByProxy(AUDIENCE, lambda: proxy.keys)
    for headers in (
        {HEADER: forger.token()},
        {HEADER: "a.b.c"},
        {"x-goog-authenticated-user-email": "boss@example.org"},
    ):
        with pytest.raises(NotAllowed):
            identity(headers)


def asked(guard: Guard, method: str = "GET", kind: str = "http", **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of a request through the guard; a closed WebSocket counts 403."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": kind,
        "method": method,
        "path": "/",
        "query_string": b"",
        "client": ("192.0.2.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(guard(scope, receive, send))
    if sent[0]["type"] == "websocket.close":
        return 403, {}
    return int(sent[0]["status"]), {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def guarded(**changes: Any) -> Guard:
    given = {"identity": lambda _headers: "me", "hosts": "127.0.0.1", "changes_per_minute": 3} | changes
    return Guard(PlainTextResponse("in"), **given)


def test_an_answer_forbids_all_but_its_own_scripts_and_each_has_another_nonce() -> None:
    policies = [asked(guarded(), host="127.0.0.1:8080")[1]["content-security-policy"] for _ in range(2)]
    assert policies[0] != policies[1]
    assert "default-src 'none'" in policies[0]
    assert "frame-ancestors 'none'" in policies[0]
    assert "unsafe" not in policies[0]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_another_host_name_is_refused(host: str) -> None:
    assert asked(guarded(), host=host)[0] == 421


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9"])
def test_a_change_from_another_origin_is_refused(kind: str, origin: str) -> None:
    assert asked(guarded(), "POST", kind, host="127.0.0.1:8080", origin=origin)[0] == 403


def test_a_change_without_an_origin_is_refused() -> None:
    assert asked(guarded(), "POST", host="127.0.0.1:8080")[0] == 403


def test_more_changes_than_a_minute_allows_are_refused_until_it_is_over() -> None:
    now = [0.0]
    guard = guarded(clock=lambda: now[0])
    headers = {"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080"}
    assert [asked(guard, "POST", **headers)[0] for _ in range(4)] == [200, 200, 200, 429]
    now[0] = 61.0
    assert asked(guard, "POST", **headers)[0] == 200


def test_who_is_not_known_is_refused() -> None:
    def nobody(_headers: Any) -> str:
        raise NotAllowed("no token")

    assert asked(guarded(identity=nobody), host="127.0.0.1")[0] == 403


def test_a_host_is_read_without_its_port() -> None:
    assert [host_name(text) for text in ("A.example:80", "[::1]:80", "localhost")] == [
        "a.example",
        "[::1]",
        "localhost",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"rate": 7}', '{"rate": 1e9}', '{"rate": true}', '{"rate": 48000, "start_ms": -1}', "no JSON"],
)
def test_a_greeting_out_of_its_limits_is_refused(text: str) -> None:
    assert read_greeting(text) is None
    assert read_greeting('{"rate": 48000, "start_ms": 250}') == (48000, 250)
