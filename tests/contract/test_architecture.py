"""The plan of the house: what is where, how thin the shells are, how long the modules."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("scraper", "downloader", "analyser")


def modules():
    return sorted((ROOT / "functions").rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_one_subject(path):
    assert len(path.read_text().splitlines()) <= 250


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is(path):
    assert not path.read_text().strip() or ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("room", FUNCTIONS)
def test_a_front_door_is_told_builds_and_hands_over(room):
    path = ROOT / "functions" / room / "main.py"
    tree = ast.parse(path.read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.Try)]
    assert len(path.read_text().splitlines()) <= 45


@pytest.mark.parametrize("room", FUNCTIONS)
def test_one_word_a_room(room):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    source = (ROOT / "functions" / room / "main.py").read_text()
    assert room in extras
    assert f"def {room}(" in source
    assert (ROOT / "functions" / room / "requirements.txt").exists()


def test_nothing_is_called_utils():
    names = {path.stem for path in modules()}
    assert not names & {"utils", "helpers", "common", "manager", "misc"}


def test_no_other_folder_at_the_top():
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    assert folders <= {"functions", "terraform", "tests", "docs"}


@pytest.mark.parametrize("room", ["scraper", "downloader"])
def test_a_room_that_measures_nothing_loads_neither_numpy_nor_bigquery(room):
    """As a process of its own, as functions-framework loads it: the file by path, inside an application."""
    source = ROOT / "functions" / room / "main.py"
    program = (
        "import flask, runpy, sys\n"
        f"with flask.Flask('{room}').app_context():\n"
        f"    runpy.run_path({str(source)!r})\n"
        "print(*sorted({'numpy', 'google.cloud.bigquery', 'soundfile', 'librosa'} & sys.modules.keys()))\n"
    )
    told = {"GOOGLE_CLOUD_PROJECT": "tests", "EARSHOT_BUCKET": "shelf", "EARSHOT_LOG_LEVEL": "ERROR"}
    emulators = {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:1", "PUBSUB_EMULATOR_HOST": "127.0.0.1:1"}
    loaded = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **told, **emulators}, capture_output=True, text=True
    )
    assert (loaded.returncode, loaded.stdout.strip()) == (0, ""), loaded.stderr


def test_a_long_crawl_needs_no_more_than_the_scraper_has():
    """It runs in the scraper's image, which has neither the command line nor the tables' client."""
    program = (
        "import sys; import earshot.crawl_job\n"
        "print(*sorted({'numpy', 'google.cloud.bigquery', 'typer', 'rich'} & sys.modules.keys()))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (loaded.returncode, loaded.stdout.strip()) == (0, ""), loaded.stderr


@pytest.mark.parametrize("room", ["scraper", "downloader"])
def test_a_room_that_measures_nothing_installs_neither(room):
    locked = (ROOT / "functions" / room / "requirements.txt").read_text()
    assert not re.search(r"^(numpy|google-cloud-bigquery|librosa|av|soundfile)==", locked, re.MULTILINE)


@pytest.mark.parametrize("path", [*sorted(ROOT.glob("functions/*/requirements.txt")), ROOT / "tests/requirements.txt"])
def test_a_lock_has_hashes_and_no_address(path):
    text = path.read_text()
    assert "://" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


def test_the_conductor_knows_the_house_from_outside_only():
    tree = ast.parse((ROOT / "functions" / "conductor" / "dag.py").read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "airflow.sdk" in names
    assert not [name for name in names if name.split(".")[0] == "earshot"]
