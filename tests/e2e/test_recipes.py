"""The printed result of each recipe, queried from the tables of the demo."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from earshot.cli.display import table
from earshot.cli.target import Target, of
from earshot.local.stack import warehouse

PAGE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text()
RECIPES = re.findall(r"^\*\*(\d+)\. (.*?)\*\*.*?```sql\n(.*?)```\n```\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def demo_tables(demo: tuple[Path, str]) -> Iterator[Target]:
    """The warehouse of the demo, opened once for all queries."""
    with warehouse(demo[0]) as endpoints, of(endpoints) as target:
        yield target


def plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_there_are_sixteen_and_each_has_a_result():
    assert [int(number) for number, *_ in RECIPES] == list(range(1, 17))
    assert PAGE.count("```sql") == 16


@pytest.mark.parametrize(("number", "question", "sql", "answer"), RECIPES, ids=[number for number, *_ in RECIPES])
def test_a_recipe_prints_its_result(demo_tables, number, question, sql, answer):
    console = Console(width=120, highlight=False)
    with console.capture() as captured:
        console.print(table(demo_tables.query(sql)))
    assert plain(captured.get()) == plain(answer)
