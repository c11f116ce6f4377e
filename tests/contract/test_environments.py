"""The environments that the Makefile makes: one rule for all, and in the demo's what its functions need."""

import re
from pathlib import Path

from earshot.local.stack import FUNCTIONS

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
NOT_IN_THE_DEMO = {"scipy", "librosa", "llvmlite", "matplotlib", "pandas", "pillow", "scikit-learn", "torch"}


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
