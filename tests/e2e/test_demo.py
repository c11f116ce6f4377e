"""The demo as a newcomer runs it, and every answer that the documents print, asked of what it leaves behind."""

import re
from pathlib import Path

import pytest
from rich.console import Console

from earshot.cli.display import table
from earshot.cli.target import Target
from tests.e2e.commands import earshot, said

ROOT = Path(__file__).parents[2]
QUESTIONS = re.findall(r"```sql\n(.*?)```\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def plain(text: str) -> list[str]:
    """A table's lines without their trailing space and empty lines."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_the_demo_ends_with_rows_refusals_an_answer_and_a_picture(demo: tuple[Path, str]) -> None:
    home, told = demo
    rows = {line.split("  ")[1].strip(): line.split() for line in told.splitlines() if line.startswith("  ")}
    assert "-20.00" in rows["Tone of 1 kHz"]
    assert {"Excellent", "Good", "Fair", "Poor"} <= {line[-1] for line in rows.values() if line}
    assert "not_audio" in told
    assert "source_gone" in told
    assert "17 recordings went in: 15 became rows, 2 refusals, 0 were lost." in told
    assert (home / "report.png").read_bytes().startswith(b"\x89PNG")


def test_the_readme_shows_what_the_demo_prints(demo: tuple[Path, str]) -> None:
    shown = re.search(r"<!-- demo -->\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown
    assert plain(shown.group(1)) == [line for line in plain(demo[1]) if line in plain(shown.group(1))]


@pytest.mark.parametrize(("question", "answer"), QUESTIONS, ids=range(len(QUESTIONS)))
def test_the_readme_prints_the_answer_of_each_question(demo_place: Target, question: str, answer: str) -> None:
    console = Console(width=120, highlight=False)
    with console.capture() as captured:
        console.print(table(demo_place.query(question)))
    assert plain(captured.get()) == plain(answer)


def test_what_the_demo_left_can_be_asked_again(demo: tuple[Path, str]) -> None:
    asked = earshot(demo[0], "sql", "SELECT COUNT(*) AS n FROM audio_info", "--format", "csv")
    assert said(asked).split()[-1] == "15"
