"""The list of recordings, in a browser."""

import json
import re
from typing import Any

import pytest

pytestmark = pytest.mark.page


def count(tab: Any) -> int:
    return int(re.search(r"[\d,]+", tab.locator("#count").inner_text())[0].replace(",", ""))


def test_each_facet_counts_what_group_by_counts(visitor: Any, stack: Any) -> None:
    visitor.tab.goto("/")
    for facet in ("heard", "energy", "licence", "host"):
        shown = {
            box.get_attribute("value"): int(box.locator("xpath=..").locator(".count").inner_text().replace(",", ""))
            for box in visitor.tab.locator(f".filters input[name={facet}]").all()
        }
        rows = stack.rows(f"SELECT {facet} AS value, COUNT(*) AS recordings FROM corpus GROUP BY {facet}")
        assert shown == {row["value"]: row["recordings"] for row in rows}
    assert visitor.complaints == []


def test_verdicts_count_as_the_view_of_verdicts_counts(visitor: Any, stack: Any) -> None:
    for policy in ("default", "asr", "tts"):
        visitor.tab.goto(f"/?policy={policy}")
        shown = {
            box.get_attribute("value"): int(box.locator("xpath=..").locator(".count").inner_text())
            for box in visitor.tab.locator(".filters input[name=verdict]").all()
        }
        rows = stack.rows(
            f"SELECT verdict, COUNT(*) AS recordings FROM audio_verdicts WHERE policy = '{policy}' GROUP BY verdict"
        )
        assert shown == {row["verdict"]: row["recordings"] for row in rows}


def test_a_facet_narrows_the_list_and_is_in_the_address(visitor: Any) -> None:
    visitor.tab.goto("/")
    whole = count(visitor.tab)
    with visitor.tab.expect_navigation():
        visitor.tab.locator("input[name=heard][value=music]").check()
    assert "heard=music" in visitor.tab.url
    assert 0 < count(visitor.tab) < whole
    assert set(
        visitor.tab.locator(".rows .heard").evaluate_all("all => all.map(one => one.className.split(' ')[1])")
    ) == {"c-music"}


def test_nothing_found_says_what_to_loosen(visitor: Any) -> None:
    visitor.tab.goto("/?measures=snr_db+%3E+500")
    assert "snr_db > 500" in visitor.tab.locator(".empty").inner_text()
    assert "nearest has snr_db" in visitor.tab.locator(".empty").inner_text()


def test_the_sql_that_is_shown_gives_the_same_recordings(visitor: Any, stack: Any) -> None:
    visitor.tab.goto("/?heard=speech&measures=snr_db+%3E+10")
    ids = visitor.tab.locator(".rows li").evaluate_all("all => all.map(one => one.dataset.id)")
    rows = stack.rows(visitor.tab.locator("#sql").text_content())
    assert [row["audio_id"] for row in rows] == ids


def test_the_corpus_works_without_javascript(chromium: Any, stack: Any) -> None:
    context = chromium.new_context(base_url=stack.page, java_script_enabled=False)
    tab = context.new_page()
    tab.goto("/")
    tab.locator("input[name=heard][value=noise]").check()
    tab.get_by_role("button", name="Apply").click()
    assert "heard=noise" in tab.url
    assert tab.locator(".rows li").count() > 0
    context.close()


def test_a_title_from_the_web_is_text_and_never_markup(visitor: Any, stack: Any) -> None:
    visitor.tab.goto("/?q=onerror")
    assert visitor.tab.locator(".rows li").count() == 1
    visitor.tab.locator(".rows .title").click()
    visitor.tab.wait_for_selector("#label", state="attached")
    visitor.tab.wait_for_timeout(500)
    assert "<img" in visitor.tab.locator("h1").get_attribute("title")
    assert visitor.tab.locator("h1 img").count() == 0
    assert (visitor.dialogs, visitor.complaints) == ([], [])


def test_the_files_of_the_list_have_its_lines(visitor: Any) -> None:
    visitor.tab.goto("/?heard=music")
    answer = visitor.context.request.get("/corpus.csv?heard=music")
    assert len(answer.text().splitlines()) - 1 == count(visitor.tab)
    assert visitor.context.request.get("/corpus.parquet?heard=music").body()[:4] == b"PAR1"


def test_the_columns_of_the_funnel_have_headings_that_can_be_read(visitor: Any) -> None:
    visitor.tab.goto("/funnel")
    headings = visitor.tab.locator(".funnel thead th")
    assert headings.all_inner_texts() == ["Step", "Outcome", "Reasons", "Recordings", "Duration"]
    for heading in headings.all():
        assert heading.evaluate("it => getComputedStyle(it).color") != "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("path", ["/refusals", "/funnel", "/models", "/next", "/upload", "/live"])
def test_every_page_opens_without_a_complaint(visitor: Any, path: str) -> None:
    assert visitor.tab.goto(path).status == 200
    assert visitor.complaints == []


@pytest.mark.parametrize("width", [360, 800, 1440])
@pytest.mark.parametrize("path", ["/", "/funnel", "/live", "/upload", "recording"])
def test_no_page_scrolls_sideways(chromium: Any, stack: Any, width: int, path: str) -> None:
    context = chromium.new_context(base_url=stack.page, viewport={"width": width, "height": 800})
    tab = context.new_page()
    tab.goto(path if path != "recording" else f"/r/{stack.audio_id('An answer')}")
    tab.wait_for_timeout(300)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/", "/?measures=snr_db+%3E+500", "/refusals", "/funnel", "/next", "/upload", "/live", "recording"]
)
def test_axe_finds_nothing_serious(chromium: Any, stack: Any, path: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(base_url=stack.page, color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.goto(path if path != "recording" else f"/r/{stack.audio_id('An answer')}")
    tab.wait_for_timeout(800)
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(tab, options=options).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    shown = [(one["id"], [node["html"][:120] for node in one["nodes"]][:4]) for one in grave]
    assert not grave, json.dumps(shown, indent=1)
    context.close()
