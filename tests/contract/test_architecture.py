"""The structure of the project: where things are, how thin the entry points and how long the modules may be."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("scraper", "downloader", "analyser", "committer")


def modules():
    return sorted((ROOT / "functions").rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_at_most_250_lines_long(path):
    assert len(path.read_text().splitlines()) <= 250


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_a_docstring(path):
    assert not path.read_text().strip() or ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_entry_point_is_short_and_has_no_branch(function):
    path = ROOT / "functions" / function / "main.py"
    tree = ast.parse(path.read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.Try)]
    assert len(path.read_text().splitlines()) <= 45


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_extra_the_entry_point_and_the_lock_have_the_function_s_name(function):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    source = (ROOT / "functions" / function / "main.py").read_text()
    assert function in extras
    assert f"def {function}(" in source
    assert (ROOT / "functions" / function / "requirements.txt").exists()


def test_nothing_is_called_utils():
    names = {path.stem for path in modules()}
    assert not names & {"utils", "helpers", "common", "manager", "misc"}


def test_no_other_folder_at_the_top():
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    assert folders <= {"functions", "terraform", "tests", "docs"}


@pytest.mark.parametrize("function", ["scraper", "downloader"])
def test_scraper_and_downloader_load_neither_numpy_nor_bigquery(function):
    """As a process of its own, as functions-framework loads it: the file by path, inside an application."""
    source = ROOT / "functions" / function / "main.py"
    program = (
        "import flask, runpy, sys\n"
        f"with flask.Flask('{function}').app_context():\n"
        f"    runpy.run_path({str(source)!r})\n"
        "print(*sorted({'numpy', 'google.cloud.bigquery', 'soundfile', 'librosa'} & sys.modules.keys()))\n"
    )
    environment = {"GOOGLE_CLOUD_PROJECT": "tests", "EARSHOT_BUCKET": "audio", "EARSHOT_LOG_LEVEL": "ERROR"}
    emulators = {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:1", "PUBSUB_EMULATOR_HOST": "127.0.0.1:1"}
    loaded = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment, **emulators}, capture_output=True, text=True
    )
    assert (loaded.returncode, loaded.stdout.strip()) == (0, ""), loaded.stderr


def test_a_long_crawl_runs_with_the_scraper_s_dependencies():
    """It runs in the scraper's image, which has neither the command line nor the tables' client."""
    program = (
        "import sys; import earshot.crawl_job\n"
        "print(*sorted({'numpy', 'google.cloud.bigquery', 'typer', 'rich'} & sys.modules.keys()))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (loaded.returncode, loaded.stdout.strip()) == (0, ""), loaded.stderr


@pytest.mark.parametrize("function", ["scraper", "downloader"])
def test_scraper_and_downloader_install_neither_numpy_nor_bigquery(function):
    locked = (ROOT / "functions" / function / "requirements.txt").read_text()
    assert not re.search(r"^(numpy|google-cloud-bigquery|librosa|av|soundfile)==", locked, re.MULTILINE)


@pytest.mark.parametrize("path", [*sorted(ROOT.glob("functions/*/requirements.txt")), ROOT / "tests/requirements.txt"])
def test_a_lock_has_hashes_and_no_address(path):
    text = path.read_text()
    assert "://" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


def test_the_dag_imports_airflow_and_nothing_of_the_package():
    tree = ast.parse((ROOT / "functions" / "conductor" / "dag.py").read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "airflow.sdk" in names
    assert not [name for name in names if name.split(".")[0] == "earshot"]
