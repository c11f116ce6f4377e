"""The documents against the project: targets and verbs exist, links resolve, the columns page equals the schema."""

import ast
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earshot.cli import app
from earshot.cli.columns import page
from earshot.cli.verbs import VERBS

ROOT = Path(__file__).parents[2]
THE_OPERATORS_OWN = re.compile(r"terraform/(environments/(prod|staging)\b|.*\bterraform\.tfvars$)")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TARGETS = set(re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def blocks(path):
    """Lines of the shell in a page: `$ …` and lines of ```sh blocks, and commands in backticks."""
    text = path.read_text()
    for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", text, re.DOTALL):
        yield from (line.strip().removeprefix("$ ") for line in block.splitlines())
    yield from re.findall(r"`((?:make|earshot) [^`]+)`", text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_in_a_page_exists(path):
    named = {match for line in blocks(path) for match in re.findall(r"^make ([a-z][a-z0-9-]*)", line)}
    assert named <= TARGETS


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_verb_in_a_page_exists(path):
    named = {match for line in blocks(path) for match in re.findall(r"^(?:\S*/)?earshot ([a-z-]+)", line)}
    assert named <= VERBS.keys()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_into_the_tree_resolves(path):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text()):
        assert target.startswith(("http://", "https://")) or (path.parent / target).exists(), target


def test_every_decision_has_a_number_of_its_own_in_its_name_its_title_and_the_list():
    folder = ROOT / "docs" / "decisions"
    records = sorted(folder.glob("0*.md"))
    numbers = [path.name[:4] for path in records]
    assert numbers == [f"{n:04}" for n in range(1, len(records) + 1)]
    titles = {path.name[:4]: path.read_text().splitlines()[0] for path in records}
    assert [n for n, title in titles.items() if not title.startswith(f"# {n}: ")] == []
    listed = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \|", (folder / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == [(path.name[:4], path.name) for path in records]


def test_the_command_line_page_shows_every_verb():
    page = (ROOT / "docs" / "command-line.md").read_text()
    assert [verb for verb in sorted(VERBS) if f"`earshot {verb}" not in page] == []


STEPS = re.findall(
    r"^\| \d+ \| `([\w/]+\.py)` `(\w+)` \|", (ROOT / "docs" / "architecture.md").read_text(), re.MULTILINE
)


@pytest.mark.parametrize(("path", "name"), STEPS, ids=[f"{path}:{name}" for path, name in STEPS])
def test_every_step_of_the_architecture_page_names_what_exists(path, name):
    tree = ast.parse((ROOT / "functions" / path).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def test_the_architecture_page_follows_a_link_from_page_to_row():
    assert len(STEPS) >= 20
    assert STEPS[0][0].startswith("scraper/")
    assert STEPS[-1][0].startswith("earshot/adapters/")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_in_a_page_exists(path):
    """Paths in text and commands that begin with a folder of the project; `<function>` and globs stand for several."""
    named = re.findall(r"(?<![\w/.:-])((?:functions|tests|docs|terraform)/[\w./<>*-]*[\w>*/])", path.read_text())
    patterns = [re.sub(r"<\w+>", "*", name).rstrip("/") for name in named if not THE_OPERATORS_OWN.match(name)]
    assert [pattern for pattern in patterns if not list(ROOT.glob(pattern))] == []


def test_the_columns_page_equals_the_schema():
    assert (ROOT / "docs" / "columns.md").read_text() == page(), "make columns"


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_help_is_complete(verb):
    result = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    undescribed = [line for line in result.output.splitlines() if re.match(r"│\s+(--\S+)\s+│$", line)]
    assert undescribed == []
