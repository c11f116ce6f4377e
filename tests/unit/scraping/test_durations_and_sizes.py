import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.scraping.durations_and_sizes import bit_rate_bps, duration_ms, milliseconds, size_bytes


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("PT1H2M3.5S", 3_723_500),
        ("PT0,5S", 500),
        ("P1DT1S", 86_401_000),
        ("PT90M", 5_400_000),
        ("1:02:03", 3_723_000),
        ("62:03", 3_723_000),
        ("3723.5", 3_723_500),
        (61, 61_000),
        (61.25, 61_250),
    ],
)
def test_a_duration_is_read_in_each_of_its_forms(text: object, milliseconds: int) -> None:
    assert duration_ms(text) == milliseconds


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "PT0S", "0", "-1", "1:2:3:4", "soon", "nan", "inf", "99999999", None, []]
)
def test_what_is_no_duration_is_none(text: object) -> None:
    assert duration_ms(text) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [("123", 123), (123, 123), ("5.2 MB", 5_200_000), ("5MiB", 5_242_880), ("1,5 kB", 1500), ("2G", 2_000_000_000)],
)
def test_a_size_is_read_in_each_of_its_forms(text: object, size: int) -> None:
    assert size_bytes(text) == size


@pytest.mark.parametrize("text", ["", "0", "-5", "many", "5 TB", "1e9", None])
def test_what_is_no_size_is_none(text: object) -> None:
    assert size_bytes(text) is None


@pytest.mark.parametrize(
    ("text", "rate"),
    [("128000", 128_000), (320_000, 320_000), ("128 kbit/s", 128_000), ("64k", 64_000), ("96.5 kbps", 96_500)],
)
def test_a_bit_rate_is_read_in_each_of_its_forms(text: object, rate: int) -> None:
    assert bit_rate_bps(text) == rate


@pytest.mark.parametrize("text", ["", "0", "-5", "fast", "100000001", "1 Mbit/s", None])
def test_what_is_no_bit_rate_is_none(text: object) -> None:
    assert bit_rate_bps(text) is None


def test_milliseconds_reach_to_thirty_days() -> None:
    assert (milliseconds("1"), milliseconds(2_592_000_000)) == (1, 2_592_000_000)
    assert [milliseconds(text) for text in ("0", "2592000001", "-1", "1.5", "\u0661", "9" * 19, None)] == [None] * 7


def test_a_size_stays_below_what_a_double_holds_exactly() -> None:
    assert size_bytes("9000000 GB") == 9_000_000_000_000_000
    assert size_bytes("9100000 GB") is None


@given(st.one_of(st.text(max_size=20), st.from_regex(r"[PT0-9HMSD:.,]{0,12}", fullmatch=True)))
def test_any_text_is_an_amount_or_none(text: str) -> None:
    assert (duration_ms(text) or 1) > 0
    assert (size_bytes(text) or 1) > 0
