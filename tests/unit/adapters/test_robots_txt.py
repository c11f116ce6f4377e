import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.adapters.robots_txt import product, read

CLOSED = "\nDisallow: /\n"


def allows(robots: str, path: str = "/a.mp3") -> bool:
    return read(robots, "earshot").allows(path)


@pytest.mark.parametrize(
    "robots",
    [
        "User-agent: earshot/0.1 (+https://me.example/bot)" + CLOSED,
        "User-agent: earshot bot" + CLOSED,
        "User-agent: EarShot/2" + CLOSED,
        "user-agent:earshot" + CLOSED,
        "User-agent: *" + CLOSED,
        "User-agent: * # everybody" + CLOSED,
        "User-agent: other\nUser-agent: earshot" + CLOSED,
        "User-agent: earshot\nSitemap: /s.xml\nUser-agent: other" + CLOSED,
        "User-agent: earshot\nCrawl-delay: 5\n\nUser-agent: other" + CLOSED,
        "User-agent: earshot\nsome words\nUser-agent: other" + CLOSED,
        "User-agent: other\nAllow: /\nUser-agent: earshot" + CLOSED,
        "User-agent: earshot\nAllow: /b\n\nUser-agent: earshot" + CLOSED,
        "User-agent: earshot\r\nDisallow: /\r\n",
        "User-agent: earshot\rDisallow: /",
        "User-agent: earshot\nDisallow : /",
        "User-agent: earshot\nDisallow /",
        "User-agent: earshot\nDissallow: /",
        "Useragent: earshot\nDisallow: /",
        "User-agent: earshot\nDisallow: a.mp3",
        "User-agent: earshot\nDisallow: *.mp3$",
        "User-agent: earshot\nDisallow: /%61.mp3",
        "User-agent: earshot\nAllow: /a\nDisallow: /a.mp",
    ],
)
def test_a_group_for_us_or_for_all_binds_us(robots: str) -> None:
    assert not allows(robots)


@pytest.mark.parametrize(
    "robots",
    [
        "",
        "Disallow: /",
        "User-agent: ear" + CLOSED,
        "User-agent: earshot-images" + CLOSED,
        "User-agent: Mozilla/5.0 (compatible; earshot)" + CLOSED,
        "User-agent: other" + CLOSED,
        "User-agent: *" + CLOSED + "User-agent: earshot\nDisallow:\n",
        "User-agent: *" + CLOSED + "User-agent: earshot\nAllow: /",
        "User-agent: earshot\nDisallow: /A.mp3",
        "User-agent: earshot\nDisallow: /a.mp3\nAllow: /a.mp3",
        "User-agent: earshot\nDisallow: /a\nAllow: /a.mp3",
        "User-agent: earshot\n# Disallow: /",
        "User-agent: other\nDisallow: /\nUser-agent: earshot\nDisallow: /b",
    ],
)
def test_other_groups_and_shorter_rules_do_not(robots: str) -> None:
    assert allows(robots)


@pytest.mark.parametrize(
    ("lines", "delay_s"),
    [
        ("Crawl-delay: 5", 5),
        ("Crawl-delay: 0.5", 0.5),
        ("Request-rate: 1/10", 10),
        ("Request-rate: 2/1m 0600-0845", 30),
        ("Crawl-delay: 5\nRequest-rate: 1/10", 10),
        ("Crawl-delay: soon", 0),
        ("Crawl-delay: -5", 0),
        ("Crawl-delay: inf", 0),
        ("Crawl-delay: nan", 0),
        ("Crawl-delay: " + "9" * 5000, 0),
        ("Request-rate: 0/10", 0),
        ("Request-rate: /", 0),
        ("User-agent: other\nCrawl-delay: 9", 9),
    ],
)
def test_the_pause_that_is_asked_for(lines: str, delay_s: float) -> None:
    assert read(f"User-agent: earshot\n{lines}\nDisallow:", "earshot").delay_s == delay_s


def test_the_pause_of_others_is_not_ours() -> None:
    assert read("User-agent: slowbot\nCrawl-delay: 100\n\nUser-agent: *\nDisallow: /x", "earshot").delay_s == 0


@pytest.mark.parametrize(
    ("value", "token"), [("earshot/1", "earshot"), ("* ", "*"), ("", ""), ("é", ""), ("a_b-c d", "a_b-c")]
)
def test_a_product_token_is_what_a_name_begins_with(value: str, token: str) -> None:
    assert product(value) == token


@given(st.text(max_size=300), st.text(max_size=50))
def test_any_text_is_read_without_complaint(text: str, path: str) -> None:
    rules = read(f"User-agent: *\nDisallow: {text}\n{text}", "earshot")
    assert rules.allows(path) in (True, False)
    assert rules.delay_s >= 0
