import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.scraping.licences import UNKNOWN, spdx

KNOWN = [
    ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
    ("http://www.creativecommons.org/licenses/by-nc-sa/3.0", "CC-BY-NC-SA-3.0"),
    ("//creativecommons.org/licenses/by-nd/2.0/legalcode", "CC-BY-ND-2.0"),
    ("https://creativecommons.org/licenses/by-sa/4.0/deed.de", "CC-BY-SA-4.0"),
    ("https://creativecommons.org/licenses/by/3.0/de/", "CC-BY-3.0-DE"),
    ("https://creativecommons.org/licenses/BY/4.0/", "CC-BY-4.0"),
    ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
    ("https://creativecommons.org/publicdomain/mark/1.0/deed.en", "CC-PDM-1.0"),
    ("https://spdx.org/licenses/MIT.html", "MIT"),
    ("https://opensource.org/licenses/Apache-2.0", "Apache-2.0"),
    ("CC-BY-4.0", "CC-BY-4.0"),
    ("cc-by-nc-4.0", "CC-BY-NC-4.0"),
    ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
    ("CC BY NC ND 4.0", "CC-BY-NC-ND-4.0"),
    ("cc0", "CC0-1.0"),
    ("CC0 1.0 Universal", "CC0-1.0"),
    ("Creative Commons Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0"),
    ("Creative Commons Attribution-NonCommercial-NoDerivs 3.0 Unported License", "CC-BY-NC-ND-3.0"),
    ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
]
NOT_KNOWN = [
    None,
    "",
    "CC BY",
    "Creative Commons",
    "all rights reserved",
    "free to use",
    "public domain",
    "https://creativecommons.org/licenses/by/9.9/",
    "https://creativecommons.org/licenses/by/3.0/zz/",
    "https://creativecommons.org/licenses/sampling+/1.0/",
    "https://creativecommons.org/licenses/",
    "https://creativecommons.org.example/licenses/by/4.0/",
    "https://example.org/?https://creativecommons.org/licenses/by/4.0/",
    "https://spdx.org/",
    "https://[::1",
    "LicenseRef-mine",
    "MIT OR",
    "(" * 500,
]


@pytest.mark.parametrize(("declared", "identifier"), KNOWN)
def test_a_declared_licence_is_known_by_its_spdx_name(declared: str, identifier: str) -> None:
    assert spdx(declared) == identifier


@pytest.mark.parametrize("declared", NOT_KNOWN)
def test_nothing_is_guessed(declared: str | None) -> None:
    assert spdx(declared) == UNKNOWN


@given(
    st.one_of(
        st.text(max_size=60), st.from_regex(r"(https?://creativecommons\.org/)?[a-z0-9/ .()-]{0,40}", fullmatch=True)
    )
)
def test_any_statement_is_a_licence_or_unknown(declared: str) -> None:
    assert spdx(declared)
