"""The demo as a newcomer runs it, and each query result in the README, compared with its tables."""

import re
from pathlib import Path

import pytest
from rich.console import Console

from earshot.cli.display import table
from earshot.cli.target import Target
from tests.e2e.commands import earshot, output

ROOT = Path(__file__).parents[2]
QUERIES = re.findall(r"```sql\n(.*?)```\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def plain(text: str) -> list[str]:
    """A table's lines without their trailing space and empty lines."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_the_demo_ends_with_rows_refusals_a_query_and_a_chart(demo: tuple[Path, str]) -> None:
    _, printed = demo
    measured = printed.partition("What was heard")[0]
    rows = {line.split("  ")[1].strip(): line.split() for line in measured.splitlines() if line.startswith("  ")}
    assert "-20.00" in rows["Tone of 1 kHz"]
    assert {"Excellent", "Good", "Fair", "Poor"} <= {line[-1] for line in rows.values() if line}
    assert "not_audio" in printed
    assert "source_gone" in printed
    assert "17 recordings submitted: 15 rows, 2 refusals, 0 lost." in printed
    assert "What was heard" in printed


def test_the_picture_in_the_readme_is_what_the_demo_draws(demo: tuple[Path, str]) -> None:
    assert (demo[0] / "report.svg").read_text() == (ROOT / "docs" / "images" / "demo.svg").read_text()


def test_the_readme_shows_what_the_demo_prints(demo: tuple[Path, str]) -> None:
    shown = re.search(r"<!-- demo -->\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown
    assert plain(shown.group(1)) == [line for line in plain(demo[1]) if line in plain(shown.group(1))]


@pytest.mark.parametrize(("query", "result"), QUERIES, ids=range(len(QUERIES)))
def test_the_readme_prints_the_result_of_each_query(demo_target: Target, query: str, result: str) -> None:
    console = Console(width=120, highlight=False)
    with console.capture() as captured:
        console.print(table(demo_target.query(query)))
    assert plain(captured.get()) == plain(result)


def test_the_tables_of_the_demo_can_be_queried_later(demo: tuple[Path, str]) -> None:
    queried = earshot(demo[0], "sql", "SELECT COUNT(*) AS n FROM audio_info", "--format", "csv")
    assert output(queried).split()[-1] == "15"
