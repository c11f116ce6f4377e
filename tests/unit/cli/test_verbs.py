"""The command line as a whole: help, version, verbs that are imported late, Ctrl-C."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from earshot.cli import app
from earshot.cli.verbs import VERBS


@pytest.mark.parametrize("name", VERBS)
def test_the_summary_of_a_verb_begins_its_own_help(name: str) -> None:
    assert " ".join((VERBS[name].load(name).help or "").split()).startswith(VERBS[name].summary.rstrip("."))


def test_help_lists_every_verb_without_importing_any() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from earshot.cli import app\n"
        "print(CliRunner().invoke(app, ['-h'], env={'COLUMNS': '200'}).stdout)\n"
        "heavy = ('google.cloud.bigquery', 'google.cloud.storage', 'pyarrow', 'matplotlib', 'requests')\n"
        "print('imported:', [name for name in heavy if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "imported: []" in out
    for name, verb in VERBS.items():
        assert f" {name} " in out
        assert verb.summary in out


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == "earshot 0.2.0\n"


def test_an_unknown_verb_is_wrong_usage_and_the_nearest_is_suggested() -> None:
    result = CliRunner().invoke(app, ["exprot"])
    assert result.exit_code == 2
    assert "Did you mean 'export'" in result.stderr


def test_ctrl_c_while_importing_ends_without_a_traceback() -> None:
    code = (
        "import sys\n"
        "class Interrupts:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupts())\n"
        "from earshot.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "Interrupted.\n")


def test_completion_can_be_installed() -> None:
    assert "--install-completion" in CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
