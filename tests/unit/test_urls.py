import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from earshot.errors import BadUrl
from earshot.urls import canonical, host, origin, without_credentials

SAME = [
    ("HTTP://Example.ORG", "http://example.org/"),
    ("http://example.org:80/a", "http://example.org/a"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("http://example.org:443/a", "http://example.org:443/a"),
    ("http://example.org./a", "http://example.org/a"),
    ("http://example.org/a#t=10", "http://example.org/a"),
    ("http://example.org/a/../b/./c", "http://example.org/b/c"),
    ("http://example.org/%7eann/%c3%a9", "http://example.org/~ann/%C3%A9"),
    ("http://example.org/a%2fb", "http://example.org/a%2Fb"),
    ("http://example.org/a%2541", "http://example.org/a%2541"),
    ("http://example.org/käse mit.mp3", "http://example.org/k%C3%A4se%20mit.mp3"),
    ("http://example.org/a?b=2&a=1&sig=x%2fy", "http://example.org/a?b=2&a=1&sig=x%2fy"),
    ("http://example.org/a?", "http://example.org/a"),
    ("  http://example.org/a\n", "http://example.org/a"),
    ("http://exam\tple.org/a", "http://example.org/a"),
    ("http:\\\\example.org\\a", "http://example.org/a"),
    ("http://example.org\\@example.com/a", "http://example.org/@example.com/a"),
    ("http://bücher.example/", "http://xn--bcher-kva.example/"),
    ("http://faß.example/", "http://xn--fa-hia.example/"),
    ("http://\uff45\uff58ample\uff0eorg/", "http://example.org/"),
    ("http://2130706433/", "http://127.0.0.1/"),
    ("http://0x7f.1/", "http://127.0.0.1/"),
    ("http://0177.0.0.1/", "http://127.0.0.1/"),
    ("http://\uff11\uff12\uff17.0.0.1/", "http://127.0.0.1/"),
    ("http://[::0:1]:80/", "http://[::1]/"),
]

NO_URL = [
    "",
    "/a.mp3",
    "//example.org/a.mp3",
    "ftp://example.org/a.mp3",
    "file:///etc/passwd",
    "javascript:void(0)",
    "data:audio/wav;base64,UklGRg==",
    "http:///a.mp3",
    "http://ann:secret@example.org/a.mp3",
    "http://ann@example.org/a.mp3",
    "http://@example.org/a.mp3",
    "http://example.org:99999/",
    "http://example.org:eighty/",
    "http://exa mple.org/",
    "http://example..org/",
    "http://example%2eorg/",
    "http://" + "a" * 64 + ".example/",
    "http://256.1.1.1/",
    "http://1.2.3.4.5/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://example.org/" + "a" * 2048,
    "http://example.org/\ud800",
    "http://xn--\ud800/",
    "http://example.org℀/",
]


@pytest.mark.parametrize(("spelt", "expected"), SAME)
def test_spellings_of_one_address_are_one(spelt: str, expected: str) -> None:
    assert canonical(spelt) == expected


@pytest.mark.parametrize("text", NO_URL)
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(BadUrl):
        canonical(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://ann:secret@example.org/a.mp3",
        "http://ann:secret@[::1/a.mp3",
        "ftp://ann:secret@example.org/a.mp3",
        "ann:secret@example.org/a.mp3",
        "http:/ann:secret@example.org",
        "http:\\\\ann:secret@example.org",
        "http://ann:x#secret@example.org/",
        "http://ann:@secret@example.org/",
        "http://ann:secret@example.org/" + "a" * 3000,
    ],
)
def test_a_password_is_not_repeated_in_the_message(text: str) -> None:
    with pytest.raises(BadUrl) as caught:
        canonical(text)
    assert "secret" not in str(caught.value)
    assert "secret" not in without_credentials(text)


@pytest.mark.parametrize(
    "text", ["http://h.example/a@b:c@d.mp3", "https://h.example/@ann/a.mp3", "songs/a@2x.mp3", "a b"]
)
def test_what_holds_no_password_is_shown_as_it_is(text: str) -> None:
    assert without_credentials(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b.mp3", "https://example.org/x/b.mp3"),
        ("../b.mp3", "https://example.org/b.mp3"),
        ("/b.mp3?c#d", "https://example.org/b.mp3?c"),
        ("?c", "https://example.org/x/a?c"),
        ("//example.com/b", "https://example.com/b"),
        ("..\\b.mp3", "https://example.org/b.mp3"),
        ("", "https://example.org/x/a"),
    ],
)
def test_a_relative_address_is_taken_from_its_base(text: str, expected: str) -> None:
    assert canonical(text, "https://example.org/x/a") == expected


def test_host_and_origin_of_a_canonical_address() -> None:
    assert host("http://example.org:8080/a") == "example.org"
    assert origin("http://example.org:8080/a") == "http://example.org:8080"


URLISH = st.text(
    alphabet=string.ascii_letters + string.digits + "%/\\?#@:.[]- \t\n&=+;,!~_äßあ\ud800\u202e", max_size=60
)
PIECES = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://", "http:\\\\", "//", "ftp://", "http:", ""]),
    st.sampled_from(["", "u:p@", "@"]),
    st.sampled_from(["example.org", "EXAMPLE.org.", "bücher.example", "[::1]", "0x7f.1", "1.2.3.4", "a_b.example"]),
    st.sampled_from(["", ":80", ":443", ":0", ":x"]),
    URLISH,
)


@given(st.one_of(st.text(max_size=80), URLISH, PIECES))
@example("http://example.org/?\\")
def test_any_text_is_canonical_for_good_or_no_url(text: str) -> None:
    try:
        made = canonical(text)
    except BadUrl:
        return
    assert canonical(made) == made
    assert made.isascii()
    assert "@" not in made.split("/")[2]
    assert "#" not in made


@given(PIECES, URLISH)
def test_a_link_from_a_page_is_canonical_too(base: str, text: str) -> None:
    try:
        made = canonical(text, canonical(base))
    except BadUrl:
        return
    assert canonical(made) == made


@given(st.text(alphabet=string.ascii_letters + "%/?#:.[]- \t\n&=+;~äß\u202e%2e", max_size=40))
@example("../a/./b/..")
@example("a b?c d#e")
@example(" ")
def test_a_path_on_the_host_of_the_page_is_what_the_whole_address_is(text: str) -> None:
    assert canonical(f"/x{text}", "https://example.org/y/z") == canonical(f"https://example.org/x{text}")


HOST = st.from_regex(r"[a-z0-9-]{1,4}(\.[a-z0-9-]{1,4}){0,3}", fullmatch=True)
PATH = st.from_regex(r"(/[a-zA-Z0-9_.~-]{0,5}){0,4}(\?[a-z0-9=&+.-]{0,6})?", fullmatch=True)


@given(HOST, PATH)
def test_the_short_cut_leads_to_the_same_place(name: str, path: str) -> None:
    url = f"http://{name}{path}"
    try:
        long_way = canonical(f" {url}#")  # what needs mending is not plain
    except BadUrl as error:
        long_way = type(error)
    try:
        short_cut = canonical(url)
    except BadUrl as error:
        short_cut = type(error)
    assert short_cut == long_way
