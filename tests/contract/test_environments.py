"""The environments that the Makefile makes: one rule for all, and in the demo's what its functions need."""

import re
import tomllib
from pathlib import Path

from earshot.cli.target import EXTRAS
from earshot.local.stack import FUNCTIONS

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
NOT_IN_THE_DEMO = {"scipy", "librosa", "llvmlite", "matplotlib", "pandas", "pillow", "scikit-learn", "torch"}
NAMED = re.compile(r"make extra NAME=([a-z]+(?:,[a-z]+)*)")


def test_every_environment_is_made_by_one_rule_with_a_pinned_pip_or_uv() -> None:
    rule, _, targets = MAKEFILE.partition("endef")
    assert "-m venv" in rule
    assert "pip==$(PIP)" in rule
    _, _, recipes = targets.partition("endef")
    assert [line for line in recipes.splitlines() if re.search(r"-m venv|-m pip|/pip ", line)] == []
    made = set(re.findall(r"\$\(call make_environment,\$\((\w+)\)", targets))
    assert made == set(re.findall(r"\$\(call install,\$\((\w+)\)", targets))


def test_the_demo_has_the_extras_of_the_functions_that_it_runs() -> None:
    extras = set(re.findall(r"^DEMO := (.*)$", MAKEFILE, re.MULTILINE)[0].split())
    assert set(FUNCTIONS) <= extras
    lock = (ROOT / "functions" / "local-requirements.txt").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    assert "onnxruntime" in locked
    assert NOT_IN_THE_DEMO & locked == set()


def test_every_extra_that_a_message_or_page_names_exists() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"].keys() | {
        "silero"
    }
    texts = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    named = {name for path in texts for names in NAMED.findall(path.read_text()) for name in names.split(",")}
    assert "exporter" in named
    assert named <= extras
    assert set(EXTRAS.values()) <= extras
    assert [path for path in texts if re.search(r"install[^\n]*earshot\[", path.read_text())] == []
